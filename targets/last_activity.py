"""What people did last with the mail they got. The app above knows; here it is a word and a moment."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from targets.models import Membership


@dataclass(frozen=True, slots=True)
class Activity:
    """Clicked, 2 minutes ago."""

    word: str
    at: datetime


Teller = Callable[[Collection[int]], dict[int, Activity]]
_tellers: list[Teller] = []


def register(teller: Teller) -> None:
    """`teller` answers record id → the latest activity of each that has one."""
    if teller not in _tellers:
        _tellers.append(teller)


def latest(members: Sequence[Membership]) -> dict[int, Activity]:
    """Record id → what the record did last, of those of a page."""
    ids = [member.record_id for member in members]
    return {pk: one for teller in _tellers for pk, one in teller(ids).items()} if ids else {}
