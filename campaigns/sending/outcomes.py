"""From replies to rows: states, log, counters and address flags, many at a time, each batch in one transaction.

Writing the same outcomes twice is harmless: only items that still belong to the portion are touched.

Who got the mail, which is nearly everybody, costs Python next to nothing: `record_sent` writes all of them at once, and
what the log has to know is taken from where it stands. What became of the others is decided here, one by one.
"""

import random
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

from django.conf import settings
from django.db import transaction
from django.db.models import F

from campaigns.bounces.refusals import blames_the_message, evidence_in
from campaigns.models import Bounce, MassEmail, Portion, QueueItem, QueueStatus, Reason
from campaigns.sending.recording import Change, record_changes
from campaigns.sending.recording_sent import record_sent
from crm.clock import database_now
from crm.mail.smtp import Attempt, Phase, Reply
from crm.mail.verdict import AccountOutcome, AddressOutcome, ItemOutcome, Verdict, verdict

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
ACCEPTED = Verdict(ItemOutcome.SENT, AccountOutcome.NONE, AddressOutcome.NONE, "", charged=True)
BLAMELESS = Verdict(ItemOutcome.FAILED, AccountOutcome.NONE, AddressOutcome.NONE, Reason.POLICY, charged=True)
BOUNCE_OF = {AddressOutcome.HARD: Bounce.HARD, AddressOutcome.SOFT: Bounce.SOFT}


class Outcome(NamedTuple):
    """What became of one queue item. `skipped` is a Reason for somebody who may not be mailed any more; `answered`:
    whether the reply is the server's own."""

    item_id: int
    verdict: Verdict | None
    reply: str = ""
    skipped: str = ""
    phase: str = ""
    answered: bool = False

    @classmethod
    def of(cls, item_id: int, attempt: Attempt) -> "Outcome":
        if attempt.phase is Phase.ACCEPTED:  # nearly everybody: there is nothing to judge
            return cls(item_id, ACCEPTED, _told(attempt.reply), "", Phase.ACCEPTED)
        told = str(attempt.reply) if attempt.reply else _printable(attempt.error)
        return cls(item_id, verdict(attempt), told[:1000], "", attempt.phase, attempt.reply is not None)

    @classmethod
    def unmakeable(cls, item_id: int, why: str) -> "Outcome":
        """The message of this one person could not be made: it fails alone."""
        judged = Verdict(ItemOutcome.FAILED, AccountOutcome.NONE, AddressOutcome.NONE, Reason.RENDER, charged=True)
        return cls(item_id, judged, _printable(why)[:1000])

    @classmethod
    def skip(cls, item_id: int, reason: str) -> "Outcome":
        return cls(item_id, None, skipped=reason)


@lru_cache(maxsize=64)
def _told(reply: Reply | None) -> str:
    """Cached for servers that give everybody the same answer."""
    return str(reply)[:1000]


def _printable(text: str) -> str:
    """What every database takes, also of a message that was made of hostile values."""
    return text if text.isprintable() else "".join(one if one.isprintable() else " " for one in text)


def write_outcomes(portion: Portion, outcomes: Sequence[Outcome]) -> Counter[QueueStatus]:
    """Record outcomes of items that the portion still holds; how many came to each status. Raises DatabaseError."""
    sent: dict[int, str] = {}
    others: dict[int, Outcome] = {}
    for outcome in outcomes:
        if outcome.verdict is not None and outcome.verdict.item is ItemOutcome.SENT:
            sent[outcome.item_id] = outcome.reply
        else:
            others[outcome.item_id] = outcome
    if not others:
        return +Counter({QueueStatus.SENT: record_sent(portion, sent)})
    with transaction.atomic():
        states, bounces = _record_others(portion, others)
        states[QueueStatus.SENT] = record_sent(portion, sent) if sent else 0
        _count(portion, states, bounces)
    return +states


def _record_others(portion: Portion, others: dict[int, Outcome]) -> tuple[Counter[QueueStatus], Counter[str]]:
    """How many came to each status, and the new bounces of each kind; neither is counted yet."""
    now = database_now()
    changes = _changes(portion, others, now)
    bounces = record_changes(portion, changes, now) if changes else Counter[str]()
    return Counter(change.status for change in changes), bounces


def _changes(portion: Portion, told: dict[int, Outcome], now: datetime) -> list[Change]:
    """What becomes of those who did not get it, as far as the portion still holds them. Locks them."""
    held = QueueItem.in_hand_of(portion).select_for_update().filter(pk__in=list(told))
    rows = held.order_by("pk").values_list("pk", "email_address_id", "attempts")
    return [_change(told[pk], address_id, attempts, now) for pk, address_id, attempts in rows]


def _change(outcome: Outcome, address_id: int | None, attempts: int, now: datetime) -> Change:
    judged = outcome.verdict
    if judged is None:
        return Change(outcome.item_id, QueueStatus.SKIPPED, outcome.skipped, attempts=attempts)
    attempts += judged.charged
    status, next_try_at, bounce = STATUS_OF[judged.item], None, Bounce.NONE
    if status == QueueStatus.DEFERRED:
        next_try_at = now + retry_delay(attempts)
        if attempts >= most_attempts():
            status, next_try_at = QueueStatus.FAILED, None
    evidence = evidence_in(outcome.reply) if status == QueueStatus.FAILED and outcome.answered else None
    if judged.address == AddressOutcome.HARD and evidence and blames_the_message(evidence):
        judged = BLAMELESS  # the code gives the person up, the words speak of the mail
    if status == QueueStatus.FAILED:
        # A refusal is a bounce at once: hard where nobody is there, soft for whatever else a server says, as it is
        # when the same words come back by mail.
        bounce = BOUNCE_OF.get(judged.address, Bounce.SOFT if evidence else Bounce.NONE)
    return Change(
        outcome.item_id, status, "" if status == QueueStatus.PENDING else judged.reason, outcome.reply, attempts,
        next_try_at, now, bounce, outcome.phase, address_id, evidence,
    )  # fmt: skip


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


def _count(portion: Portion, states: Counter[QueueStatus], bounces: Counter[str]) -> None:
    """Last, because everybody who sends this mass email writes to this row. Portions carry no tests: all count."""
    if states[QueueStatus.FAILED]:
        MassEmail.objects.filter(pk=portion.mass_email_id).update(
            failed_count=F("failed_count") + states[QueueStatus.FAILED],
            hard_bounced_count=F("hard_bounced_count") + bounces[Bounce.HARD],
            soft_bounced_count=F("soft_bounced_count") + bounces[Bounce.SOFT],
            refused_count=F("refused_count") + bounces.total(),  # a soft one that turns out hard is none more
        )
