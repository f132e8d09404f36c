"""Live preview and check of a template that is being written, and the preview of a stored one."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_POST, require_safe

from campaigns.composing import compose
from campaigns.forms.templates import shown_problems
from campaigns.models import COMPOSITION_FIELDS, EmailTemplate, TemplateMode
from campaigns.views.preview import mail_document, record_in
from crm.access import Request, marketer, reader


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


@reader
@require_safe
def template_preview(request: Request, pk: int) -> HttpResponse:
    template = get_object_or_404(EmailTemplate, pk=pk)
    return mail_document(template, None, record_in(request), request)
