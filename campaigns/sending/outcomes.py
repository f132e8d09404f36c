"""From replies to rows: states, log, counters and address flags, many at a time, each batch in one transaction.

Writing the same outcomes twice is harmless: only items that still belong to the portion are touched.
"""

import random
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F

from campaigns.models import (
    Action,
    Bounce,
    FrozenMassEmail,
    LogRecord,
    MassEmail,
    Portion,
    QueueItem,
    QueueStatus,
    Reason,
)
from crm.clock import database_now
from crm.mail.smtp import Attempt
from crm.mail.verdict import AccountOutcome, AddressOutcome, ItemOutcome, Verdict, verdict
from crm.models import EmailAddress

# Minutes until the next try after the 1st, 2nd … failure; the last one repeats (RFC 5321 §4.5.4.1).
RETRY_MINUTES = (5, 15, 30, 60, 120, 240)
JITTER = 0.2  # so that a server that deferred a thousand at once is not met by a thousand at once

# Failures that time may cure: what *Retry failed* touches.
RETRYABLE = frozenset(
    {Reason.MAILBOX_FULL, Reason.MAILBOX_UNAVAILABLE, Reason.GREYLISTED, Reason.POLICY_DEFERRED,
     Reason.SENDER_DEFERRED, Reason.TOO_MANY_RECIPIENTS, Reason.DEFERRED}
)  # fmt: skip

STATUS_OF = {
    ItemOutcome.SENT: QueueStatus.SENT,
    ItemOutcome.PENDING: QueueStatus.PENDING,
    ItemOutcome.DEFERRED: QueueStatus.DEFERRED,
    ItemOutcome.FAILED: QueueStatus.FAILED,
    ItemOutcome.UNCERTAIN: QueueStatus.UNCERTAIN,
}
IN_HAND = (QueueStatus.CLAIMED, QueueStatus.SENDING)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one queue item. `skipped` is a Reason for somebody who may not be mailed any more."""

    item_id: int
    verdict: Verdict | None
    reply: str = ""
    skipped: str = ""

    @classmethod
    def of(cls, item_id: int, attempt: Attempt) -> "Outcome":
        return cls(item_id, verdict(attempt), str(attempt.reply or attempt.error)[:1000])

    @classmethod
    def unmakeable(cls, item_id: int, why: str) -> "Outcome":
        """The message of this one person could not be made: it fails alone."""
        judged = Verdict(ItemOutcome.FAILED, AccountOutcome.NONE, AddressOutcome.NONE, Reason.RENDER, charged=True)
        return cls(item_id, judged, why[:1000])

    @classmethod
    def skip(cls, item_id: int, reason: str) -> "Outcome":
        return cls(item_id, None, skipped=reason)


@dataclass(frozen=True, slots=True)
class _Row:
    """One item as it will stand in the database."""

    item: QueueItem
    status: QueueStatus
    reason: str
    reply: str
    attempts: int
    next_try_at: datetime | None
    address: AddressOutcome


def write_outcomes(portion: Portion, outcomes: Sequence[Outcome]) -> Counter[QueueStatus]:
    """Record outcomes of items that the portion still holds; how many came to each status. Raises DatabaseError."""
    told = {outcome.item_id: outcome for outcome in outcomes}
    with transaction.atomic():
        now = database_now()
        held = (
            QueueItem.objects.select_for_update()
            .filter(pk__in=list(told), portion_id=portion.pk, status__in=IN_HAND)
            .order_by("pk")
        )
        rows = [_row(item, told[item.pk], now) for item in held]
        _update_items(rows, now)
        bounced = _write_log(portion, rows, now)
        _flag_addresses(rows)
        _count(portion, rows, bounced)
    return Counter(row.status for row in rows)


def _row(item: QueueItem, outcome: Outcome, now: datetime) -> _Row:
    judged = outcome.verdict
    if judged is None:
        return _Row(item, QueueStatus.SKIPPED, outcome.skipped, "", item.attempts, None, AddressOutcome.NONE)
    attempts = item.attempts + judged.charged
    status, next_try_at = STATUS_OF[judged.item], None
    if status == QueueStatus.DEFERRED:
        next_try_at = now + retry_delay(attempts)
        if attempts >= most_attempts():
            status, next_try_at = QueueStatus.FAILED, None
    reason = "" if status in (QueueStatus.SENT, QueueStatus.PENDING) else judged.reason
    return _Row(item, status, reason, outcome.reply, attempts, next_try_at, judged.address)


def retry_delay(attempts: int) -> timedelta:
    """How long to wait after so many failed attempts (≥ 1), with jitter."""
    minutes = RETRY_MINUTES[min(attempts, len(RETRY_MINUTES)) - 1]
    return timedelta(minutes=minutes * random.uniform(1, 1 + JITTER))


def most_attempts() -> int:
    """The attempts that fit into the hours after which a temporary failure becomes a final one."""
    left, attempts = settings.HERALD_GIVE_UP_HOURS * 60, 1
    while left > 0:
        left -= RETRY_MINUTES[min(attempts, len(RETRY_MINUTES)) - 1]
        attempts += 1
    return attempts


_UPDATE = """UPDATE campaigns_queueitem SET status = %s, reason = %s, reply = %s, attempts = %s, next_try_at = %s,
attempted_at = %s, sent_at = %s, portion_id = %s WHERE id = %s"""


def _update_items(rows: Iterable[_Row], now: datetime) -> None:
    """Plain SQL: the ORM's bulk_update costs a hundred times as much per row."""
    adapt = connection.ops.adapt_datetimefield_value
    moment = adapt(now)
    values = [
        (
            row.status,
            row.reason,
            row.reply,
            row.attempts,
            adapt(row.next_try_at) if row.next_try_at else None,
            None if row.status == QueueStatus.SKIPPED else moment,
            moment if row.status == QueueStatus.SENT else None,
            None if row.status == QueueStatus.PENDING else row.item.portion_id,
            row.item.pk,
        )
        for row in rows
    ]
    if values:
        with connection.cursor() as cursor:
            cursor.executemany(_UPDATE, values)


