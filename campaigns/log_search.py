"""Looking into the campaign log: filters, counts, and the people behind it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TypeVar

from django.core.cache import cache
from django.db.models import Count, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from campaigns.models import Action, Campaign, LogRecord, MassEmail, TrackingUrl
from crm.models import EntityType, Record

SLUGS = {
    Action.SENT: "sent", Action.OPENED: "opened", Action.CLICKED: "clicked", Action.OPTED_OUT: "opted-out",
    Action.OPTED_IN: "opted-in", Action.BOUNCED: "bounced", Action.LEAD_CREATED: "lead-created",
}  # fmt: skip
ACTIONS = {slug: action for action, slug in SLUGS.items()}
DATES = {
    "today": (0, _("Today")),
    "last-7-days": (7, _("Last 7 Days")),
    "last-30-days": (30, _("Last 30 Days")),
}
# Counting below this is cheap. Above it a count is kept until the next event of the campaign, and while events come in
# one after the other for this many seconds.
CHEAP_COUNT = 20_000
OLD_ENOUGH = 20
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class LogFilter:
    """What of the log is shown. Tests and machine events are left out unless asked for."""

    action: Action | None = None
    q: str = ""
    mass_email_id: int | None = None
    tracking_url_id: int | None = None
    since: date | None = None
    until: date | None = None
    bounce: str = ""
    tests: bool = False
    machines: bool = False


def matching(campaign: Campaign, wanted: LogFilter) -> QuerySet[LogRecord]:
    """The events that pass the filter, newest first."""
    rows = LogRecord.objects.filter(campaign_id=campaign.pk, is_test=wanted.tests, is_machine=wanted.machines)
    exact = {
        "action": wanted.action, "mass_email_id": wanted.mass_email_id, "tracking_url_id": wanted.tracking_url_id,
        "bounce": wanted.bounce or None,
    }  # fmt: skip
    rows = rows.filter(**{name: value for name, value in exact.items() if value is not None})
    if wanted.since:
        rows = rows.filter(at__gte=_start_of(wanted.since))
    if wanted.until:
        rows = rows.filter(at__lt=_start_of(wanted.until + timedelta(days=1)))
    if wanted.q:
        named = Record.objects.filter(name__icontains=wanted.q).values("pk")
        rows = rows.filter(Q(address__icontains=wanted.q) | Q(record_id__in=named))
    return rows.order_by("-id")


def _start_of(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def event_counts(campaign: Campaign) -> dict[tuple[Action, bool], int]:
    """(action, by a machine?) → events, tests left out."""
    rows = LogRecord.objects.filter(campaign_id=campaign.pk)
    return dict(kept_until_the_next_event(rows, f"log-counts:{campaign.pk}", _counted, _sum))


def _counted(rows: QuerySet[LogRecord]) -> list[tuple[tuple[Action, bool], int]]:
    grouped = rows.filter(is_test=False).order_by().values_list("action", "is_machine").annotate(Count("id"))
    return [((Action(action), machine), n) for action, machine, n in grouped]


def _sum(counts: list[tuple[tuple[Action, bool], int]]) -> int:
    return sum(n for _key, n in counts)


def kept_until_the_next_event(
    rows: QuerySet[LogRecord], name: str, find: Callable[[QuerySet[LogRecord]], list[T]], size: Callable[[list[T]], int]
) -> list[T]:
    """`find(rows)`, remembered under `name` where it went through many events, which `size` tells.

    The log only grows: its newest row tells when to look again.
    """
    newest = rows.order_by("-id").values_list("pk", flat=True).first()
    if newest is None:
        return []
    exact = f"{name}:{newest}"
    known: list[T] | None = cache.get(exact) or cache.get(name)
    if known is not None:
        return known
    found = find(rows)
    if size(found) > CHEAP_COUNT:
        cache.set(exact, found, 600)
        cache.set(name, found, OLD_ENOUGH)
    return found


def action_counts(counts: dict[tuple[Action, bool], int]) -> dict[Action, int]:
    """What people did, without the machines."""
    return {action: n for (action, machine), n in counts.items() if not machine}


def counts_within(campaign: Campaign, wanted: LogFilter) -> dict[Action, int]:
    """What the chips say while something else is filtered as well."""
    grouped = matching(campaign, wanted).order_by().values_list("action").annotate(Count("id"))
    return {Action(action): n for action, n in grouped}


@dataclass(frozen=True, slots=True)
class LogRow:
    """One event with the names behind its numbers; None where that is deleted."""

    event: LogRecord
    record: Record | None
    mass_email: MassEmail | None
    tracking_url: TrackingUrl | None


def with_names(events: Iterable[LogRecord]) -> list[LogRow]:
    """Three queries for a page of any length."""
    page = list(events)
    records = Record.objects.select_related("entity_type").in_bulk({e.record_id for e in page if e.record_id})
    emails = MassEmail.objects.only("name").in_bulk({e.mass_email_id for e in page if e.mass_email_id})
    urls = TrackingUrl.objects.only("name").in_bulk({e.tracking_url_id for e in page if e.tracking_url_id})
    return [
        LogRow(e, records.get(e.record_id or 0), emails.get(e.mass_email_id or 0), urls.get(e.tracking_url_id or 0))
        for e in page
    ]


def people_who(
    campaign: Campaign,
    including: Iterable[Action],
    excluding: Iterable[Action] = (),
    tracking_url_id: int | None = None,
    mass_email_id: int | None = None,
) -> QuerySet[Record]:
    """The records with one of the included events and none of the excluded; `tracking_url_id` narrows the clicks."""
    events = LogRecord.objects.filter(
        campaign_id=campaign.pk, is_test=False, is_machine=False, record_id__isnull=False
    ).order_by()
    if mass_email_id is not None:
        events = events.filter(mass_email_id=mass_email_id)
    wanted = events.filter(action__in=list(including))
    if tracking_url_id is not None:
        wanted = wanted.exclude(Q(action=Action.CLICKED) & ~Q(tracking_url_id=tracking_url_id))
    people = Record.objects.filter(pk__in=wanted.values("record_id"))
    barred = list(excluding)
    return people.exclude(pk__in=events.filter(action__in=barred).values("record_id")) if barred else people


def count_by_type(people: QuerySet[Record]) -> list[tuple[EntityType, int]]:
    """How many of them are contacts, leads and so on, in the order of the types."""
    numbers = dict(people.order_by().values_list("entity_type").annotate(Count("pk")))
    return [(kind, numbers[kind.pk]) for kind in EntityType.objects.filter(pk__in=numbers)]
