"""421 in answer to one person: whether it speaks of the server, or of the person.

A server says 421 to everybody when it is in trouble (RFC 5321 section 3.8), and then it costs nobody an attempt. Some
say it of one recipient: for a policy, or for the limit of a relay for that domain. Who meets it MEETINGS times in a run
in which the server takes the mail of others is such a one: put off and charged like after every temporary refusal, from
then on each time, and the account is not to blame.
"""

from collections import Counter
from collections.abc import Callable, Sequence

from campaigns.models import QueueStatus, Try
from crm.mail.smtp import Attempt, Envelope, Phase, Trouble
from crm.mail.smtp_protocol import SHUTTING_DOWN

Work = tuple[int, Callable[[], Envelope]]
MEETINGS = 3
MOST_IN_A_ROW = 30  # meetings without a message taken: then it is the server after all
PHASES = frozenset({Phase.RCPT, Phase.DATA, Phase.BODY, Phase.DOT})


def is_met(attempt: Attempt) -> bool:
    """Whether the server said 421 when it had heard who the message is for."""
    return attempt.reply is not None and attempt.reply.code == SHUTTING_DOWN and attempt.phase in PHASES


class Busy:
    """What one run knows of them. `met`: item → meetings in this run; `charged`: the items that are to blame."""

    def __init__(self, applies: bool = True) -> None:
        """`applies`: not to a provider's API, where 421 stands for "too many requests", which is about the account."""
        self.met: Counter[int] = Counter()
        self.charged: set[int] = set()
        self._applies = applies
        self._takes_others = False
        self._in_a_row = 0

    def in_order(self, work: Sequence[Work]) -> list[Work]:
        """Who met a 421 before comes last: so the server is heard about the others first. Asks the ledger."""
        stretch = work[0][0], work[-1][0]
        rows = Try.objects.filter(queue_item_id__range=stretch, phase__in=PHASES, reply__startswith=str(SHUTTING_DOWN))
        before = set()
        for item, status in rows.order_by().values_list("queue_item_id", "status"):
            before.add(item)
            if status != QueueStatus.PENDING:
                self.charged.add(item)
        return sorted(work, key=lambda one: one[0] in before) if before else list(work)

    def judged(self, item: int, attempt: Attempt, has_taken: bool) -> Attempt:
        """The attempt, with Trouble.BUSY where it is about the person. `has_taken`: a message, since the last call."""
        if has_taken:
            self._takes_others, self._in_a_row = True, 0
        if not self._applies or not is_met(attempt):
            return attempt
        self.met[item] += 1
        self._in_a_row += 1
        if item not in self.charged and not (self._takes_others and self.met[item] >= MEETINGS):
            return attempt
        self.charged.add(item)
        return attempt._replace(trouble=Trouble.BUSY)

    def excuses(self, attempt: Attempt) -> bool:
        """Whether the account is not to blame for it, or not yet."""
        if attempt.trouble is Trouble.BUSY:
            return True
        return self._applies and is_met(attempt) and self._takes_others and self._in_a_row < MOST_IN_A_ROW