def _write_log(portion: Portion, rows: Sequence[_Row], now: datetime) -> Counter[str]:
    """One row per person and event; the new bounces of each kind, those of a retried person not counted again."""
    logged = [row for row in rows if row.status == QueueStatus.SENT or _bounce(row)]
    bounced = {row.item.pk: _bounce(row) for row in logged if _bounce(row)}
    known = LogRecord.objects.filter(queue_item_id__in=list(bounced), action=Action.BOUNCED, is_machine=False)
    for pk in known.values_list("queue_item_id", flat=True):
        bounced.pop(pk or 0, None)
    frozen = FrozenMassEmail.objects.filter(pk=portion.mass_email_id)  # it outlives the mass email
    campaign_id = frozen.values_list("campaign_id", flat=True).first()
    addresses = dict(
        EmailAddress.objects.filter(pk__in=[row.item.email_address_id for row in logged]).values_list("pk", "address")
    )
    LogRecord.objects.bulk_create(
        (
            LogRecord(
                campaign_id=campaign_id or 0,
                mass_email_id=portion.mass_email_id,
                queue_item_id=row.item.pk,
                record_id=row.item.record_id,
                email_address_id=row.item.email_address_id,
                address=addresses.get(row.item.email_address_id or 0, ""),
                action=Action.BOUNCED if _bounce(row) else Action.SENT,
                bounce=_bounce(row),
                is_test=row.item.is_test,
                detail=row.reply[:500] if _bounce(row) else "",
                at=now,
            )
            for row in logged
        ),
        ignore_conflicts=True,
    )
    return Counter(bounced.values())


def _bounce(row: _Row) -> str:
    """A refusal during SMTP is a bounce at once: hard where nobody is there, soft where trying again did not help."""
    if row.status != QueueStatus.FAILED:
        return Bounce.NONE
    return {AddressOutcome.HARD: Bounce.HARD, AddressOutcome.SOFT: Bounce.SOFT}.get(row.address, Bounce.NONE)


def _flag_addresses(rows: Iterable[_Row]) -> None:
    for row in sorted(rows, key=lambda row: row.item.email_address_id or 0):  # two workers lock in the same order
        if row.address == AddressOutcome.HARD and row.item.email_address_id and not row.item.is_test:
            address = EmailAddress.objects.filter(pk=row.item.email_address_id).first()
            if address is not None:
                address.mark_invalid(row.reply)


def _count(portion: Portion, rows: Sequence[_Row], bounces: Counter[str]) -> None:
    """Portions carry no tests: everybody counts."""
    states = Counter(row.status for row in rows)
    MassEmail.objects.filter(pk=portion.mass_email_id).update(
        sent_count=F("sent_count") + states[QueueStatus.SENT],
        failed_count=F("failed_count") + states[QueueStatus.FAILED],
        hard_bounced_count=F("hard_bounced_count") + bounces[Bounce.HARD],
        soft_bounced_count=F("soft_bounced_count") + bounces[Bounce.SOFT],
    )
