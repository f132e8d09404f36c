"""When people got, opened and clicked: the events of a log per hour or day, in the time zone of who looks.

The database adds the events up in quarters of an hour, in UTC. The offset of every time zone is a whole number of
quarters, so hours and days of any zone, and of both sides of a clock change, are exact sums of them.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta, tzinfo
from enum import StrEnum

from django.db.models import QuerySet, Sum

from campaigns.log_search import kept_counts
from campaigns.models import Action, Campaign, LogRecord, MassEmail, TrackingUrl
from crm.quarters import QUARTER, QuarterOf, moment_of

HOURS_SHOWN = 7 * 24
DAYS_SHOWN = 60
FEWEST_HOURS, FEWEST_DAYS = 12, 7
ENGAGED = (Action.OPENED, Action.CLICKED)
LARGE = 50_000  # people who got it


class Unit(StrEnum):
    HOUR = "hour"
    DAY = "day"


@dataclass(frozen=True, slots=True)
class Quarter:
    """`number` events of one kind in the quarter of an hour that began `index` quarters after 1970-01-01T00:00Z."""

    index: int
    action: Action
    by_machine: bool
    number: int

    @property
    def begins(self) -> datetime:
        return moment_of(self.index)


def quarters_of_campaign(campaign: Campaign, with_sent: bool = False) -> list[Quarter]:
    """Opened and Clicked, tests left out. `with_sent` adds what is most of every log."""
    shown = (*ENGAGED, Action.SENT) if with_sent else ENGAGED
    rows = LogRecord.objects.filter(campaign_id=campaign.pk, action__in=shown)
    return _quarters(f"quarters:{campaign.pk}:{len(shown)}", rows)


def quarters_of_url(tracking_url: TrackingUrl) -> list[Quarter]:
    """The clicks on one tracking URL."""
    rows = LogRecord.objects.filter(
        campaign_id=tracking_url.campaign_id, action=Action.CLICKED, tracking_url_id=tracking_url.pk
    )
    return _quarters(f"quarters-of-url:{tracking_url.pk}", rows)


def campaign_is_large(campaign: Campaign) -> bool:
    """Its events over time are too many to be added up while somebody waits for a page."""
    sent = MassEmail.objects.filter(campaign=campaign).aggregate(n=Sum("sent_count"))["n"] or 0
    return bool(sent > LARGE)


def _quarters(name: str, rows: QuerySet[LogRecord]) -> list[Quarter]:
    counted = kept_counts(name, rows.filter(is_test=False), QuarterOf("at"), "action", "is_machine")
    return [Quarter(int(at), Action(action), machine, n) for (at, action, machine), n in counted.items()]


@dataclass(slots=True)
class Slot:
    """One hour or day that begins at `begins`, in the zone of who looks. `started` names the mass emails that did."""

    begins: datetime
    sent: int = 0
    opened: int = 0
    clicked: int = 0
    by_machine: int = 0
    started: list[str] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        return not (self.sent or self.opened or self.clicked or self.by_machine or self.started)

    def add(self, quarter: Quarter) -> None:
        if quarter.by_machine:
            self.by_machine += quarter.number
        elif quarter.action == Action.SENT:
            self.sent += quarter.number
        elif quarter.action == Action.OPENED:
            self.opened += quarter.number
        else:
            self.clicked += quarter.number


@dataclass(frozen=True, slots=True)
class Timeline:
    """One window of slots without gaps, oldest first. `back` later windows follow it."""

    unit: Unit
    back: int
    slots: Sequence[Slot]
    has_earlier: bool

    def total(self, name: str) -> int:
        return sum(getattr(slot, name) for slot in self.slots)

    def mark(self, name: str, at: datetime) -> None:
        """Note in its slot that a mass email began to be sent; what lies outside of the window is left out."""
        after = [slot for slot in self.slots if slot.begins <= at]
        if after and at < after[-1].begins + (timedelta(hours=1) if self.unit is Unit.HOUR else timedelta(days=1)):
            after[-1].started.append(name)


def fitting_unit(quarters: Iterable[Quarter]) -> Unit:
    """Hours for what happened within a week, else days."""
    indexes = [quarter.index for quarter in quarters]
    span = (max(indexes) - min(indexes)) * QUARTER if indexes else 0
    return Unit.HOUR if span <= HOURS_SHOWN * 3600 else Unit.DAY


def timeline(quarters: Sequence[Quarter], unit: Unit, zone: tzinfo, back: int = 0) -> Timeline:
    """The window that ends `back` windows before the last event."""
    slots = _by_hour(quarters, zone) if unit is Unit.HOUR else _by_day(quarters, zone)
    size = HOURS_SHOWN if unit is Unit.HOUR else DAYS_SHOWN
    back = max(0, min(back, (len(slots) - 1) // size))
    end = len(slots) - back * size
    return Timeline(unit, back, slots[max(0, end - size) : end], has_earlier=end > size)


def widened(shown: Timeline, starts: Iterable[datetime] = ()) -> Timeline:
    """With empty slots in front, in which nothing had happened yet: where it has too few to show a course, and back to
    those of `starts` after which the first event came in a later slot."""
    if not shown.slots:
        return shown
    first, is_hourly = shown.slots[0].begins, shown.unit is Unit.HOUR
    fewest = FEWEST_HOURS if is_hourly else FEWEST_DAYS
    near = [number for at in starts if (number := _slots_between(at, first, is_hourly)) <= fewest]
    missing = max([fewest - len(shown.slots), *near])
    before = [_earlier(first, number, is_hourly) for number in range(missing, 0, -1)]
    return replace(shown, slots=[*map(Slot, before), *shown.slots])


def _slots_between(at: datetime, first: datetime, is_hourly: bool) -> int:
    """How many slots before the one that begins at `first`; 0 or less for what is not before it."""
    if is_hourly:
        return math.ceil((first - at) / timedelta(hours=1))
    return (first.date() - at.astimezone(first.tzinfo).date()).days


def _earlier(begins: datetime, number: int, is_hourly: bool) -> datetime:
    """The beginning of the slot that is so many before the one that begins there."""
    if is_hourly:
        return datetime.fromtimestamp(begins.timestamp() - number * 3600, begins.tzinfo)
    day = begins.date() - timedelta(days=number)
    return datetime(day.year, day.month, day.day, tzinfo=begins.tzinfo)


def _by_hour(quarters: Iterable[Quarter], zone: tzinfo) -> list[Slot]:
    """Keyed by seconds since 1970, so that the two equal hours of a clock change stay two."""
    found: dict[int, Slot] = {}
    for quarter in quarters:
        local = quarter.begins.astimezone(zone)
        begins = quarter.index * QUARTER - local.minute * 60
        slot = found.setdefault(begins, Slot(datetime.fromtimestamp(begins, zone)))
        slot.add(quarter)
    if not found:
        return []
    every = range(min(found), max(found) + 1, 3600)
    return [found.get(begins) or Slot(datetime.fromtimestamp(begins, zone)) for begins in every]


def _by_day(quarters: Iterable[Quarter], zone: tzinfo) -> list[Slot]:
    found: dict[date, Slot] = {}
    for quarter in quarters:
        day = quarter.begins.astimezone(zone).date()
        found.setdefault(day, Slot(_midnight(day, zone))).add(quarter)
    if not found:
        return []
    first, last = min(found), max(found)
    every = (first + timedelta(days=number) for number in range((last - first).days + 1))
    return [found.get(day) or Slot(_midnight(day, zone)) for day in every]


def _midnight(day: date, zone: tzinfo) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=zone)


def spark(values: Sequence[int], width: int = 88, height: int = 32, most: int = 16) -> str:
    """The points of an SVG polyline through the values, drawn together to at most `most`; "" for fewer than two."""
    if len(values) < 2 or not any(values):
        return ""
    step = -(-len(values) // most)
    sums = [sum(values[at : at + step]) for at in range(0, len(values), step)]
    if len(sums) < 2:
        return ""
    top = max(sums)
    points = [(at * width / (len(sums) - 1), height - 2 - value * (height - 4) / top) for at, value in enumerate(sums)]
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
