"""The schedule page: everything about the send in one place, before it becomes Pending."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from campaigns.audience import audience_of
from campaigns.checks import Check, ready_checks
from campaigns.composing import compose
from campaigns.lifecycle import UNDO_TIME, NotPossible, NotReady, schedule, send_now
from campaigns.models import MassEmail, MassEmailStatus
from campaigns.preview import preview
from campaigns.progress import forecast
from campaigns.views.editor import people_of, sender_of, subtractions, terms_of
from campaigns.views.pages import page_or_part
from campaigns.views.sending import mass_email_of
from crm.access import Request, marketer
from crm.models import Settings


@marketer
@require_http_methods(["GET", "HEAD", "POST"])
def schedule_page(request: Request, pk: int) -> HttpResponse:
    """GET shows the facts, alone for a dialog; POST with the warnings accepted makes it Pending: at Date Start, or with
    `now` at the end of the time in which it can be undone."""
    mass_email = mass_email_of(pk)
    if mass_email.status != MassEmailStatus.DRAFT:
        messages.info(request, _("Only a Draft can be scheduled."))
        return redirect(mass_email)
    checks = ready_checks(mass_email, request.user)
    if request.method != "POST":
        return _page(request, mass_email, checks)
    if request.POST.get("seen", "") not in {"", _seen(mass_email)}:
        return _page(request, mass_email, checks, _("It was changed meanwhile. Look at the facts again, then confirm."))
    if _has_warnings(checks) and "accept" not in request.POST:
        return _page(request, mass_email, checks, _("Look at the warnings and tick the box to send all the same."))
    return _schedule(request, mass_email)


def _schedule(request: Request, mass_email: MassEmail) -> HttpResponse:
    verb = send_now if "now" in request.POST else schedule
    try:
        verb(mass_email, request.user)
    except NotPossible as refusal:
        checks = refusal.problems if isinstance(refusal, NotReady) else ready_checks(mass_email, request.user)
        return _page(request, mass_email, checks, str(refusal))
    if not mass_email.is_send_now:
        assert mass_email.start_at is not None
        when = date_format(timezone.localtime(mass_email.start_at), "DATETIME_FORMAT")
        messages.success(request, _("Scheduled for %(when)s.") % {"when": when})
    return redirect(mass_email)


def _seen(mass_email: MassEmail) -> str:
    """What the facts were read from: another save of the mass email or its template makes it another."""
    return f"{mass_email.version}.{mass_email.template.version if mass_email.template else 0}"


def _has_warnings(checks: list[Check]) -> bool:
    return any(check.state == "warning" for check in checks)


def _page(request: Request, mass_email: MassEmail, checks: list[Check], error: str = "") -> HttpResponse:
    failing = [check for check in checks if check.state == "error"]
    context = {
        "mass_email": mass_email, "campaign": mass_email.campaign, "error": error, "seen": _seen(mass_email),
        "undo_seconds": int(UNDO_TIME.total_seconds()),
        "problems": [_with_way(mass_email, check) for check in failing],
        "can_send_now": all(check.field == "start_at" for check in failing),
        "warnings": [check for check in checks if check.state == "warning"],
        **_facts(mass_email),
    }  # fmt: skip
    part = ("dialog", "campaigns/schedule_form.html")
    return page_or_part(request, part, "campaigns/schedule.html", context, status=422 if error else 200)


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
        "sender": sender_of(mass_email),
        "subject": mail.subject if mail else "",
        "first": first,
        "is_late": is_late,
        "lists": list(mass_email.target_lists.all()),
        "excluding": list(mass_email.excluding_target_lists.all()),
        "terms": terms_of(subtractions(counts), f"{reverse('campaigns:mass_email_audience', args=[mass_email.pk])}?"),
        "tracking": _tracking(mass_email),
        "opted_out": audience.opted_out_of(counts),
    }


def _tracking(mass_email: MassEmail) -> list[str]:
    """What is counted about each person, in words."""
    if mass_email.campaign.is_informational:
        return [_("None: an informational email")]
    codes = compose(mass_email.template, mass_email.campaign)[0].links if mass_email.template else ()
    links = ngettext("Clicks on %(n)s tracking URL", "Clicks on %(n)s tracking URLs", len(codes)) % {"n": len(codes)}
    return [links, *([_("Opens")] if Settings.load().open_tracking else [])]
