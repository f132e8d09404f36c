"""Decisions about sending that can be taken back: pause, resume, unschedule, retry, duplicate. POST only."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from campaigns.lifecycle import NotPossible, duplicate, pause, resume, retry_failed, undo_send, unschedule
from campaigns.models import MassEmail
from campaigns.views.pages import way_back
from crm.access import Request, marketer
from crm.models import User
from crm.undo import offer


def mass_email_of(pk: int) -> MassEmail:
    return get_object_or_404(MassEmail.objects.select_related("campaign", "account", "template"), pk=pk)


def _decide(request: Request, pk: int, verb: Callable[[MassEmail, User], None], done: str) -> HttpResponse:
    mass_email = mass_email_of(pk)
    try:
        verb(mass_email, request.user)
    except NotPossible as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, done % {"name": mass_email.name})
    return redirect(way_back(request, mass_email.get_absolute_url()))


@marketer
@require_POST
def pause_view(request: Request, pk: int) -> HttpResponse:
    mass_email = mass_email_of(pk)
    try:
        pause(mass_email, request.user)
    except NotPossible as refusal:
        messages.error(request, str(refusal))
    else:
        _offer_to_go_on(request, mass_email)
    return redirect(way_back(request, mass_email.get_absolute_url()))


def _offer_to_go_on(request: Request, mass_email: MassEmail) -> None:
    mass_email.refresh_from_db(fields=["paused_at"])
    text = _("“%(name)s” is paused. Messages in hand finish; nobody else gets it.") % {"name": mass_email.name}
    at = mass_email.paused_at.isoformat() if mass_email.paused_at else ""
    offer(request, text, "mass_email.pause", mass_email=mass_email.pk, paused_at=at)


@marketer
@require_POST
def resume_view(request: Request, pk: int) -> HttpResponse:
    return _decide(request, pk, resume, _("“%(name)s” goes on where it stopped."))


@marketer
@require_POST
def unschedule_view(request: Request, pk: int) -> HttpResponse:
    return _decide(request, pk, unschedule, _("“%(name)s” is a Draft again."))


@marketer
@require_POST
def undo_send_view(request: Request, pk: int) -> HttpResponse:
    return _decide(request, pk, undo_send, _("Undone: “%(name)s” is a Draft again, and nobody got it."))


@marketer
@require_POST
def retry_failed_view(request: Request, pk: int) -> HttpResponse:
    mass_email = mass_email_of(pk)
    try:
        count = retry_failed(mass_email, request.user)
    except NotPossible as refusal:
        messages.error(request, str(refusal))
        return redirect(mass_email)
    if count:
        text = ngettext("%(n)s person is tried again.", "%(n)s people are tried again.", count)
        messages.success(request, text % {"n": count})
    else:
        messages.info(request, _("Nobody failed temporarily: there is nothing to try again."))
    return redirect(mass_email)


@marketer
@require_POST
def duplicate_view(request: Request, pk: int) -> HttpResponse:
    copy = duplicate(mass_email_of(pk), request.user)
    messages.success(request, _("This is the copy, a Draft."))
    return redirect("campaigns:mass_email_edit", copy.pk)
