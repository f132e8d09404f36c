"""Bounces: the list, one with its evidence, and Revert."""

from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from campaigns.bounces.act import revert
from campaigns.bounces.words import REASONS, reason_in_words
from campaigns.models import BounceKind, BounceMessage, BounceReport, BounceSource, MassEmail, QueueItem
from campaigns.models.bounce import APPLIED
from crm.access import Request, marketer, reader
from crm.lists import Chip, Column, Filter, ListPage, Nothing
from crm.models import EmailAddress, Record

SOURCE_SHOWN = 64 * 1024  # characters

COLUMNS = (
    Column("address", gettext_lazy("Email Address"), sort=("address",), template="campaigns/cell_bounce.html"),
    Column("kind", gettext_lazy("Kind"), sort=("kind",), template="campaigns/cell_bounce_kind.html"),
    Column("reason", gettext_lazy("Reason"), value=lambda row: reason_in_words(row.reason), look="wide"),
    Column("decision", gettext_lazy("Decision"), template="campaigns/cell_bounce_decision.html", look="wide"),
    Column("source", gettext_lazy("Source"), value=lambda row: row.get_source_display(), look="muted"),
    Column("at", gettext_lazy("Date"), sort=("at",), template="includes/cell_when.html", look="nowrap muted"),
)


def _is(field: str) -> Any:
    return lambda rows, value: rows.filter(**{field: value})


def _one_of(field: str) -> Any:
    """One of the choices, which are numbers."""
    return lambda rows, value: rows.filter(**{field: int(value)})


@reader
@require_safe
def bounce_list(request: Request) -> HttpResponse:
    page = ListPage(
        request,
        BounceReport.objects.all(),
        label=_("Bounces"),
        columns=COLUMNS,
        search=lambda rows, text: rows.filter(Q(address__icontains=text) | Q(said__icontains=text)),
        search_hint=_("Address or words of the server"),
        chips=[
            Chip("all", _("All")),
            Chip("hard", _("Hard"), Q(kind=BounceKind.HARD, decision__in=APPLIED)),
            Chip("soft", _("Soft"), Q(kind=BounceKind.SOFT, decision__in=APPLIED)),
            Chip("complaints", _("Complaints"), Q(kind=BounceKind.COMPLAINT, decision__in=APPLIED)),
            Chip("ignored", _("Ignored"), ~Q(decision__in=APPLIED)),
            Chip("reverted", _("Reverted"), Q(reverted_at__isnull=False)),
        ],
        filters=[
            Filter("source", _("Source"), _is("source"), lambda: BounceSource.choices),
            Filter("reason", _("Reason"), _is("reason"), lambda: [(str(key), words) for key, words in REASONS.items()]),
            Filter("mass_email", _("Mass Email"), _one_of("mass_email_id"), _newest_mass_emails),
        ],
        order="-at",
        nothing=Nothing(
            _("No bounce yet"),
            _("Mail that comes back is shown here, with what the server said and what was done about it."),
            "mail-off",
        ),
    )
    return page.render("campaigns/bounce_list.html")


def _newest_mass_emails() -> list[tuple[str, str]]:
    return [(str(pk), name) for pk, name in MassEmail.objects.order_by("-id").values_list("pk", "name")[:200]]


@reader
@require_safe
def bounce_detail(request: Request, pk: int) -> HttpResponse:
    report = get_object_or_404(BounceReport, pk=pk)
    message = BounceMessage.objects.filter(pk=report.message_key).first() if report.message_key else None
    context = {
        "bounce": report,
        "reason": reason_in_words(report.reason),
        "record": Record.objects.filter(pk=report.record_id or 0).first(),
        "mass_email": MassEmail.objects.filter(pk=report.mass_email_id or 0).first(),
        "item": QueueItem.objects.filter(pk=report.queue_item_id or 0).first(),
        "email_address": EmailAddress.objects.filter(pk=report.email_address_id or 0).first(),
        "message": message,
        "source": _readable(message.raw) if message else "",
    }
    return render(request, "campaigns/bounce_detail.html", context)


@reader
@require_safe
def bounce_of_item(request: Request, pk: int) -> HttpResponse:
    """What the log and the queue link to: the newest report about a queue item, one with consequences if there is."""
    reports = BounceReport.objects.filter(queue_item_id=pk).order_by("-pk")
    report = reports.filter(decision__in=APPLIED).first() or reports.first()
    if report is None:
        raise Http404
    return redirect(report)


@marketer
@require_POST
def bounce_revert(request: Request, pk: int) -> HttpResponse:
    report = get_object_or_404(BounceReport, pk=pk)
    if revert(report, request.user):
        messages.success(request, _("Reverted: %(address)s may be mailed again.") % {"address": report.address})
    else:
        messages.error(request, _("There is nothing to revert."))
    return redirect(reverse("campaigns:bounce_detail", args=[pk]))


def _readable(raw: bytes) -> str:
    """Octets of unknown origin as text: UTF-8 where it is, and nothing that moves the cursor or turns text round."""
    text = raw[:SOURCE_SHOWN].decode("utf-8", "replace").replace("\r\n", "\n")
    return "".join(one if one in "\n\t" or one.isprintable() else "\N{REPLACEMENT CHARACTER}" for one in text)
