"""Saving the form of a mass email, as long as sending has not begun."""

from typing import Any

from django.db import transaction
from django.db.models import F
from django.forms import ModelForm
from django.utils import timezone

from campaigns.checks import ready_checks
from campaigns.lifecycle import NotPossible, unschedule
from campaigns.models import Campaign, MassEmail, MassEmailStatus
from crm.models import User

LISTS = ("target_lists", "excluding_target_lists")
GUARDS = ("version", "overwrite")  # fields of the form that say what its author has seen
EDITABLE = (MassEmailStatus.DRAFT, MassEmailStatus.PENDING)


class SendingBegan(Exception):
    """It is no longer Draft or Pending; nothing was written."""


class MassEmailChanged(Exception):
    """It was saved since its author looked; nothing was written."""


def create_mass_email(form: ModelForm[MassEmail], campaign: Campaign, user: User) -> MassEmail:
    """A Draft of the campaign from a valid form."""
    with transaction.atomic():
        mass_email: MassEmail = form.save(commit=False)
        mass_email.campaign, mass_email.assigned_user, mass_email.modified_by = campaign, user, user
        mass_email.version = 1
        mass_email.save()
        form.save_m2m()
    return mass_email


def save_mass_email(form: ModelForm[MassEmail], user: User) -> str:
    """Write a valid form. A scheduled one that is no longer ready goes back to Draft: the sentence that says why is
    returned, else ''. Raises SendingBegan, and MassEmailChanged when the form was begun with another version."""
    mass_email = _write(form, user, EDITABLE)
    return _back_to_draft_if_broken(mass_email, user) if mass_email.status == MassEmailStatus.PENDING else ""


def autosave_mass_email(form: ModelForm[MassEmail], user: User) -> MassEmail:
    """Write a valid form into a Draft, never into one that is scheduled. Raises as `save_mass_email` does."""
    return _write(form, user, (MassEmailStatus.DRAFT,))


def _write(form: ModelForm[MassEmail], user: User, states: tuple[str, ...]) -> MassEmail:
    mass_email: MassEmail = form.instance
    with transaction.atomic():
        rows = MassEmail.objects.filter(pk=mass_email.pk, status__in=states)
        if (seen := seen_version(form)) is not None:
            rows = rows.filter(version=seen)
        stamp = {"version": F("version") + 1, "modified_by": user, "modified_at": timezone.now(), "is_send_now": False}
        if not rows.update(**_columns(form), **stamp):
            raise _refusal(mass_email.pk, states)
        for name in LISTS:
            getattr(mass_email, name).set(form.cleaned_data[name])
    mass_email.refresh_from_db()
    return mass_email


def seen_version(form: ModelForm[MassEmail]) -> int | None:
    """The version that the author has seen: of the form, or that of the conflict they decided to overwrite."""
    seen: int | None = form.cleaned_data.get("overwrite") or form.cleaned_data.get("version")
    return seen


def _refusal(pk: int, states: tuple[str, ...]) -> Exception:
    return MassEmailChanged() if MassEmail.objects.filter(pk=pk, status__in=states).exists() else SendingBegan()


def _columns(form: ModelForm[MassEmail]) -> dict[str, Any]:
    return {name: value for name, value in form.cleaned_data.items() if name not in (*LISTS, *GUARDS)}


def _back_to_draft_if_broken(mass_email: MassEmail, user: User) -> str:
    broken = next((check for check in ready_checks(mass_email) if check.state == "error"), None)
    if broken is None:
        return ""
    try:
        unschedule(mass_email, user)
    except NotPossible as refusal:
        raise SendingBegan from refusal
    return broken.sentence
