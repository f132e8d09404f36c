"""One worker, one account: claim a portion, send it, and go on with the next while there is one.

The connections are kept over portions: at 50 ms to the server, opening twenty of them anew for every thousand messages
would cost as much as sending them.
"""

import logging
import time
from collections import Counter
from collections.abc import Iterable
from functools import partial

from django.utils import timezone
from django.utils.translation import gettext as _

from campaigns.models import FrozenMassEmail, Portion, QueueStatus
from campaigns.sending.accounts import account_in_use, backs_off, connections_for, note_answer, note_trouble
from campaigns.sending.busy import Busy
from campaigns.sending.claims import Lease, LeaseLost, claim, claim_next, finish, hand_on
from campaigns.sending.collector import set_program_aside
from campaigns.sending.database import DATABASE_AWAY, drop_broken_connection, insist
from campaigns.sending.envelopes import EnvelopeMaker
from campaigns.sending.errors import MessageError, described
from campaigns.sending.fleet import Ended, Fleet
from campaigns.sending.freeze import CannotStart
from campaigns.sending.in_hand import InHand, maker_for
from campaigns.sending.portions import PORTION_SIZE
from campaigns.sending.restored import hold_if_restored
from campaigns.sending.signing_in import SecondSignIn
from campaigns.sending.stops import complete_if_done, may_send, pause_with_reason
from crm.mail.account_server import server_for
from crm.mail.secrets import SecretUnreadable
from crm.mail.smtp import Attempt, ConnectionFailed
from crm.models import EmailAccount, Mechanism
from crm.stopping import stopping

logger = logging.getLogger(__name__)

FLUSH_SECONDS = 0.2
LOOK_SECONDS = 0.2  # between two looks at pauses, leases and limits
DATE_SECONDS = 60.0  # that the Date of a message may be behind: a slow portion takes half an hour
SIGN_IN_SECONDS = 30.0  # between two looks at a token's end, which is minutes away when it is renewed
TURN = 30.0  # seconds after which another account, whose portions wait, gets its turn
LONGEST_TURN = 300.0  # seconds after which the next task begins anew: a broker delivers again what takes for hours
# People who are asked about again at a time, shortly before their turn; at full speed a portion is one question.
FEWEST, MOST = 50, PORTION_SIZE
AHEAD = 0.5  # seconds of work that are asked for at a time
LAST_SECONDS = 20.0  # for what is in hand when the worker has to end, or when the portions are not ours any more


def send_portion(portion_id: int) -> Counter[QueueStatus]:
    """Send one portion, and those of the same account that are Ready meanwhile. Returns how items ended.

    May be called twice or by many at once: only one gets each claim. What makes sending impossible pauses the mass
    email with the reason. Raises DATABASE_AWAY when the database stays away: the journals tell the sweeper the rest.
    """
    set_program_aside()
    lease = Lease()
    hold_if_restored()
    portion = claim(portion_id, lease.token)
    if portion is None:
        return Counter()
    if backs_off(portion.account_id):
        finish(portion, 0)
        return Counter()
    try:
        delivery = Delivery(portion, lease)
    except DATABASE_AWAY:
        raise
    except ConnectionFailed as failure:  # no token to sign in with: the account's trouble, nobody was touched
        _wait_for_account(portion, failure.attempt)
        return Counter()
    except Exception as error:
        logger.exception("Portion %s cannot be sent", portion.pk)
        _give_up(portion, error)
        return Counter()
    try:
        delivery.run()
    except DATABASE_AWAY:
        raise
    except Exception as error:  # ours: paused, so that it does not come again every minute; the sweeper tidies up
        logger.exception("Portion %s stopped", portion.pk)
        delivery.pause_all(_cannot(error))
    finally:
        delivery.close_journals()
    return delivery.totals


def _give_up(portion: Portion, error: Exception) -> None:
    """Nobody of this portion was touched, and nobody can be until a person did something."""
    pause_with_reason(portion.mass_email_id, _cannot(error))
    finish(portion, 0)


def _wait_for_account(portion: Portion, attempt: Attempt) -> None:
    account = EmailAccount.objects.filter(pk=portion.account_id).first()
    if account is not None:
        note_trouble(account, attempt)
    finish(portion, 0)


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


