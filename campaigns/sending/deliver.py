"""One worker, one portion: claim it, ask again who may be mailed, send, record what came of it, give the rest back."""

import logging
import os
import secrets
import socket
import time
from collections import Counter
from collections.abc import Iterable
from datetime import timedelta
from functools import partial

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from campaigns.audience import frozen_audience
from campaigns.models import FrozenMassEmail, MassEmail, Portion, PortionStatus, QueueItem, QueueStatus, Reason
from campaigns.people import Person
from campaigns.sending.accounts import account_in_use, note_answer, note_trouble
from campaigns.sending.database import DATABASE_AWAY, drop_broken_connection, insist
from campaigns.sending.envelopes import EnvelopeMaker
from campaigns.sending.errors import MessageError, described
from campaigns.sending.fleet import Ended, Fleet, Make
from campaigns.sending.freeze import CannotStart
from campaigns.sending.journal import Journal, journal_path
from campaigns.sending.keeping import Keeper
from campaigns.sending.outcomes import IN_HAND, Outcome, write_outcomes
from campaigns.sending.stops import complete_if_done, may_send, pause_with_reason, skip_if_canceled
from crm.clock import database_now
from crm.mail.account_server import server_for
from crm.mail.secrets import SecretUnreadable
from crm.mail.smtp import Attempt, Envelope
from crm.mail.verdict import ItemOutcome, verdict
from crm.stopping import stopping

logger = logging.getLogger(__name__)

CHUNK = 200  # people who are asked about again at a time, shortly before their turn
FLUSH_SECONDS = 0.2
LEASE = timedelta(minutes=2)
LEASE_MARGIN = 20.0  # seconds before the end of the lease after which nothing is put on the wire any more
LAST_SECONDS = 20.0  # for what is in hand when the worker has to end, or when the portion is not ours any more
TRIES_PER_PORTION = 3  # for what came back untouched because a connection broke
SAME_IN_A_ROW = 20  # identical failures that look like our own fault
UNCERTAIN_LIMIT = 10


class LeaseLost(Exception):
    """Somebody else may own the portion by now: nothing more may be sent by us."""


def send_portion(portion_id: int) -> Counter[QueueStatus]:
    """Send one portion. May be called twice or by many at once: only one gets the claim. Returns how items ended.

    What makes sending impossible pauses the mass email with the reason. Raises DATABASE_AWAY when the database stays
    away; the journal then tells the sweeper what became of the portion.
    """
    portion = claim(portion_id, secrets.token_hex(12))
    if portion is None:
        return Counter()
    try:
        delivery = Delivery(portion)
    except DATABASE_AWAY:
        raise
    except Exception as error:
        logger.exception("Portion %s cannot be sent", portion.pk)
        pause_with_reason(portion.mass_email_id, _cannot(error))
        finish(portion, 0)
        return Counter()
    with delivery.journal:
        _send(delivery)
    return delivery.totals


def _send(delivery: "Delivery") -> None:
    portion = delivery.portion
    try:
        everything_told = delivery.run()
    except DATABASE_AWAY:
        raise
    except Exception as error:  # ours: paused, so that it does not come again every minute; the sweeper tidies up
        logger.exception("Portion %s stopped", portion.pk)
        pause_with_reason(portion.mass_email_id, _cannot(error))
        return
    if everything_told and insist(partial(finish, portion, delivery.attempted)):
        delivery.journal.forget()
        complete_if_done(portion.mass_email_id)


def _cannot(error: Exception) -> str:
    """A sentence for the person who has to do something about it."""
    match error:
        case CannotStart() | SecretUnreadable():
            return str(error)
        case OSError():
            return _("The journal of sending cannot be written: %(error)s") % {"error": error}
        case MessageError() | FrozenMassEmail.DoesNotExist() | LookupError() | TypeError() | ValueError():
            return _("The frozen content cannot be used: %(error)s") % {"error": described(error)}
    return _("Sending stopped because of an unexpected error: %(error)s") % {"error": described(error)}


def claim(portion_id: int, token: str) -> Portion | None:
    """Ready → Running by compare-and-set; None when it was not ours to take."""
    rows = Portion.objects.filter(pk=portion_id, status=PortionStatus.READY)
    taken = rows.update(
        status=PortionStatus.RUNNING,
        claim_token=token,
        worker=f"{socket.gethostname()}:{os.getpid()}",
        lease_until=database_now() + LEASE,
    )
    return Portion.objects.get(pk=portion_id) if taken else None


