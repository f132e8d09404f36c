"""Through what somebody opted out. The app above knows mass emails; here they are numbers until it names them."""

from collections.abc import Callable, Collection
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Origin:
    """A mass email as a membership shows it."""

    name: str
    url: str


Namer = Callable[[Collection[int]], dict[int, Origin]]
_namers: list[Namer] = []


def register(namer: Namer) -> None:
    """`namer` answers mass email id → Origin for those of the ids that still exist."""
    if namer not in _namers:
        _namers.append(namer)


def named(ids: Collection[int]) -> dict[int, Origin]:
    return {pk: origin for namer in _namers for pk, origin in namer(ids).items()} if ids else {}
