"""Email templates: editor, duplicate, remove."""

from collections.abc import Callable
from typing import Any, TypeVar, cast

from csp.constants import NONCE
from csp.decorators import csp_update
from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from campaigns.content.starters import STARTERS, starter
from campaigns.forms.attachments import AttachmentForm
from campaigns.forms.templates import TemplateForm, in_words, shown_problems
from campaigns.models import COMPOSITION_FIELDS, EmailTemplate, TemplateDraft, TemplateStatus
from campaigns.placeholder_picker import completions, placeholder_groups, tracking_url_groups
from campaigns.template_drafts import draft_of, drop_draft
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
from campaigns.views.template_autosave import conflict
from campaigns.views.template_preview import people_to_preview_as
from crm.access import Request, marketer

MOST_BEGINNINGS = 24
View = TypeVar("View", bound=Callable[..., HttpResponseBase])


def _code_editor(view: View) -> View:
    """CodeMirror writes a style element: the nonce lets in that one and no other."""
    update: Any = csp_update({"style-src": [NONCE]})
    return cast(View, update(view))


@_code_editor
@marketer
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: Request) -> HttpResponse:
    """Without a beginning chosen: the gallery of beginnings."""
    if request.method != "POST" and not {"starter", "from"} & request.GET.keys():
        return _beginnings(request)
    draft = draft_of(request.user, None)
    goes_on = draft is not None and request.GET.get("starter") == "draft"
    first = initial_of(draft) if draft and goes_on else _beginning(request)
    form = TemplateForm(posted(request), initial=first)
    if request.method == "POST" and form.is_valid():
        template = create_template(request.user, form.cleaned_data)
        drop_draft(request.user, None)
        return _saved(request, form, template)
    more = {"draft": draft, "goes_on": goes_on, "revision": draft.revision if draft else 0}
    return _editor(request, form, None, more)


def _beginnings(request: Request) -> HttpResponse:
    own = EmailTemplate.objects.filter(status=TemplateStatus.ACTIVE).defer("body", "text_body").order_by("-modified_at")
    context = {
        "starters": STARTERS, "templates": own[:MOST_BEGINNINGS], "draft": draft_of(request.user, None),
        "next": way_back(request, ""),
    }  # fmt: skip
    return render(request, "campaigns/template_new.html", context)


def _beginning(request: Request) -> dict[str, Any]:
    """The starter or the template that the address names; nothing for an empty beginning."""
    chosen = starter(request.GET.get("starter", ""))
    if chosen is not None:
        return {"subject": chosen.subject, "preview_text": chosen.preview_text, "body": chosen.html}
    number = request.GET.get("from", "")
    known = EmailTemplate.objects.filter(pk=int(number)) if number.isdecimal() and len(number) < 18 else None
    return (known.values(*COMPOSITION_FIELDS, "category").first() or {}) if known is not None else {}


@_code_editor
@marketer
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: Request, pk: int) -> HttpResponse:
    template = get_object_or_404(EmailTemplate, pk=pk)
    draft = draft_of(request.user, template)
    form = TemplateForm(posted(request), instance=template, initial=initial_of(draft) if draft else {})
    more: dict[str, Any] = {"draft": draft, "goes_on": draft is not None, "revision": draft.revision if draft else 0}
    if request.method == "POST" and form.is_valid():
        stored = EmailTemplate.objects.get(pk=pk)
        seen = form.cleaned_data["overwrite"] or form.cleaned_data["version"]
        try:
            save_template(stored, request.user, form.cleaned_data, seen=seen)
        except TemplateChanged:
            form.add_error(None, _("Somebody else saved this template meanwhile: nothing was overwritten."))
            more["conflict"] = conflict(stored, request.POST.dict(), request.user)
        else:
            drop_draft(request.user, stored)
            return _saved(request, form, stored)
    template = EmailTemplate.objects.get(pk=pk)  # the form has written into the one it was given
    return _editor(request, form, template, more)


def initial_of(draft: TemplateDraft) -> dict[str, Any]:
    """What was typed, as the first values of the form."""
    values = {**draft.values, "is_one_off": bool(draft.values.get("is_one_off"))}
    return {**values, "version": draft.base_version}


def _saved(request: Request, form: TemplateForm, template: EmailTemplate) -> HttpResponse:
    messages.success(request, _("Saved as version %(version)s.") % {"version": template.version})
    for problem in form.warnings[:3]:
        messages.warning(request, in_words(problem))
    if back := way_back(request, ""):
        mark = "&" if "?" in back else "?"
        return redirect(f"{back}{mark}template={template.pk}")
    closes = request.POST.get("then") == "close"
    return redirect("campaigns:template_list") if closes else redirect(template)


def _editor(request: Request, form: TemplateForm, template: EmailTemplate | None, more: dict[str, Any]) -> HttpResponse:
    used = list(where_used(template)[:20]) if template else []
    context = {
        "form": form, "template": template, "used": used,
        "sends_test": next((mass_email for mass_email in used if mass_email.is_editable), None),
        "placeholders": placeholder_groups(),
        "tracking_urls": tracking_url_groups(),
        "completions": completions(),
        "people": people_to_preview_as(""),
        "next": way_back(request, ""),
        "problems": shown_problems(form.problems, form.draft_mode),
        **(_attachments(template) if template else {}),
        **more,
    }  # fmt: skip
    return render(request, "campaigns/template_form.html", context, status=422 if form.is_bound else 200)


def _attachments(template: EmailTemplate) -> dict[str, Any]:
    return {"attached": attached(template), "attachment_form": AttachmentForm(template=template)}


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
