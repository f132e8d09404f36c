"""Who got it: how the counters of mass emails are read, in one place for pages, lists and the reputation guard.

Sent is what a server accepted; Bounced is who turned out not to get it, in two ways. Who was refused while sending was
never Sent; whose mail came back later was. So:

    attempted = Sent + refused              the whole of which Bounced is a part
    delivered = Sent − those who came back  Sent is the whole of which it, Opened, Clicked and Opted Out are parts
"""

from dataclasses import dataclass
from typing import Self

from django.db.models import QuerySet, Sum

from campaigns.models import MassEmail

COUNTERS = (
    "sent", "refused", "opened", "clicked", "opted_out", "opted_in", "hard_bounced", "soft_bounced", "complaint",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sums:
    """The counters of one mass email, or of many added up. People, tests excluded; `refused` are those of the bounces
    that came while sending."""

    sent: int
    refused: int
    opened: int
    clicked: int
    opted_out: int
    opted_in: int
    hard_bounced: int
    soft_bounced: int
    complaint: int

    @classmethod
    def of(cls, mass_email: MassEmail) -> Self:
        return cls(**{name: getattr(mass_email, f"{name}_count") for name in COUNTERS})

    @classmethod
    def of_all(cls, rows: QuerySet[MassEmail]) -> Self:
        return cls(**rows.aggregate(**{name: Sum(f"{name}_count", default=0) for name in COUNTERS}))

    @property
    def bounced(self) -> int:
        return self.hard_bounced + self.soft_bounced

    @property
    def attempted(self) -> int:
        return self.sent + self.refused

    @property
    def delivered(self) -> int:
        return max(self.sent - max(self.bounced - self.refused, 0), 0)
