"""The statements that record what became of queue items, for many at a time. Call them within a transaction.

Every statement asks again whether the portion still holds the item, so a batch that is written twice changes nothing.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from django.db import connection

from campaigns.bounces.refusals import Refused, report_refusals
from campaigns.bounces.soft_limit import SAYS_NOTHING, mark_at_soft_limit
from campaigns.bounces.verdicts import Refusal
from campaigns.models import Action, Bounce, BounceKind, Decision, LogRecord, Portion, QueueStatus
from crm.packed import packed, unpacked

# 3 is Sent; 1 and 2 are what a portion has in hand.
_MARK_OTHERS = """
UPDATE campaigns_queueitem SET status = told.status, reason = told.reason, reply = told.reply,
    attempts = told.attempts, next_try_at = told.next_try_at, attempted_at = told.at, sent_at = NULL,
    portion_id = CASE WHEN told.status = 0 THEN NULL ELSE portion_id END
FROM ({told}) told WHERE campaigns_queueitem.id = told.id AND portion_id = %s AND campaigns_queueitem.status IN (1, 2)
"""

# A frozen mass email outlives the mass email. The time tells those who were marked a moment ago from those whose
# outcome comes a second time.
LOG = """
INSERT INTO campaigns_logrecord (campaign_id, mass_email_id, queue_item_id, record_id, email_address_id, address,
    action, link_id, bounce, is_machine, is_test, detail, at)
SELECT COALESCE((SELECT campaign_id FROM campaigns_frozenmassemail WHERE mass_email_id = %s), 0), q.mass_email_id, q.id,
    q.record_id, q.email_address_id, COALESCE(a.address, ''), {action}, 0, {bounce}, FALSE, q.is_test, {detail},
    q.attempted_at
FROM ({told}) told JOIN campaigns_queueitem q ON q.id = told.id
    LEFT JOIN crm_emailaddress a ON a.id = q.email_address_id
WHERE q.portion_id = %s AND q.status = {status} AND q.attempted_at = %s
ON CONFLICT DO NOTHING
"""

_LEDGER = """
INSERT INTO campaigns_try (queue_item_id, portion_id, number, status, phase, reply, at)
SELECT id, %s, number, status, phase, reply, %s FROM ({told}) told
"""

_FLAG = """
UPDATE crm_emailaddress SET invalid_at = %s, invalid_why = told.why
FROM ({told}) told WHERE crm_emailaddress.id = told.id AND invalid_at IS NULL
"""


class Change(NamedTuple):
    """A queue item as it will stand in the database, unless it was sent. `attempted_at` is None for who is skipped;
    `evidence` is what the server's definite no says."""

    item_id: int
    status: QueueStatus
    reason: str
    reply: str = ""
    attempts: int = 0
    next_try_at: datetime | None = None
    attempted_at: datetime | None = None
    bounce: str = ""
    phase: str = ""
    address_id: int | None = None
    evidence: Refusal | None = None


def record_changes(portion: Portion, changes: Sequence[Change], now: datetime) -> Counter[str]:
    """Everything but Sent, of items that the caller has locked; the new bounces of each kind.

    Somebody who is retried and bounces again is not counted again: who bounced softly and now hard is one soft less.
    """
    told = unpacked(
        id="bigint", status="smallint", reason="text", reply="text", attempts="smallint",
        next_try_at="timestamptz", at="timestamptz",
    )  # fmt: skip
    rows = [(*change[:5], _text(change.next_try_at), _text(change.attempted_at)) for change in changes]
    with connection.cursor() as cursor:
        cursor.execute(_MARK_OTHERS.format(told=told), [packed(rows), portion.pk])
    _write_ledger(portion, [change for change in changes if change.attempted_at], now)
    _flag([change for change in changes if change.bounce == Bounce.HARD], now)
    counts = _log_bounces(portion, [change for change in changes if change.bounce], now)
    _report(portion, [change for change in changes if change.evidence], now)
    return counts


def _report(portion: Portion, refused: Sequence[Change], now: datetime) -> None:
    """The evidence, and what followed: a soft bounce too many in a row, which the log tells by now, is Invalid too.

    Unless it says nothing of the person: a limit of ours that a server counts, say, under the code of a full mailbox.
    """
    counting: dict[int, tuple[int, str]] = {}
    for change in refused:
        assert change.evidence is not None
        if change.address_id and change.bounce == Bounce.SOFT and change.evidence.reason not in SAYS_NOTHING:
            counting[change.address_id] = change.item_id, change.reply
    given_up = mark_at_soft_limit(counting)
    rows = []
    for change in refused:
        assert change.evidence is not None
        kind = BounceKind.HARD if change.bounce == Bounce.HARD else BounceKind.SOFT
        decision = Decision.INVALIDATED if kind is BounceKind.HARD and change.address_id else Decision.LOGGED
        decision = Decision.SOFT_LIMIT if change.address_id in given_up else decision
        rows.append(Refused(change.item_id, kind, decision, change.reply, change.evidence))
    report_refusals(portion, rows, now)


def _write_ledger(portion: Portion, tried: Iterable[Change], now: datetime) -> None:
    rows = packed((one.item_id, one.attempts, one.status, one.phase, one.reply[:500]) for one in tried)
    told = unpacked(id="bigint", number="smallint", status="smallint", phase="text", reply="text")
    with connection.cursor() as cursor:
        cursor.execute(_LEDGER.format(told=told), [portion.pk, connection.ops.adapt_datetimefield_value(now), rows])


def _flag(unknown: Iterable[Change], now: datetime) -> None:
    """Addresses that do not exist. In the order of their ids, so that two workers do not wait for each other."""
    rows = sorted((change.address_id, change.reply[:255]) for change in unknown if change.address_id)
    if rows:
        with connection.cursor() as cursor:
            moment = connection.ops.adapt_datetimefield_value(now)
            cursor.execute(_FLAG.format(told=unpacked(id="bigint", why="text")), [moment, packed(rows)])


def _log_bounces(portion: Portion, bounced: Sequence[Change], now: datetime) -> Counter[str]:
    if not bounced:
        return Counter()
    told = unpacked(id="bigint", bounce="text", detail="text")
    sql = LOG.format(told=told, action=6, bounce="told.bounce", detail="told.detail", status=5)
    rows = packed((change.item_id, change.bounce, change.reply[:500]) for change in bounced)
    with connection.cursor() as cursor:
        moment = connection.ops.adapt_datetimefield_value(now)
        cursor.execute(f"{sql} RETURNING queue_item_id, bounce", [portion.mass_email_id, rows, portion.pk, moment])
        written = dict(cursor.fetchall())
    hardened = sum(_harden(change) for change in bounced if change.item_id not in written)
    counts: Counter[str] = Counter(written.values())
    counts.update({Bounce.HARD: hardened, Bounce.SOFT: -hardened})
    return counts


def _harden(change: Change) -> bool:
    """Whether somebody bounced softly before, was tried again, and turns out to be nobody."""
    rows = LogRecord.objects.filter(queue_item_id=change.item_id, action=Action.BOUNCED, bounce=Bounce.SOFT)
    return change.bounce == Bounce.HARD and bool(rows.update(bounce=Bounce.HARD, detail=change.reply[:500]))


def _text(moment: datetime | None) -> str | None:
    """A time as this database reads it out of a text."""
    return str(connection.ops.adapt_datetimefield_value(moment)) if moment else None