class Delivery:
    """The sending of claimed portions of one account, by one worker. `held` are those that are not finished."""

    def __init__(self, portion: Portion, lease: Lease) -> None:
        """Everything that can make sending impossible comes to light here, before anybody is touched."""
        self.lease = lease
        self.account = account_in_use(portion.account_id)
        account, self.busy = self.account, Busy(applies=not self.account.is_api)
        self.fleet = Fleet(
            server_for(account), account.connections, self._dot, self._end, account.max_per_second, self.busy
        )
        self.totals: Counter[QueueStatus] = Counter()
        self.held: dict[int, InHand] = {}
        self.where: dict[int, InHand] = {}  # open item → its portion
        self.ending = False  # nothing is taken or tried again any more
        self._begun = time.monotonic()
        self._looked = 0.0
        self._written = self._begun
        self._signed_in = self._begun
        self._second_sign_in = SecondSignIn(self.account)
        self._appetite = _Appetite()
        self._makers: dict[int, EnvelopeMaker] = {}
        self._hold(portion)

    def run(self) -> None:
        try:
            while self._may_go_on() and (self._refill() or not self.fleet.idle or self.held):
                self._take(self.fleet.run(max(0.0, self._written + FLUSH_SECONDS - time.monotonic())))
                if self._is_time_to_write():
                    self._write()
        except (LeaseLost, *DATABASE_AWAY):
            logger.exception("Portions %s: nothing more is taken", list(self.held))
        finally:
            self._wind_down()
        insist(self._write)
        self._tell_account()
        self._give_back()

    def pause_all(self, reason: str) -> None:
        for mass_email_id in {held.portion.mass_email_id for held in self.held.values()}:
            pause_with_reason(mass_email_id, reason)

    def close_journals(self) -> None:
        for held in self.held.values():
            held.journal.close()

    # -- called by the loop of the fleet: no database here ------------------------------------------------------------

    def _dot(self, item: int) -> None:
        self.lease.check()
        self.where[item].journal.dot(item)

    def _end(self, item: int, attempt: Attempt) -> None:
        self.where[item].journal.end(item, attempt)

    # -- may we? ------------------------------------------------------------------------------------------------------

    def _may_go_on(self) -> bool:
        """Pause, cancel, trouble and the end of the process stop the taking of more."""
        if self.fleet.error is not None or stopping.is_set():
            return False
        if self.fleet.trouble is not None and not self._second_sign_in.mends(self.fleet):
            return False
        if time.monotonic() - self._looked < LOOK_SECONDS:
            return True
        self._looked = time.monotonic()
        may_go = {pk: may_send(pk) for pk in {held.portion.mass_email_id for held in self.held.values()}}
        for held in self.held.values():
            if not may_go[held.portion.mass_email_id]:
                held.has_more = False
                self._let_go(self.fleet.drop_waiting(held.open))
        if not self.lease.renew(self.held):
            return False
        self._keep_time()
        self._keep_signed_in()
        for held in list(self.held.values())[:1]:  # any of them stands for this worker
            self.fleet.allow(connections_for(held.portion, self.fleet.connections))
        return True

    def _keep_time(self) -> None:
        """What messages say about the date is true of their attempt, not of the beginning of their portion."""
        now = timezone.now()
        for maker in {held.maker for held in self.held.values()}:
            if abs((now - maker.now).total_seconds()) >= DATE_SECONDS:
                maker.at(now)

    def _keep_signed_in(self) -> None:
        """A token that ends is renewed for the connections to come; without one the account waits, before they ask."""
        is_by_token = not self.account.is_api and self.account.smtp_mechanism == Mechanism.XOAUTH2
        if not is_by_token or time.monotonic() - self._signed_in < SIGN_IN_SECONDS:
            return
        self._signed_in = time.monotonic()
        try:
            self.fleet.use(server_for(self.account))
        except ConnectionFailed as failure:
            self.fleet.stop(failure.attempt)

    def _let_go(self, untouched: Iterable[int]) -> None:
        """These were fed, and no connection took them: they are given back with the portion."""
        for item in untouched:
            held = self.where.pop(item)
            del held.open[item]
            held.is_finished = False

    # -- in: portions and people --------------------------------------------------------------------------------------

    def _hold(self, portion: Portion) -> None:
        """Raises what makes it impossible to send this portion."""
        maker = maker_for(portion, self._makers.get(portion.mass_email_id))
        maker.renew(timezone.now())
        self._makers = {portion.mass_email_id: maker, **dict(list(self._makers.items())[:9])}
        self.held[portion.pk] = InHand(portion, maker)

    def _refill(self) -> bool:
        """Feed the next people whose turn comes. False when nobody is left who is not in hand."""
        size = self._appetite.size
        self.fleet.low_water = size // 2
        if self.fleet.waiting >= size // 2:
            return True
        for held in self.held.values():
            if held.has_more and (work := held.next_people(size)):
                self.where |= dict.fromkeys((item for item, _make in work), held)
                self._appetite.fed(len(work), self.fleet.waiting)
                self.fleet.feed_all(self.busy.in_order(work))
                return True
        return self._go_on_with_next()

    def _go_on_with_next(self) -> bool:
        turn = time.monotonic() - self._begun
        if turn > LONGEST_TURN:
            return False
        portion = claim_next(self.account.pk, self.lease.token, alone_only=turn > TURN)
        if portion is None:
            return False
        try:
            self._hold(portion)
        except DATABASE_AWAY:
            raise
        except Exception as error:
            logger.exception("Portion %s cannot be sent", portion.pk)
            _give_up(portion, error)
        return True

    # -- out: outcomes ------------------------------------------------------------------------------------------------

    def _take(self, ended: Iterable[Ended]) -> None:
        again = []
        for one in ended:
            held = self.where[one.item]
            make = held.note(one, self._may_retry)
            if make is None:
                del self.where[one.item]
            else:
                again.append((one.item, make))
        if again:  # the neighbours of who met a 421 before them: together they would meet it again
            self.fleet.feed_all(sorted(again, key=lambda work: self.busy.met[work[0]]))

    def _may_retry(self) -> bool:
        return self.fleet.trouble is None and not self.ending

    def _is_time_to_write(self) -> bool:
        """Acceptances wait for each other, for a transaction costs as much as some hundred of them; nothing else waits.

        The fleet asks for more people far more often than that.
        """
        is_due = time.monotonic() - self._written >= FLUSH_SECONDS
        return is_due or self.fleet.idle or any(held.is_urgent for held in self.held.values())

    def _write(self) -> None:
        """Raises DATABASE_AWAY; then nothing is forgotten."""
        self._written = time.monotonic()
        for held in list(self.held.values()):
            if held.write():
                self._looked = 0.0
            if held.is_over:
                self._finish(held)

    def _finish(self, held: InHand) -> None:
        del self.held[held.portion.pk]
        self.totals += held.totals
        if insist(partial(hand_on if self._is_to_go_on(held) else finish, held.portion, held.attempted)):
            held.journal.forget()
            complete_if_done(held.portion.mass_email_id)
        held.journal.close()

    def _is_to_go_on(self, held: InHand) -> bool:
        """Whether another worker is to send the rest at once: nothing is wrong, only this worker has to end."""
        is_ours = stopping.is_set() and self.fleet.trouble is None and self.fleet.error is None
        return is_ours and not held.is_finished and may_send(held.portion.mass_email_id)

    # -- the end ------------------------------------------------------------------------------------------------------

    def _wind_down(self) -> None:
        """What is in hand comes to its end, be it the ten minutes that a server may take to answer the final dot.

        A worker that has to end, or lost its portions, waits for LAST_SECONDS only.
        """
        self.ending = True
        self._let_go(self.fleet.drop_waiting())
        for held in self.held.values():
            held.has_more = False
        last_moment = float("inf")
        while not self.fleet.idle and time.monotonic() < last_moment:
            self._take(self.fleet.run(FLUSH_SECONDS))
            if stopping.is_set() or not self._keep():
                last_moment = min(last_moment, time.monotonic() + LAST_SECONDS)
        self._take(self.fleet.close(patience=None if self.fleet.idle else 0))

    def _keep(self) -> bool:
        """Write what is known and keep the lease, if the database is there. False when the portions are not ours."""
        try:
            self._write()
            return self.lease.renew(self.held)
        except DATABASE_AWAY:
            drop_broken_connection()
            return True

    def _tell_account(self) -> None:
        totals = self.totals + sum((held.totals for held in self.held.values()), Counter())
        if self.fleet.trouble is not None:
            note_trouble(self.account, self.fleet.trouble, has_sent=bool(totals[QueueStatus.SENT]))
        elif totals[QueueStatus.SENT]:
            note_answer(self.account)

    def _give_back(self) -> None:
        """Finish every portion of which all is told. Of what was lost only the journal can tell, to the sweeper."""
        error = self.fleet.error
        if error is not None and not isinstance(error, LeaseLost):
            self.pause_all(_cannot(error))
        for held in list(self.held.values()):
            if not self.fleet.lost & held.open.keys():
                self._finish(held)
            else:
                self.totals += held.totals


class _Appetite:
    """How many people to take at a time: what goes out in AHEAD seconds, so that nobody is asked long before."""

    def __init__(self) -> None:
        self.size = FEWEST
        self._at = time.monotonic()
        self._waited = 0  # at that time, with those who were taken then

    def fed(self, count: int, waiting: int) -> None:
        """So many were taken, beside those who were still waiting."""
        now = time.monotonic()
        per_second = (self._waited - waiting) / max(now - self._at, 1e-3)
        self._at, self._waited = now, waiting + count
        self.size = int(min(MOST, max(FEWEST, per_second * AHEAD)))
