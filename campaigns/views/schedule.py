"""The schedule page: everything about the send in one place, before it becomes Pending."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from campaigns.audience import audience_of
from campaigns.checks import Check, ready_checks
from campaigns.lifecycle import NotPossible, NotReady, schedule
from campaigns.models import MassEmail, MassEmailStatus
from campaigns.preview import preview
from campaigns.progress import forecast
from campaigns.sending.freeze import CannotStart, account_of
from campaigns.views.editor import people_of
from campaigns.views.sending import mass_email_of
from crm.access import Request, marketer
from crm.models import Settings


@marketer
@require_http_methods(["GET", "HEAD", "POST"])
def schedule_page(request: Request, pk: int) -> HttpResponse:
    """GET shows the facts; POST with the warnings accepted makes it Pending, `now` sets Date Start to this moment."""
    mass_email = mass_email_of(pk)
    if mass_email.status != MassEmailStatus.DRAFT:
        messages.info(request, _("Only a Draft can be scheduled."))
        return redirect(mass_email)
    checks = ready_checks(mass_email)
    if request.method != "POST":
        return _page(request, mass_email, checks)
    if _has_warnings(checks) and "accept" not in request.POST:
        return _page(request, mass_email, checks, _("Look at the warnings and tick the box to send all the same."))
    return _schedule(request, mass_email)


def _schedule(request: Request, mass_email: MassEmail) -> HttpResponse:
    before = mass_email.start_at
    if "now" in request.POST:
        _start(mass_email, timezone.now())
    try:
        schedule(mass_email, request.user)
    except NotPossible as refusal:
        if "now" in request.POST:
            _start(mass_email, before)
        checks = refusal.problems if isinstance(refusal, NotReady) else ready_checks(mass_email)
        return _page(request, mass_email, checks, str(refusal))
    assert mass_email.start_at is not None
    when = date_format(timezone.localtime(mass_email.start_at), "DATETIME_FORMAT")
    messages.success(request, _("Scheduled for %(when)s.") % {"when": when})
    return redirect(mass_email)


def _start(mass_email: MassEmail, moment: datetime | None) -> None:
    """Date Start of a draft; a Pending one keeps the one it was scheduled with."""
    MassEmail.objects.filter(pk=mass_email.pk, status=MassEmailStatus.DRAFT).update(start_at=moment)
    mass_email.start_at = moment


def _has_warnings(checks: list[Check]) -> bool:
    return any(check.state == "warning" for check in checks)


def _page(request: Request, mass_email: MassEmail, checks: list[Check], error: str = "") -> HttpResponse:
    failing = [check for check in checks if check.state == "error"]
    context = {
        "mass_email": mass_email, "campaign": mass_email.campaign, "error": error,
        "problems": [_with_way(mass_email, check) for check in failing],
        "can_send_now": all(check.field == "start_at" for check in failing),
        "warnings": [check for check in checks if check.state == "warning"],
        **_facts(mass_email),
    }  # fmt: skip
    return render(request, "campaigns/schedule.html", context, status=422 if error else 200)


def _with_way(mass_email: MassEmail, check: Check) -> dict[str, Any]:
    """A failing check with the link to the field that it names."""
    edit = reverse("campaigns:mass_email_edit", args=[mass_email.pk])
    return {"check": check, "url": f"{edit}#id_{check.field}" if check.field else check.fix_url}


def _facts(mass_email: MassEmail) -> dict[str, Any]:
    audience = audience_of(mass_email)
    counts = audience.counts()
    first = people_of(audience).order_by("pk").first()
    template = mass_email.template
    mail = preview(template, mass_email.campaign, first) if template else None
    is_late = mass_email.start_at is None or mass_email.start_at < timezone.now()
    return {
        "counts": counts,
        "forecast": forecast(counts.people, mass_email.start_at, mass_email.account),
        "sender": _sender(mass_email),
        "subject": mail.subject if mail else "",
        "first": first,
        "is_late": is_late,
    }


def _sender(mass_email: MassEmail) -> str:
    """As the mail will say it: the mass email's own, else of the account, else of the system."""
    try:
        account = account_of(mass_email)
    except CannotStart:
        return mass_email.from_address
    settings = Settings.load()
    name = mass_email.from_name or account.from_name or settings.from_name
    address = mass_email.from_address or account.email_address or settings.from_address
    return f"{name} <{address}>" if name else address
