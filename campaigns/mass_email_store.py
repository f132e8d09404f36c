"""Saving the form of a mass email, as long as sending has not begun."""

from typing import Any

from django import forms
from django.db import transaction
from django.utils import timezone

from campaigns.checks import ready_checks
from campaigns.lifecycle import NotPossible, unschedule
from campaigns.models import Campaign, MassEmail, MassEmailStatus
from crm.models import User

LISTS = ("target_lists", "excluding_target_lists")
EDITABLE = (MassEmailStatus.DRAFT, MassEmailStatus.PENDING)


class SendingBegan(Exception):
    """It is no longer Draft or Pending; nothing was written."""


def create_mass_email(form: forms.ModelForm, campaign: Campaign, user: User) -> MassEmail:  # type: ignore[type-arg]
    """A Draft of the campaign from a valid form."""
    with transaction.atomic():
        mass_email: MassEmail = form.save(commit=False)
        mass_email.campaign, mass_email.assigned_user = campaign, user
        mass_email.save()
        form.save_m2m()
    return mass_email


def save_mass_email(form: forms.ModelForm, user: User) -> str:  # type: ignore[type-arg]
    """Write a valid form; raises SendingBegan. A scheduled one that is no longer ready goes back to Draft: the sentence
    that says why is returned, else ''."""
    mass_email: MassEmail = form.instance
    with transaction.atomic():
        rows = MassEmail.objects.filter(pk=mass_email.pk, status__in=EDITABLE)
        if not rows.update(**_columns(form), modified_at=timezone.now()):
            raise SendingBegan
        for name in LISTS:
            getattr(mass_email, name).set(form.cleaned_data[name])
    mass_email.refresh_from_db()
    return _back_to_draft_if_broken(mass_email, user) if mass_email.status == MassEmailStatus.PENDING else ""


def _columns(form: forms.ModelForm) -> dict[str, Any]:  # type: ignore[type-arg]
    return {name: value for name, value in form.cleaned_data.items() if name not in LISTS}


def _back_to_draft_if_broken(mass_email: MassEmail, user: User) -> str:
    broken = next((check for check in ready_checks(mass_email) if check.state == "error"), None)
    if broken is None:
        return ""
    try:
        unschedule(mass_email, user)
    except NotPossible as refusal:
        raise SendingBegan from refusal
    return broken.sentence
