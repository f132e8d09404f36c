"""The queue of a mass email as a list, on its own page: everybody considered, and why not."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.models import BounceReport, MassEmail, QueueItem, QueueStatus, Reason, StoredEmail
from campaigns.progress import Progress
from campaigns.views.long_list import LongList
from campaigns.views.pages import text_in
from crm.access import Request
from crm.entities.finding import addresses_found, rows_of_people
from crm.lists import Chip, Column, Filter, Nothing
from crm.lists.counting import capped_counts
from crm.models import EmailAddress, Record

ALL, TESTS = "all", "tests"
# The chips of the queue: what a marketer asks for, and the states behind it.
STATES = {
    "pending": (gettext_lazy("Pending"), (QueueStatus.PENDING,)),
    "sending": (gettext_lazy("Sending"), (QueueStatus.CLAIMED, QueueStatus.SENDING)),
    "sent": (gettext_lazy("Sent"), (QueueStatus.SENT,)),
    "deferred": (gettext_lazy("Deferred"), (QueueStatus.DEFERRED,)),
    "failed": (gettext_lazy("Failed"), (QueueStatus.FAILED,)),
    "uncertain": (gettext_lazy("Uncertain"), (QueueStatus.UNCERTAIN,)),
    "skipped": (gettext_lazy("Skipped"), (QueueStatus.SKIPPED,)),
}


@dataclass(frozen=True, slots=True)
class QueueRow:
    """One person of the queue with the names behind the numbers; None where that is deleted."""

    item: QueueItem
    record: Record | None
    address: str

    @property
    def was_sent(self) -> bool:
        return self.item.status == QueueStatus.SENT

    @property
    def reply(self) -> str:
        """What the server said, where that explains anything: its thanks for a mail it took do not."""
        return "" if self.was_sent else self.item.reply

    @property
    def next_try_at(self) -> datetime | None:
        return self.item.next_try_at if self.item.status == QueueStatus.DEFERRED else None


def matching(mass_email: MassEmail, chosen: str, reason: str, text: str) -> "QuerySet[QueueItem]":
    """Those in the chosen state (one of STATES, or tests), in the order of the queue."""
    rows = QueueItem.objects.filter(mass_email_id=mass_email.pk, is_test=chosen == TESTS)
    if chosen in STATES:
        rows = rows.filter(status__in=STATES[chosen][1])
    if reason in Reason.values:
        rows = rows.filter(reason=reason)
    if text:
        addressed = addresses_found(text)
        rows = rows_of_people(rows, text, otherwise=Q(email_address_id__in=addressed) if addressed else None)
    stored = StoredEmail.objects.filter(pk=OuterRef("pk"))
    bounced = BounceReport.objects.filter(queue_item_id=OuterRef("pk"))
    return rows.annotate(is_stored=Exists(stored), has_bounce=Exists(bounced)).order_by("id")


def with_names(items: Iterable[QueueItem]) -> list[QueueRow]:
    page = list(items)
    records = Record.objects.select_related("entity_type").in_bulk({i.record_id for i in page if i.record_id})
    addresses = EmailAddress.objects.in_bulk({i.email_address_id for i in page if i.email_address_id})
    return [
        QueueRow(item, records.get(item.record_id or 0), str(addresses.get(item.email_address_id or 0, "")))
        for item in page
    ]


def counts_of(state: Progress) -> dict[str, int]:
    return {
        "pending": state.pending, "sending": state.in_flight, "sent": state.sent, "deferred": state.deferred,
        "failed": state.failed, "uncertain": state.uncertain, "skipped": state.skipped,
    }  # fmt: skip


def offered(counts: Mapping[str, int], chosen: str) -> list[str]:
    """The states that have a chip: those that somebody is in, the two that everybody asks for, and the chosen one."""
    return [key for key in STATES if counts[key] or key in ("sent", "failed", chosen)]


def queue_list(request: Request, mass_email: MassEmail, state: Progress) -> LongList:
    counts, chosen = counts_of(state), request.GET.get("state", "")
    tests = [Chip(TESTS, _("Test sends"), Q(is_test=True))] if chosen == TESTS else []
    if tests:
        counts[TESTS] = capped_counts([matching(mass_email, TESTS, "", "")])[0]

    def of_query(query: QueryDict) -> "QuerySet[QueueItem]":
        return matching(mass_email, query.get("state", ""), query.get("reason", ""), text_in(query))

    return LongList(
        request,
        QueueItem.objects.all(),
        label=_("Queue"),
        name="queue",
        columns=_columns(),
        search=lambda rows, text: rows,  # `matching` searches
        search_hint=_("Name or email"),
        chip_key="state",
        chips=[
            Chip(ALL, _("All")),
            *(Chip(key, STATES[key][0], Q(status__in=STATES[key][1])) for key in offered(counts, chosen)),
            *tests,
        ],
        filters=[Filter("reason", _("Reason"), lambda rows, reason: rows, lambda: Reason.choices)],
        kept_as="queue",
        size=50,
        beside="campaigns/queue_acts.html",
        nothing=Nothing(
            _("Nobody is queued yet"),
            _("The queue is made when sending begins, from the people who are on the lists then."),
            "hourglass",
        ),
        matching=of_query,
        counts={ALL: state.total, **counts},
        with_names=with_names,
    )


def _columns() -> list[Column]:
    when, late = "includes/cell_when.html", "nowrap muted"
    return [
        Column("target", _("Target"), lambda row: row.address, "campaigns/cell_queue_person.html"),
        Column("status", _("Status"), lambda row: row.item, "campaigns/cell_queue_status.html"),
        Column("why", _("Why"), lambda row: row.item, "campaigns/cell_queue_why.html", look="wide"),
        Column("attempts", _("Attempts"), lambda row: row.item.attempts, "includes/cell_number.html", look="num"),
        Column("sent_at", _("Date Sent"), lambda row: row.item.sent_at, "campaigns/cell_queue_sent.html", look=late),
        Column("next_try_at", _("Next try"), lambda row: row.item.next_try_at, when, look=late, is_optional=True),
        Column("address", _("Email Address"), lambda row: row.address, look="wide", is_optional=True),
    ]
