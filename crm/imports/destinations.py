"""Where the records of an import can go besides: target lists, which an app above registers here."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from crm.models import User

NEW = "new"


@dataclass(frozen=True, slots=True)
class Destination:
    """`choices` gives (key, name); `make(user, name)` a new one's key; `join(key, records)` answers with those who are
    new there, `leave(key, records)` takes them off again; `opted_out(records)` are those who opted out of any
    of the places; `about(key)` is (name, URL), None when it is gone."""

    choices: Callable[[], list[tuple[str, str]]]
    make: Callable[[User, str], str]
    join: Callable[[str, Sequence[int]], set[int]]
    leave: Callable[[str, Sequence[int]], int]
    opted_out: Callable[[Sequence[int]], set[int]]
    about: Callable[[str], tuple[str, str] | None]


_known: list[Destination] = []


def register(destination: Destination) -> None:
    _known[:] = [destination]


def destination() -> Destination | None:
    return _known[0] if _known else None
