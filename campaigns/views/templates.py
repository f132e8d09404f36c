"""Email templates: editor, duplicate, remove."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from campaigns.content.starters import STARTERS, starter
from campaigns.forms.attachments import AttachmentForm
from campaigns.forms.templates import TemplateForm, in_words, shown_problems
from campaigns.models import EmailTemplate
from campaigns.placeholder_picker import placeholder_groups, tracking_url_groups
from campaigns.templates_store import (
    TemplateChanged,
    TemplateInUse,
    create_template,
    duplicate_template,
    remove_template,
    save_template,
    where_used,
)
from campaigns.views.attachments import attached
from campaigns.views.pages import Question, ask, posted, way_back
from crm.access import Request, marketer
from crm.models import Record

MOST_PEOPLE_OFFERED = 30


@marketer
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: Request) -> HttpResponse:
    form = TemplateForm(posted(request), initial=_starter(request))
    if request.method == "POST" and form.is_valid():
        template = create_template(request.user, form.cleaned_data)
        return _saved(request, form, template)
    more = {"starters": STARTERS, "chosen_starter": request.GET.get("starter", "")}
    return _editor(request, form, None, more)


def _starter(request: Request) -> dict[str, Any]:
    """The starter that the address names; nothing for an empty beginning."""
    chosen = starter(request.GET.get("starter", ""))
    if chosen is None:
        return {}
    return {"subject": chosen.subject, "preview_text": chosen.preview_text, "body": chosen.html}


@marketer
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: Request, pk: int) -> HttpResponse:
    template = get_object_or_404(EmailTemplate, pk=pk)
    form = TemplateForm(posted(request), instance=template)
    if request.method == "POST" and form.is_valid():
        stored = EmailTemplate.objects.get(pk=pk)
        try:
            save_template(stored, request.user, form.cleaned_data, seen=form.cleaned_data["version"])
        except TemplateChanged:
            form.add_error(None, _("Somebody else saved this template meanwhile. Copy your text, then load it again."))
        else:
            return _saved(request, form, stored)
    template = EmailTemplate.objects.get(pk=pk)  # the form has written into the one it was given
    return _editor(request, form, template)


def _saved(request: Request, form: TemplateForm, template: EmailTemplate) -> HttpResponse:
    messages.success(request, _("Saved as version %(version)s.") % {"version": template.version})
    for problem in form.warnings[:3]:
        messages.warning(request, in_words(problem))
    back = way_back(request, "")
    mark = "&" if "?" in back else "?"
    return redirect(f"{back}{mark}template={template.pk}" if back else template.get_absolute_url())


def _editor(
    request: Request, form: TemplateForm, template: EmailTemplate | None, more: dict[str, Any] | None = None
) -> HttpResponse:
    context = {
        "form": form, "template": template,
        "used": list(where_used(template)[:20]) if template else [],
        "placeholders": placeholder_groups(),
        "tracking_urls": tracking_url_groups(),
        "people": _people_to_preview_as(),
        "next": way_back(request, ""),
        "problems": shown_problems(form.problems, form.draft_mode),
        **(_attachments(template) if template else {}),
        **(more or {}),
    }  # fmt: skip
    return render(request, "campaigns/template_form.html", context, status=422 if form.is_bound else 200)


def _attachments(template: EmailTemplate) -> dict[str, Any]:
    return {"attached": attached(template), "attachment_form": AttachmentForm(template=template)}


def _people_to_preview_as() -> list[Record]:
    rows = Record.objects.exclude(email_address=None).for_list().order_by("pk")
    return list(rows[:MOST_PEOPLE_OFFERED])


@marketer
@require_POST
def duplicate(request: Request, pk: int) -> HttpResponse:
    template = get_object_or_404(EmailTemplate, pk=pk)
    copy = duplicate_template(template, request.user)
    messages.success(request, _("This is the copy."))
    return redirect(copy)


@marketer
@require_http_methods(["GET", "HEAD", "POST"])
def remove(request: Request, pk: int) -> HttpResponse:
    template = get_object_or_404(EmailTemplate, pk=pk)
    if request.method != "POST":
        return ask(request, _question(template), template)
    try:
        remove_template(template, request.user)
    except TemplateInUse as refusal:
        return ask(request, _question(template, str(refusal)), template, status=422)
    messages.success(request, _("The template was removed."))
    return redirect("campaigns:template_list")


def _question(template: EmailTemplate, refusal: str = "") -> Question:
    used = template.mass_emails.count()
    sentences = [_("All its versions are removed with it. Mails already being sent do not change.")]
    if used:
        text = ngettext(
            "%(n)s mass email uses it.", "%(n)s mass emails use it; drafts among them need another template.", used
        )
        sentences.insert(0, text % {"n": used})
    return Question(
        _("Remove the template “%(name)s”?") % {"name": template.name}, sentences, _("Remove"),
        reverse("campaigns:template_edit", args=[template.pk]), refusal=refusal,
    )  # fmt: skip
