"""Live preview and check of a template that is being written, and the preview of a stored one."""

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_POST, require_safe

from campaigns.composing import compose
from campaigns.content.content import render as render_part
from campaigns.content.starters import starter
from campaigns.forms.templates import shown_problems
from campaigns.models import COMPOSITION_FIELDS, EmailTemplate, TemplateMode
from campaigns.views.pages import searched
from campaigns.views.preview import mail_document, named, record_in
from crm.access import Request, marketer, reader
from crm.entities.finding import search_records
from crm.models import Record

MOST_PEOPLE_OFFERED = 30


def _draft(request: Request) -> EmailTemplate:
    """What stands in the editor now; whatever is missing is empty."""
    values = {name: request.POST.get(name, "") for name in COMPOSITION_FIELDS}
    if values["mode"] not in TemplateMode.values:
        values["mode"] = TemplateMode.HTML
    return EmailTemplate(**values)


@marketer
@require_POST
def draft_preview(request: Request) -> HttpResponse:
    """Posted by the editor into the preview frame. Writes nothing."""
    return mail_document(_draft(request), None, record_in(request), request)


@marketer
@require_POST
def draft_check(request: Request) -> HttpResponse:
    """The problems of what stands in the editor, for the live region under it. Writes nothing."""
    draft = _draft(request)
    _content, problems = compose(draft, None)
    context = {"problems": shown_problems(problems, draft.mode), "is_checked": True}
    return render(request, "campaigns/template_problems.html", context)


@marketer
@require_POST
def draft_text(request: Request) -> HttpResponse:
    """The text that is made from the HTML in the editor, with its placeholders, for the field of the text part."""
    draft = _draft(request)
    draft.text_body = ""
    content, _problems = compose(draft, None)
    return HttpResponse(render_part(content.text, named), content_type="text/plain; charset=utf-8")


@reader
@require_safe
def preview_people(request: Request) -> HttpResponse:
    """The choices of *Preview as* for a search."""
    return render(request, "campaigns/preview_options.html", {"people": people_to_preview_as(searched(request))})


def people_to_preview_as(text: str) -> list[Record]:
    rows = Record.objects.exclude(email_address=None).for_list()
    return list((search_records(rows, text) if text else rows).order_by("pk")[:MOST_PEOPLE_OFFERED])


@reader
@require_safe
def starter_preview(request: Request, key: str) -> HttpResponse:
    chosen = starter(key)
    if chosen is None:
        raise Http404
    template = EmailTemplate(subject=chosen.subject, preview_text=chosen.preview_text, body=chosen.html)
    return mail_document(template, None, None, request)


@reader
@require_safe
def template_preview(request: Request, pk: int) -> HttpResponse:
    template = get_object_or_404(EmailTemplate, pk=pk)
    return mail_document(template, None, record_in(request), request)
