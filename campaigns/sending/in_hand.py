"""One claimed portion while it is being sent: who is next, what came of whom, what is still to be written."""

from collections import Counter
from collections.abc import Callable
from functools import partial

from django.conf import settings
from django.utils.translation import gettext as _

from campaigns.audience import frozen_audience
from campaigns.models import FrozenMassEmail, Portion, QueueStatus, Reason
from campaigns.people import Person
from campaigns.sending.busy import is_met
from campaigns.sending.claims import LeaseLost, reach
from campaigns.sending.envelopes import EnvelopeMaker
from campaigns.sending.fleet import Ended, Make
from campaigns.sending.journal import Journal, journal_path
from campaigns.sending.keeping import Keeper
from campaigns.sending.outcomes import Outcome, write_outcomes
from campaigns.sending.recipients import next_of_portion
from campaigns.sending.stops import pause_with_reason
from crm.mail.smtp import Attempt, Envelope, Phase
from crm.mail.verdict import ItemOutcome, verdict
from targets.models import TargetList

TRIES_PER_PORTION = 3  # for what came back untouched because a connection broke
SAME_IN_A_ROW = 20  # identical failures that look like our own fault
UNCERTAIN_LIMIT = 10


class InHand:
    """`open` are the items that were fed and have not ended. `attempted` counts towards the hourly limits."""

    def __init__(self, portion: Portion, maker: EnvelopeMaker) -> None:
        """Raises OSError when the journal cannot be opened. Nobody is touched yet."""
        self.portion = portion
        self.maker = maker
        self.audience = frozen_audience(maker.frozen)
        self.keeper = Keeper() if maker.frozen.store_sent else None
        self.has_more = True  # people who were not fed yet
        self.open: dict[int, Make] = {}
        self.attempted = 0
        self.totals: Counter[QueueStatus] = Counter()
        self.is_finished = False  # nobody is left who was not fed
        self.is_urgent = False  # something else than acceptances is to be written, and perhaps to be stopped for
        self._last_id = 0
        self._tries: Counter[tuple[int, bool]] = Counter()  # those that met a 421 by themselves
        self._row: tuple[str, int] = ("", 0)  # the same failure, so many times in a row
        self._unwritten: list[Outcome] = []
        self.journal = Journal(journal_path(settings.HERALD_JOURNAL_DIR, portion.pk, portion.claim_token))

    @property
    def is_over(self) -> bool:
        """Everybody who was to be sent to has ended, and it is written."""
        return not self.has_more and not self.open and not self._unwritten

    # -- in: people ---------------------------------------------------------------------------------------------------

    def next_people(self, most: int) -> list[tuple[int, Make]]:
        """The next people whose turn comes, asked again this moment; the portion says that they are being sent to.

        Raises LeaseLost when somebody else has taken the portion meanwhile.
        """
        maker = self.maker
        ids, people, barred = next_of_portion(
            self.portion, self._last_id, most, self.audience, maker.references, maker.settings
        )
        if not ids or self._a_list_is_gone():
            self.has_more, self.is_finished = False, not ids
            return []
        self._last_id, self.has_more, self.is_finished = ids[-1], len(ids) == most, len(ids) < most
        self._unwritten += [Outcome.skip(pk, why) for pk, why in barred.items()]
        if not reach(self.portion, ids[-1]):  # committed before the first octet
            raise LeaseLost(f"portion {self.portion.pk}")
        make = maker.make if self.keeper is None else self._make_and_keep
        fed: list[tuple[int, Make]] = [(person.item, partial(make, person)) for person in people]
        self.open.update(fed)
        return fed

    def _make_and_keep(self, person: Person) -> Envelope:
        assert self.keeper is not None
        return self.keeper.hold(person.item, self.maker.make(person))

    def _a_list_is_gone(self) -> bool:
        """A target list that was deleted in mid-run: a person has to say what that means."""
        frozen = {**self.maker.frozen.target_lists, **self.maker.frozen.excluding_target_lists}
        known = TargetList.objects.filter(pk__in=[int(pk) for pk in frozen])
        if known.count() == len(frozen):
            return False
        gone = frozen.keys() - {str(pk) for pk in known.values_list("pk", flat=True)}
        reason = _("The target list “%(name)s” was deleted while sending.") % {"name": frozen[min(gone, key=int)]}
        pause_with_reason(self.portion.mass_email_id, reason)
        return True

    # -- out: outcomes ------------------------------------------------------------------------------------------------

    def note(self, one: Ended, may_retry: Callable[[], bool]) -> Make | None:
        """Keep what came of one item; the work to be done again at once when a broken connection left it untouched."""
        attempt = one.attempt
        make = self.open.pop(one.item)
        self.is_urgent = self.is_urgent or attempt is None or attempt.phase is not Phase.ACCEPTED
        if attempt is None:
            self._unwritten.append(Outcome.unmakeable(one.item, one.unmakeable))
            self._same_again(f"{Reason.RENDER}: {one.unmakeable.partition(':')[0]}")
        elif attempt.phase is Phase.ACCEPTED:
            self.attempted += 1
            self._row = ("", 0)
            self._unwritten.append(Outcome.of(one.item, attempt))
        elif self._is_untouched(one, attempt) and may_retry():
            self.open[one.item] = make
            return make
        else:
            self.attempted += 1
            self._unwritten.append(Outcome.of(one.item, attempt))
            self._look_at_failure(attempt)
        return None

    def _is_untouched(self, one: Ended, attempt: Attempt) -> bool:
        if verdict(attempt).item is not ItemOutcome.PENDING:
            return False
        if one.beside:  # who was said something has an end, and so have those beside them
            return True
        which = one.item, is_met(attempt)
        self._tries[which] += 1
        return self._tries[which] < TRIES_PER_PORTION

    def _look_at_failure(self, attempt: Attempt) -> None:
        judged = verdict(attempt)
        if judged.item is ItemOutcome.FAILED:
            self._same_again(f"{attempt.reply.code if attempt.reply else attempt.error} {judged.reason}")

    def _same_again(self, failure: str) -> None:
        name, times = self._row
        self._row = (failure, times + 1 if failure == name else 1)

    def write(self) -> bool:
        """Whether the mass email was paused by what is written. Raises DATABASE_AWAY; then nothing is forgotten."""
        if not self._unwritten:
            return False
        self.totals += write_outcomes(self.portion, self._unwritten)
        if self.keeper:
            self.keeper.store(self._unwritten)
        self._unwritten, self.is_urgent = [], False
        return self._guard()

    def _guard(self) -> bool:
        """Stop when the same failure comes again and again: it is more likely ours than everybody's."""
        failure, times = self._row
        if times >= SAME_IN_A_ROW:
            reason = _("%(count)s messages in a row failed in the same way: %(failure)s")
            return pause_with_reason(self.portion.mass_email_id, reason % {"count": times, "failure": failure})
        if (lost := self.totals[QueueStatus.UNCERTAIN]) >= UNCERTAIN_LIMIT:
            reason = _("The server took %(count)s messages and did not answer. They may or may not have arrived.")
            return pause_with_reason(self.portion.mass_email_id, reason % {"count": lost})
        return False


def maker_for(portion: Portion, known: EnvelopeMaker | None) -> EnvelopeMaker:
    """The maker of the portion's mass email: the known one when it is still right, for compiling it costs as much as
    some hundred messages. Raises FrozenMassEmail.DoesNotExist, MessageError."""
    frozen = FrozenMassEmail.objects.get(pk=portion.mass_email_id)
    if known is not None and known.is_for(frozen):
        return known
    return EnvelopeMaker(frozen, frozen.frozen_at)
