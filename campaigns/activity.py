"""Everything that one person got and did, over all campaigns, newest first: whole pages by the id of the last row."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from django.db.models import Count, OuterRef, Subquery
from django.utils import timezone

from campaigns.log_search import LogRow, with_names
from campaigns.models import Action, Campaign, FrozenMassEmail, LogRecord
from crm.models import Record

ROWS = 20
# The name that the campaign had when the mail was sent: it outlives the campaign.
_KEPT = Subquery(FrozenMassEmail.objects.filter(pk=OuterRef("mass_email_id")).values("campaign_name"))


@dataclass(frozen=True, slots=True)
class Event:
    """One row of the log with the campaign that it belongs to; None where that is deleted, and then the name that it
    had, as far as it is kept."""

    row: LogRow
    campaign: Campaign | None
    campaign_name: str = ""


@dataclass(frozen=True, slots=True)
class Activity:
    """Some events grouped by day, in the zone of who looks. `before` leads to the older ones; 0 when there are none."""

    days: Sequence[tuple[date, Sequence[Event]]]
    counts: dict[Action, int]
    before: int

    @property
    def total(self) -> int:
        return sum(self.counts.values())


def activity_of(record: Record, action: Action | None = None, before: int = 0, rows: int = ROWS) -> Activity:
    """Tests stand among the rest and are marked; machine events are left out. Four queries and one for the counts."""
    events = LogRecord.objects.filter(record_id=record.pk, is_machine=False)
    counted = events.order_by().values_list("action").annotate(Count("id"))
    counts = {Action(one): number for one, number in counted}
    if action is not None:
        events = events.filter(action=action)
    if before:
        events = events.filter(pk__lt=before)
    page = list(events.annotate(kept_name=_KEPT).order_by("-id")[: rows + 1]) if counts else []
    shown = page[:rows]
    return Activity(_by_day(record, shown), counts, shown[-1].pk if len(page) > rows else 0)


def _by_day(person: Record, rows: Sequence[LogRecord]) -> list[tuple[date, list[Event]]]:
    campaigns = Campaign.objects.only("name").in_bulk({row.campaign_id for row in rows})
    events = [
        Event(row, campaigns.get(row.event.campaign_id), row.event.kept_name or "")  # type: ignore[attr-defined]  # _KEPT
        for row in with_names(rows, person)
    ]
    grouped = groupby(events, key=lambda event: timezone.localtime(event.row.event.at).date())
    return [(day, list(found)) for day, found in grouped]
