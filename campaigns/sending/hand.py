"""What one connection of the fleet has in hand."""

from dataclasses import dataclass, field

from campaigns.sending.busy import is_met
from crm.mail.smtp import Attempt, Trouble
from crm.mail.verdict import AccountOutcome, verdict


@dataclass(slots=True)
class Hand:
    """What was taken and not answered, and how it went so far. `blamed` is what ended the connection: the first thing
    that went wrong on it, for what comes behind only follows from it."""

    items: set[int] = field(default_factory=set)
    blamed: Attempt | None = None
    progress: bool = False

    def refused(self, attempt: Attempt) -> None:
        """A message of it was not taken."""
        if attempt.trouble is Trouble.BUSY or verdict(attempt).account is not AccountOutcome.NONE:
            self.blamed = self.blamed or attempt
        else:
            self.progress = True

    def is_beside(self, attempt: Attempt) -> bool:
        """Whether the connection had ended because of another one's 421."""
        return self.blamed is not None and self.blamed is not attempt and is_met(self.blamed)
