"""Autosave of the template editor: keeps what is typed as the author's draft, which nothing is sent from."""

from typing import Any

from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from campaigns.models import EmailTemplate
from campaigns.template_drafts import (
    FIELDS,
    DraftChanged,
    DraftTooBig,
    differing,
    drop_draft,
    keep_draft,
    label_of,
    typed,
)
from campaigns.templates_store import TemplateChanged
from campaigns.views.mass_email_autosave import saved_words
from crm.access import Request, marketer


@marketer
@require_POST
def autosave_new(request: Request) -> HttpResponse:
    return _autosave(request, None)


@marketer
@require_POST
def autosave(request: Request, pk: int) -> HttpResponse:
    return _autosave(request, get_object_or_404(EmailTemplate, pk=pk))


@marketer
@require_POST
def discard(request: Request, pk: int) -> HttpResponse:
    """Back to what is stored."""
    template = get_object_or_404(EmailTemplate, pk=pk)
    drop_draft(request.user, template)
    return redirect(template)


@marketer
@require_POST
def discard_new(request: Request) -> HttpResponse:
    drop_draft(request.user, None)
    return redirect("campaigns:template_new")


def _autosave(request: Request, template: EmailTemplate | None) -> HttpResponse:
    values = request.POST.dict()
    version, seen = (_number(values.get(name, "")) for name in ("version", "revision"))
    try:
        revision = keep_draft(request.user, template, values, base_version=version, seen=seen)
    except DraftTooBig:
        return JsonResponse({"said": _("Not saved yet. This is longer than a template can be.")}, status=422)
    except (DraftChanged, TemplateChanged):
        context = conflict(template, values, request.user)
        return render(request, "campaigns/autosave_conflict.html", context, status=409)
    said = _("%(saved)s, for you only") % {"saved": saved_words()} if revision else _("As saved")
    return JsonResponse({"set": {"revision": revision}, "said": said})


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 10 else 0


def conflict(template: EmailTemplate | None, values: dict[str, Any], user: object) -> dict[str, Any]:
    """Context of campaigns/autosave_conflict.html: who saved when, and the fields in which this page differs."""
    if template is None:
        return {"by": user, "at": None, "version": 0, "fields": [], "page": reverse("campaigns:template_new")}
    last = template.versions.select_related("saved_by").first()
    is_newer = str(values.get("version", "")) != str(template.version)
    names = differing(template, typed(values))
    return {
        "by": last.saved_by if last and is_newer else user, "at": template.modified_at if is_newer else None,
        "version": template.version, "page": template.get_absolute_url(),
        "fields": [label_of(name) for name in FIELDS if name in names],
    }  # fmt: skip
