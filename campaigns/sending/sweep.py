"""What crashes and lost messages of the broker leave behind, put right once a minute."""

import logging
import secrets
import time
from contextlib import suppress
from datetime import timedelta

from django.conf import settings
from django.db.models import Q

from campaigns.models import MassEmail, MassEmailStatus, Portion, PortionStatus, QueueItem, QueueStatus
from campaigns.sending.claims import LEASE, finish
from campaigns.sending.database import DATABASE_AWAY
from campaigns.sending.journal import SWEPT, Remembered, is_being_written, journal_path, recall
from campaigns.sending.outcomes import Outcome, write_outcomes
from campaigns.sending.stops import complete_if_done
from crm.clock import DatabaseNow, database_now
from crm.mail.smtp import Attempt, Phase

logger = logging.getLogger(__name__)

TAKEN_OVER = timedelta(seconds=45)  # less than the minute after which the sweeper comes again
JOURNAL_KEPT = 24 * 3600.0  # seconds
LOST_AFTER = timedelta(seconds=90)  # a Ready portion that nobody took: its message in the broker may be gone


def lost_portions() -> list[int]:
    """Ready portions to be handed to the workers: whose message was lost, and which a worker that ended handed on.

    Handing one out twice does no harm.
    """
    handed_on = ~Q(worker="")
    waiting = Portion.objects.filter(
        handed_on | Q(created_at__lt=database_now() - LOST_AFTER), status=PortionStatus.READY
    )
    return list(waiting.values_list("pk", flat=True)[:500])


def sweep() -> int:
    """Resolve the portions of dead workers, and complete mass emails that a crash kept from it."""
    now = database_now()
    # A lease longer than any that is given comes from a clock that was set back.
    ended = Q(lease_until__lt=now) | Q(lease_until__gt=now + LEASE + TAKEN_OVER)
    resolved = sum(_resolved(portion) for portion in Portion.objects.filter(ended, status=PortionStatus.RUNNING))
    for pk in MassEmail.objects.filter(status=MassEmailStatus.IN_PROCESS).values_list("pk", flat=True):
        complete_if_done(pk)
    _forget_journals()
    return resolved


def _forget_journals() -> None:
    """What another host decided, or what was written twice, left a journal that nobody asks for any more."""
    for path in settings.HERALD_JOURNAL_DIR.glob("[0-9]*-*.journal"):
        with suppress(OSError, ValueError):  # another sweeper was faster, or it is not one of ours
            if path.stat().st_mtime > time.time() - JOURNAL_KEPT:
                continue
            open_ones = Portion.objects.exclude(status=PortionStatus.DONE)
            if not open_ones.filter(pk=int(path.name.partition("-")[0])).exists():
                path.unlink()


def _resolved(portion: Portion) -> int:
    """One portion that cannot be decided does not keep the others from it."""
    try:
        return resolve(portion)
    except DATABASE_AWAY:
        raise
    except Exception:
        logger.exception("Portion %s of a dead worker could not be decided", portion.pk)
        return 0


def resolve(portion: Portion) -> int:
    """Decide every item that a dead worker had in hand; how many were.

    The journal tells: replied → as replied; the dot written and no reply → Uncertain; neither → Pending. Without a
    journal of this boot nothing is proved, and everything that was being sent is Uncertain.
    """
    path = journal_path(settings.HERALD_JOURNAL_DIR, portion.pk, portion.claim_token)
    may_be_asleep = SWEPT not in portion.claim_token and is_being_written(path)
    if not _take_over(portion) or may_be_asleep:
        return 0  # a worker that lives sees that its claim is gone, and stops: the next sweep reads its last words
    outcomes = _outcomes(portion, recall(path))
    for begin in range(0, len(outcomes), 500):
        write_outcomes(portion, outcomes[begin : begin + 500])
    untouched = QueueItem.in_hand_of(portion).count()
    if finish(portion, attempted=portion.size - untouched):
        path.unlink(missing_ok=True)
    complete_if_done(portion.mass_email_id)
    logger.warning("Portion %s of a dead worker: %s items decided", portion.pk, len(outcomes))
    return len(outcomes)


def _take_over(portion: Portion) -> bool:
    """Change the claim, so that a worker that was only asleep cannot renew its lease and sends nothing more."""
    rows = Portion.objects.filter(pk=portion.pk, claim_token=portion.claim_token, status=PortionStatus.RUNNING)
    portion.claim_token = f"{portion.claim_token.partition(SWEPT)[0]}{SWEPT}{secrets.token_hex(3)}"
    return bool(rows.update(claim_token=portion.claim_token, lease_until=DatabaseNow(TAKEN_OVER)))


def _outcomes(portion: Portion, memory: Remembered | None) -> list[Outcome]:
    no_reply = Attempt(Phase.DOT, None, "the worker died before the server answered")
    if memory is None:
        held = QueueItem.in_hand_of(portion)
        sending = held.filter(Q(status=QueueStatus.SENDING) | Q(pk__lte=portion.reached))
        return [Outcome.of(pk, no_reply) for pk in sending.values_list("pk", flat=True)]
    told = {pk: Outcome.of(pk, attempt) for pk, attempt in memory.ended.items()}
    for pk in memory.dotted - memory.ended.keys():
        told[pk] = Outcome.of(pk, no_reply)
    return list(told.values())