def finish(portion: Portion, attempted: int) -> bool:
    """Close the portion and give back what was not attempted; False when it is not ours any more."""
    with transaction.atomic():
        ours = Portion.objects.filter(
            pk=portion.pk, claim_token=portion.claim_token, status=PortionStatus.RUNNING
        ).update(
            status=PortionStatus.DONE,
            attempted=min(attempted, portion.size),
            finished_at=database_now(),
            lease_until=None,
        )
        if ours:
            QueueItem.objects.filter(portion_id=portion.pk, status__in=IN_HAND).update(
                status=QueueStatus.PENDING, portion_id=None
            )
            skip_if_canceled(portion.mass_email_id)
    return bool(ours)


class Delivery:
    """The sending of one claimed portion. `attempted` counts towards the hourly limits."""

    def __init__(self, portion: Portion) -> None:
        """Everything that can make sending impossible comes to light here, before anybody is touched."""
        self.portion = portion
        self.account = account_in_use(portion.account_id)
        self.server = server_for(self.account)
        self.frozen = FrozenMassEmail.objects.get(pk=portion.mass_email_id)
        self.maker = EnvelopeMaker(self.frozen, timezone.now())
        self.audience = frozen_audience(self.frozen)
        self.keeper = Keeper() if self.frozen.store_sent else None
        self.last_id = 0
        self.attempted = 0
        self.totals: Counter[QueueStatus] = Counter()
        self.tries: Counter[int] = Counter()
        self.row: tuple[str, int] = ("", 0)  # the same failure, so many times in a row
        self.unwritten: list[Outcome] = []
        self.makes: dict[int, Make] = {}
        self.deadline = 0.0
        self.ending = False  # nothing is taken or tried again any more
        self.journal = Journal(journal_path(settings.HERALD_JOURNAL_DIR, portion.pk, portion.claim_token))

    def run(self) -> bool:
        """Send. False when only the journal, and so the sweeper, can tell what became of some items."""
        account = self.account
        fleet = Fleet(self.server, account.connections, self._dot, self.journal.end, account.max_per_second)
        try:
            while self._may_go_on(fleet) and (self._refill(fleet) or not fleet.idle or self.unwritten):
                self._take(fleet, fleet.run(FLUSH_SECONDS))
                self._write()
        except (LeaseLost, *DATABASE_AWAY):
            logger.exception("Portion %s: nothing more is taken", self.portion.pk)
        finally:
            self._wind_down(fleet)
        insist(self._write)
        if fleet.trouble is not None:
            note_trouble(self.account, fleet.trouble)
        elif self.totals[QueueStatus.SENT]:
            note_answer(self.account)
        if fleet.error is not None and not isinstance(fleet.error, LeaseLost):
            pause_with_reason(self.portion.mass_email_id, _cannot(fleet.error))
        return not fleet.lost

    def _dot(self, item: int) -> None:
        if time.monotonic() > self.deadline:
            raise LeaseLost(f"portion {self.portion.pk}")
        self.journal.dot(item)

    def _may_go_on(self, fleet: Fleet) -> bool:
        """Looked at between flushes: pause, cancel, trouble and the end of the process stop the taking of more."""
        stopped = fleet.trouble is not None or fleet.error is not None or stopping.is_set()
        return not stopped and may_send(self.portion.mass_email_id) and self._renew()

    def _renew(self) -> bool:
        """Extend the lease. False when the portion is not ours any more."""
        begun = time.monotonic()
        ours = Portion.objects.filter(
            pk=self.portion.pk, claim_token=self.portion.claim_token, status=PortionStatus.RUNNING
        )
        if not ours.update(lease_until=database_now() + LEASE):
            self.deadline = 0.0
            return False
        self.deadline = begun + LEASE.total_seconds() - LEASE_MARGIN
        return True

    def _wind_down(self, fleet: Fleet) -> None:
        """What is in hand comes to its end, be it the ten minutes that a server may take to answer the final dot.

        A worker that has to end, or lost the portion, waits for LAST_SECONDS only.
        """
        self.ending = True
        fleet.drop_waiting()
        last_moment = float("inf")
        while not fleet.idle and time.monotonic() < last_moment:
            self._take(fleet, fleet.run(FLUSH_SECONDS))
            if stopping.is_set() or not self._keep():
                last_moment = min(last_moment, time.monotonic() + LAST_SECONDS)
        self._take(fleet, fleet.close(patience=None if fleet.idle else 0))

    def _keep(self) -> bool:
        """Write what is known and keep the lease, if the database is there. False when the portion is not ours."""
        try:
            self._write()
            return self._renew()
        except DATABASE_AWAY:
            drop_broken_connection()
            return True

    # -- in: people ---------------------------------------------------------------------------------------------------

    def _refill(self, fleet: Fleet) -> bool:
        """Feed the next people whose turn comes, asked again this moment. False when the portion is used up."""
        if fleet.waiting >= CHUNK // 2:
            return True
        items = list(
            QueueItem.objects.filter(
                portion_id=self.portion.pk, status=QueueStatus.CLAIMED, pk__gt=self.last_id
            ).order_by("pk")[:CHUNK]
        )
        if not items or self._a_list_is_gone():
            return False
        self.last_id = items[-1].pk
        people = self.maker.people(items)
        now_barred = {pk: why for pk, why in self._recheck(items).items() if why}
        # Who was erased between these two questions has no address any more.
        now_barred |= {item.pk: Reason.NO_ADDRESS for item in items if item.pk not in people | now_barred}
        self.unwritten += [Outcome.skip(pk, why) for pk, why in now_barred.items()]
        going = [item for item in items if item.pk not in now_barred]
        self._mark_sending(going)
        for item in going:
            self.makes[item.pk] = partial(self._make, item, people[item.pk])
            fleet.feed(item.pk, self.makes[item.pk])
        return True

    def _make(self, item: QueueItem, person: Person) -> Envelope:
        envelope = self.maker.make(item, person)
        return self.keeper.hold(item.pk, envelope) if self.keeper else envelope

    def _recheck(self, items: list[QueueItem]) -> dict[int, str]:
        return self.audience.recheck(QueueItem._meta.db_table, [item.pk for item in items])

    def _mark_sending(self, going: list[QueueItem]) -> None:
        """Committed before the first octet. Raises LeaseLost when somebody else has taken one of them meanwhile."""
        ours = QueueItem.objects.filter(
            pk__in=[item.pk for item in going], portion_id=self.portion.pk, status=QueueStatus.CLAIMED
        )
        if ours.update(status=QueueStatus.SENDING) != len(going):
            raise LeaseLost(f"portion {self.portion.pk}")

    def _a_list_is_gone(self) -> bool:
        """A target list that was deleted in mid-run: a person has to say what that means."""
        mass_email = MassEmail.objects.filter(pk=self.portion.mass_email_id).first()
        if mass_email is None:
            return True
        known = set(mass_email.target_lists.values_list("pk", flat=True))
        known |= set(mass_email.excluding_target_lists.values_list("pk", flat=True))
        frozen = {**self.frozen.target_lists, **self.frozen.excluding_target_lists}
        gone = [name for pk, name in frozen.items() if int(pk) not in known]
        if gone:
            reason = _("The target list “%(name)s” was deleted while sending.") % {"name": gone[0]}
            pause_with_reason(mass_email.pk, reason)
        return bool(gone)

    # -- out: outcomes ------------------------------------------------------------------------------------------------

    def _take(self, fleet: Fleet, ended: Iterable[Ended]) -> None:
        for one in ended:
            if one.attempt is None:
                self.unwritten.append(Outcome.unmakeable(one.item, one.unmakeable))
                self._same_again(f"{Reason.RENDER}: {one.unmakeable.partition(':')[0]}")
            elif self._again(fleet, one.item, one.attempt):
                continue
            else:
                self.unwritten.append(Outcome.of(one.item, one.attempt))
            self.makes.pop(one.item, None)

    def _again(self, fleet: Fleet, item: int, attempt: Attempt) -> bool:
        """What a broken connection left untouched is tried again at once, a few times."""
        judged = verdict(attempt)
        self.attempted += 1
        if judged.item is ItemOutcome.FAILED:
            self._same_again(f"{attempt.reply.code if attempt.reply else attempt.error} {judged.reason}")
        elif judged.item is ItemOutcome.SENT:
            self.row = ("", 0)
        if judged.item is not ItemOutcome.PENDING or fleet.trouble is not None or self.ending:
            return False
        self.attempted -= 1
        self.tries[item] += 1
        if self.tries[item] >= TRIES_PER_PORTION:
            return False
        fleet.feed(item, self.makes[item])
        return True

    def _same_again(self, failure: str) -> None:
        name, times = self.row
        self.row = (failure, times + 1 if failure == name else 1)

    def _write(self) -> None:
        """Raises DATABASE_AWAY; then nothing is forgotten."""
        if not self.unwritten:
            return
        self.totals += write_outcomes(self.portion, self.unwritten)
        if self.keeper:
            self.keeper.store(self.unwritten)
        self.unwritten = []
        self._guard()

    def _guard(self) -> None:
        """Stop when the same failure comes again and again: it is more likely ours than everybody's."""
        failure, times = self.row
        if times >= SAME_IN_A_ROW:
            reason = _("%(count)s messages in a row failed in the same way: %(failure)s")
            pause_with_reason(self.portion.mass_email_id, reason % {"count": times, "failure": failure})
        if self.totals[QueueStatus.UNCERTAIN] >= UNCERTAIN_LIMIT:
            reason = _("The server took %(count)s messages and did not answer. They may or may not have arrived.")
            pause_with_reason(self.portion.mass_email_id, reason % {"count": self.totals[QueueStatus.UNCERTAIN]})
