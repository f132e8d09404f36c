"""The list of bounce reports."""

from collections.abc import Callable, Sequence
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from campaigns.bounces.words import REASONS, reason_in_words
from campaigns.models import BounceKind, BounceReport, BounceSource, Decision, MassEmail
from campaigns.models.bounce import APPLIED
from crm.access import Request
from crm.criteria import Fields, keyed
from crm.lists import Chip, Column, Filter, ListPage, Nothing, asking

OFFERED = 200  # mass emails


def bounce_list(request: Request) -> ListPage[BounceReport]:
    return ListPage(
        request,
        BounceReport.objects.all(),
        label=_("Bounces"),
        columns=_columns(),
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
            Filter("reason", _("Reason"), _is("reason"), _reasons),
            Filter("mass_email", _("Mass Email"), _one_of("mass_email_id"), _newest_mass_emails),
        ],
        criteria=_fields,
        kept_as="bounces",
        order="-at",
        nothing=Nothing(
            _("No bounce yet"),
            _("Mail that comes back is shown here, with what the server said and what was done about it."),
            "mail-off",
        ),
    )


def _columns() -> list[Column]:
    return [
        Column("address", _("Email Address"), sort=("address",), template="campaigns/cell_bounce.html"),
        Column("kind", _("Kind"), sort=("kind",), template="campaigns/cell_bounce_kind.html"),
        Column("reason", _("Reason"), value=lambda row: reason_in_words(row.reason), look="wide"),
        Column("decision", _("Decision"), template="campaigns/cell_bounce_decision.html"),
        Column("source", _("Source"), value=lambda row: row.get_source_display(), look="muted"),
        Column("at", _("Date"), sort=("at",), template="includes/cell_when.html", look="nowrap muted"),
    ]


def _fields() -> Fields:
    """What the simple filters ask about, and more."""
    return keyed([
        asking.text("address", _("Email Address")),
        asking.text("said", _("What the server said")),
        asking.choice("kind", _("Kind"), BounceKind.choices),
        asking.choice("decision", _("Decision"), Decision.choices),
        asking.choice("reason", _("Reason"), _reasons()),
        asking.choice("source", _("Source"), BounceSource.choices),
        asking.related("mass_email", _("Mass Email"), "mass_email_id", _newest_mass_emails),
        asking.moment("at", _("Date")),
        asking.flag("reverted", _("Reverted"), Q(reverted_at__isnull=False)),
    ])  # fmt: skip


def _reasons() -> Sequence[tuple[str, str]]:
    return [(str(key), str(words)) for key, words in REASONS.items()]


def _is(field: str) -> Callable[[Any, str], Any]:
    return lambda rows, value: rows.filter(**{field: value})


def _one_of(field: str) -> Callable[[Any, str], Any]:
    """One of the choices, which are numbers."""
    return lambda rows, value: rows.filter(**{field: int(value)})


def _newest_mass_emails() -> list[tuple[str, str]]:
    return [(str(pk), name) for pk, name in MassEmail.objects.order_by("-id").values_list("pk", "name")[:OFFERED]]
