"""Counting clicks and opens: one statement finds what a link stands for, one records the visit (DUTIES T18).

With PostgreSQL clicks in one mail wait for each other before that. SQLite, where only one writes at a time, has no
statement that writes into several tables: there recording is a few calls in this very process, within the same
transaction.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from django.db import connection, transaction
from django.utils import timezone

from campaigns.log import evidence_of_delivery
from campaigns.models import Action, Link, QueueItem, QueueStatus
from campaigns.tracking.machine import BURST_SECONDS, Visit, why_machine
from campaigns.tracking.recording import Recorded, record

# Fields of the item first, so that they come as Python has them. The mail outlives the record, the campaign and all.
_ITEM = """
SELECT q.id, q.mass_email_id, q.record_id, q.email_address_id, q.status, q.is_test, q.sent_at, q.attempted_at,
    COALESCE(f.campaign_id, m.campaign_id, 0) AS campaign_id, COALESCE(a.address, '') AS address, {columns}
FROM {start}
    LEFT JOIN campaigns_frozenmassemail f ON f.mass_email_id = q.mass_email_id
    LEFT JOIN campaigns_massemail m ON m.id = q.mass_email_id
    LEFT JOIN crm_emailaddress a ON a.id = q.email_address_id
    LEFT JOIN crm_record r ON r.id = q.record_id
WHERE {which}
"""
# Who clicks two links at the same moment is one person, who follows all of them is a machine: the second waits here,
# and then sees the first. By a statement of its own, because a statement sees what was there before it waited.
_ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(hashtextextended('click', %s))"
_CLICK_COLUMNS = """l.id AS link_id, l.tracking_url_id, l.name AS link_name, l.url, l.message,
    COALESCE(r.language, '') AS language, (
        SELECT COUNT(DISTINCT h.link_id) FROM campaigns_hit h
        WHERE h.queue_item_id = q.id AND h.at >= %s AND h.link_id NOT IN (0, l.id)
    ) AS links_before"""
_CLICK_START = "campaigns_link l LEFT JOIN campaigns_queueitem q ON q.id = %s"


@dataclass(frozen=True, slots=True)
class Destination:
    """Where a link leads: to `url`, or to a page with `message`. `language` is that of the recipient, "" if unknown."""

    url: str
    message: str
    language: str = ""


def follow(item_id: int, link_id: int, method: str, headers: Mapping[str, str]) -> Destination | None:
    """Where the link leads; that the recipient of the queue item followed it is logged. None for an unknown link.

    Where the item is gone nobody is left to count for. Raises DatabaseError.
    """
    sql = _ITEM.format(columns=_CLICK_COLUMNS, start=_CLICK_START, which="l.id = %s")
    since = connection.ops.adapt_datetimefield_value(timezone.now() - timedelta(seconds=BURST_SECONDS))
    with transaction.atomic():
        _wait_for_turn(item_id)
        found = next(iter(QueueItem.objects.raw(sql, [since, item_id, link_id])), None)
        if found is None:
            return None
        if found.pk is not None:
            _count(found, Action.CLICKED, _visit(found, method, headers, is_open=False))
    return Destination(found.url, found.message, found.language)  # type: ignore[attr-defined]


def destination_of(link_id: int) -> Destination | None:
    """Without counting anything."""
    link = Link.objects.filter(pk=link_id).first()
    return Destination(link.url, link.message) if link else None


def count_open(item_id: int, method: str, headers: Mapping[str, str]) -> None:
    """Log that the open pixel of a queue item was loaded. Raises DatabaseError."""
    sql = _ITEM.format(columns="0 AS links_before", start="campaigns_queueitem q", which="q.id = %s")
    with transaction.atomic():
        for found in QueueItem.objects.raw(sql, [item_id]):
            _count(found, Action.OPENED, _visit(found, method, headers, is_open=True))


def _wait_for_turn(item_id: int) -> None:
    """Within a transaction, until whose end nobody else counts a click in this mail."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(_ONE_AT_A_TIME, [item_id])


def _visit(found: QueueItem, method: str, headers: Mapping[str, str], is_open: bool) -> Visit:
    sent = found.sent_at or found.attempted_at  # the first click may come before the outcome is written
    return Visit(
        method=method,
        headers=headers,
        is_open=is_open,
        seconds_since_sent=(timezone.now() - sent).total_seconds() if sent else None,
        links_before=found.links_before,  # type: ignore[attr-defined]
    )


def _count(found: QueueItem, action: Action, visit: Visit) -> None:
    machine = why_machine(visit)
    link = getattr(found, "link_name", "")
    told = Recorded(
        action=action,
        item_id=found.pk,
        mass_email_id=found.mass_email_id,
        campaign_id=found.campaign_id,  # type: ignore[attr-defined]
        record_id=found.record_id,
        address_id=found.email_address_id,
        address=found.address,  # type: ignore[attr-defined]
        link_id=getattr(found, "link_id", 0),
        tracking_url_id=getattr(found, "tracking_url_id", None),
        is_test=found.is_test,
        machine=machine,
        detail=machine or link,
        user_agent=visit.headers.get("user-agent", ""),
    )
    record(told, timezone.now())
    if not machine and found.status == QueueStatus.UNCERTAIN:
        evidence_of_delivery(found)
