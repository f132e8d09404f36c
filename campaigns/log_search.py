"""Looking into the campaign log: filters, counts, and the people behind it."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.core.cache import cache
from django.db.models import BooleanField, Count, ExpressionWrapper, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from campaigns.log_words import detail_in_words
from campaigns.models import Action, Campaign, LogRecord, MassEmail, QueueItem, QueueStatus, StoredEmail, TrackingUrl
from crm.criteria.where import moments_of
from crm.entities.finding import addresses_found, rows_of_people
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
CHEAP_COUNT = 20_000  # counting so many rows again costs less than a page does
KEPT_FOR = 6 * 3600  # seconds
SETTLED_AFTER = timedelta(minutes=2)


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
    is_unusable: bool = False  # part of it could not be understood: nothing is found rather than too much


def matching(campaign: Campaign, wanted: LogFilter) -> QuerySet[LogRecord]:
    """The events that pass the filter, newest first."""
    if wanted.is_unusable:
        return LogRecord.objects.none()
    rows = LogRecord.objects.filter(campaign_id=campaign.pk, is_test=wanted.tests, is_machine=wanted.machines)
    exact = {
        "action": wanted.action, "mass_email_id": wanted.mass_email_id, "tracking_url_id": wanted.tracking_url_id,
        "bounce": wanted.bounce or None,
    }  # fmt: skip
    rows = rows.filter(**{name: value for name, value in exact.items() if value is not None})
    rows = _within(rows, wanted.since, wanted.until)
    if wanted.q:
        rows = rows_of_people(rows, wanted.q, otherwise=_was_mailed_at(wanted.q))
    return rows.order_by("-id")


def _within(rows: QuerySet[LogRecord], since: date | None, until: date | None) -> QuerySet[LogRecord]:
    first, end = moments_of("between", (since, until))
    if first:
        rows = rows.filter(at__gte=first)
    return rows.filter(at__lt=end) if end else rows


def _was_mailed_at(text: str) -> Q | None:
    """People who had the address when they were mailed, whatever has become of it and of them: the queue knows them."""
    addresses = addresses_found(text)
    if not addresses:
        return None
    items = QueueItem.objects.filter(email_address_id__in=addresses, is_test=False, record_id__isnull=False)
    return Q(record_id__in=list(items.exclude(status=QueueStatus.SKIPPED).values_list("record_id", flat=True)))


def event_counts(campaign: Campaign) -> dict[tuple[Action, bool], int]:
    """(action, by a machine?) → events, tests left out."""
    rows = LogRecord.objects.filter(campaign_id=campaign.pk, is_test=False)
    counted = kept_counts(f"log-counts:{campaign.pk}", rows, "action", "is_machine")
    return {(Action(action), machine): n for (action, machine), n in counted.items()}


def kept_counts(name: str, rows: QuerySet[LogRecord], *keys: Any) -> Counter[tuple[Any, ...]]:
    """The rows per value of `keys`, in two statements. What was counted once is kept under `name` and never counted
    again, where it is much: the log only grows, so only rows after the last known one are new.

    Known is only what is older than SETTLED_AFTER: transactions still open may write ids below the newest one.
    """
    until, known = cache.get(name) or (0, Counter())
    settled = rows.filter(at__lt=timezone.now() - SETTLED_AFTER).order_by("-id").values_list("pk", flat=True).first()
    is_settled = ExpressionWrapper(Q(pk__lte=settled or 0), BooleanField())
    grouped = rows.filter(pk__gt=until).order_by().values_list(is_settled, *keys).annotate(n=Count("id"))
    old, new = Counter(known), Counter[tuple[Any, ...]]()
    for settles, *values, number in grouped:
        (old if settles else new)[tuple(values)] += number
    if settled is not None and old.total() - known.total() > CHEAP_COUNT:
        cache.set(name, (settled, old), KEPT_FOR)
    return old + new


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
    is_stored: bool = False  # Sent, and a copy of the mail is kept

    @property
    def told(self) -> str:
        """What the event says of itself, in words, beyond the name of its tracking URL."""
        words = detail_in_words(self.event.detail, self.event.action, self.event.is_machine)
        return "" if self.tracking_url and words == self.tracking_url.name else words


def with_names(events: Iterable[LogRecord], person: Record | None = None) -> list[LogRow]:
    """Three queries for a page of any length, and a fourth where sent emails are stored; one less where all the
    events are known to be those of one `person`."""
    page = list(events)
    people = Record.objects.select_related("entity_type")
    records = {person.pk: person} if person else people.in_bulk({e.record_id for e in page if e.record_id})
    emails = MassEmail.objects.only("name", "store_sent").in_bulk({e.mass_email_id for e in page if e.mass_email_id})
    urls = TrackingUrl.objects.only("name").in_bulk({e.tracking_url_id for e in page if e.tracking_url_id})
    unkept = {pk for pk, email in emails.items() if not email.store_sent}
    sent = {e.queue_item_id for e in page if e.action == Action.SENT and e.queue_item_id}
    sent -= {e.queue_item_id for e in page if e.mass_email_id in unkept}
    stored = set(StoredEmail.objects.filter(pk__in=sent).values_list("pk", flat=True))
    return [
        LogRow(
            e,
            records.get(e.record_id or 0),
            emails.get(e.mass_email_id or 0),
            urls.get(e.tracking_url_id or 0),
            e.action == Action.SENT and e.queue_item_id in stored,
        )
        for e in page
    ]


def people_who(
    campaign: Campaign,
    including: Iterable[Action],
    excluding: Iterable[Action] = (),
    tracking_url_id: int | None = None,
    mass_email_id: int | None = None,
    *,
    bounce: str = "",
    since: date | None = None,
    until: date | None = None,
) -> QuerySet[Record]:
    """The records with one of the included events and none of the excluded, of a mass email and within days where these
    are given; `tracking_url_id` narrows the clicks, `bounce` the bounces, included or excluded."""
    events = LogRecord.objects.filter(
        campaign_id=campaign.pk, is_test=False, is_machine=False, record_id__isnull=False
    ).order_by()
    events = _within(events, since, until)
    if mass_email_id is not None:
        events = events.filter(mass_email_id=mass_email_id)
    if tracking_url_id is not None:
        events = events.exclude(Q(action=Action.CLICKED) & ~Q(tracking_url_id=tracking_url_id))
    if bounce:
        events = events.exclude(Q(action=Action.BOUNCED) & ~Q(bounce=bounce))
    people = Record.objects.filter(pk__in=events.filter(action__in=list(including)).values("record_id"))
    barred = list(excluding)
    return people.exclude(pk__in=events.filter(action__in=barred).values("record_id")) if barred else people


def count_by_type(people: QuerySet[Record]) -> list[tuple[EntityType, int]]:
    """How many of them are contacts, leads and so on, in the order of the types."""
    numbers = dict(people.order_by().values_list("entity_type").annotate(Count("pk")))
    return [(kind, numbers[kind.pk]) for kind in EntityType.objects.filter(pk__in=numbers)]
