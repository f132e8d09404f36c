"""Autosave of mass emails: the form posted by script while somebody writes. Only Drafts are written to.

Answers: 200 with the version now stored, 409 with what the page shows about the conflict, 422 with the first thing to
mend. The editor's Save button does the same without script.
"""

from typing import Any

from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from campaigns.forms.mass_emails import MassEmailForm
from campaigns.mass_email_store import (
    GUARDS,
    MassEmailChanged,
    SendingBegan,
    autosave_mass_email,
    create_mass_email,
    seen_version,
)
from campaigns.models import Campaign, MassEmail
from crm.access import Request, marketer


@marketer
@require_POST
def autosave_new(request: Request, pk: int) -> HttpResponse:
    """The first autosave of a new one makes the Draft; the page goes on as its editor."""
    campaign = get_object_or_404(Campaign, pk=pk)
    form = MassEmailForm(request.POST)
    if not campaign.sends_email or not form.is_valid():
        return to_mend(form)
    return _saved(create_mass_email(form, campaign, request.user))


@marketer
@require_POST
def autosave(request: Request, pk: int) -> HttpResponse:
    mass_email = get_object_or_404(MassEmail.objects.select_related("modified_by"), pk=pk)
    form = MassEmailForm(request.POST, instance=mass_email)
    if not form.is_valid():
        return to_mend(form)
    if not differing(form) and seen_version(form) in {None, mass_email.version}:
        return _saved(mass_email)
    try:
        return _saved(autosave_mass_email(form, request.user))
    except SendingBegan:
        return render(request, "campaigns/autosave_over.html", {"mass_email": mass_email}, status=409)
    except MassEmailChanged:
        return render(request, "campaigns/autosave_conflict.html", conflict(form, mass_email.pk), status=409)


def _saved(mass_email: MassEmail) -> JsonResponse:
    page = reverse("campaigns:mass_email_edit", args=[mass_email.pk])
    autosave_url = reverse("campaigns:mass_email_autosave", args=[mass_email.pk])
    return JsonResponse(
        {"set": {"version": mass_email.version}, "said": saved_words(), "page": page, "autosave": autosave_url}
    )


def saved_words() -> str:
    return _("Saved at %(time)s") % {"time": date_format(timezone.localtime(), "TIME_FORMAT")}


def to_mend(form: Any) -> HttpResponse:
    """The first error, in words: what was typed stays in the page, and is saved when this is mended."""
    field, errors = next(iter(form.errors.items()), ("", [_("A campaign of this type does not send email.")]))
    label = f"{form[field].label}: " if field in form.fields else ""
    said = _("Not saved yet. %(problem)s") % {"problem": f"{label}{errors[0]}"}
    return JsonResponse({"said": said}, status=422)


def conflict(form: MassEmailForm, pk: int) -> dict[str, Any]:
    """Context of campaigns/autosave_conflict.html: who saved when, and the fields in which this page differs."""
    stored = MassEmail.objects.select_related("modified_by").get(pk=pk)
    mine = MassEmailForm(form.data, instance=stored)
    return {
        "by": stored.modified_by, "at": stored.modified_at, "version": stored.version,
        "fields": differing(mine), "page": reverse("campaigns:mass_email_edit", args=[pk]),
    }  # fmt: skip


def differing(form: MassEmailForm) -> list[str]:
    """Labels of the fields whose value is not the stored one."""
    return [str(form[name].label) for name in form.changed_data if name not in GUARDS]
