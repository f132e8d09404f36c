"""What crashes and lost messages of the broker leave behind, put right once a minute."""

import logging
from datetime import timedelta

from django.conf import settings

from campaigns.models import MassEmail, MassEmailStatus, Portion, PortionStatus, QueueItem, QueueStatus
from campaigns.sending.deliver import finish
from campaigns.sending.journal import Remembered, journal_path, recall
from campaigns.sending.outcomes import Outcome, write_outcomes
from campaigns.sending.stops import complete_if_done
from crm.clock import database_now
from crm.mail.smtp import Attempt, Phase

logger = logging.getLogger(__name__)

LOST_AFTER = timedelta(seconds=90)  # a Ready portion that nobody took: its message in the broker may be gone


def lost_portions() -> list[int]:
    """Ready portions to be handed to the workers again. Handing one out twice does no harm."""
    waiting = Portion.objects.filter(status=PortionStatus.READY, created_at__lt=database_now() - LOST_AFTER)
    return list(waiting.values_list("pk", flat=True)[:500])


def sweep() -> int:
    """Resolve the portions of dead workers, and complete mass emails that a crash kept from it."""
    dead = Portion.objects.filter(status=PortionStatus.RUNNING, lease_until__lt=database_now())
    resolved = sum(resolve(portion) for portion in dead)
    for pk in MassEmail.objects.filter(status=MassEmailStatus.IN_PROCESS).values_list("pk", flat=True):
        complete_if_done(pk)
    return resolved


def resolve(portion: Portion) -> int:
    """Decide every item that a dead worker had in hand; how many were.

    The journal tells: replied → as replied; the dot written and no reply → Uncertain; neither → Pending. Without a
    journal of this boot nothing is proved, and everything that was being sent is Uncertain.
    """
    rows = Portion.objects.filter(pk=portion.pk, claim_token=portion.claim_token, status=PortionStatus.RUNNING)
    # Taking over changes the claim: a worker that was only asleep cannot renew its lease and sends nothing more.
    token = f"sweep{portion.claim_token[:20]}"
    if not rows.update(claim_token=token, lease_until=database_now() + timedelta(minutes=5)):
        return 0
    path = journal_path(settings.HERALD_JOURNAL_DIR, portion.pk, portion.claim_token)
    memory = recall(path)
    outcomes = _outcomes(portion, memory)
    for begin in range(0, len(outcomes), 500):
        write_outcomes(portion, outcomes[begin : begin + 500])
    portion.claim_token = token
    finish(portion, attempted=portion.size)  # the limits stay kept whatever was attempted
    path.unlink(missing_ok=True)
    complete_if_done(portion.mass_email_id)
    logger.warning("Portion %s of a dead worker: %s items decided", portion.pk, len(outcomes))
    return len(outcomes)


def _outcomes(portion: Portion, memory: Remembered | None) -> list[Outcome]:
    no_reply = Attempt(Phase.DOT, None, "the worker died before the server answered")
    sending = QueueItem.objects.filter(portion_id=portion.pk, status=QueueStatus.SENDING).values_list("pk", flat=True)
    if memory is None:
        return [Outcome.of(pk, no_reply) for pk in sending]
    told = {pk: Outcome.of(pk, attempt) for pk, attempt in memory.ended.items()}
    for pk in memory.dotted - memory.ended.keys():
        told[pk] = Outcome.of(pk, no_reply)
    return list(told.values())
