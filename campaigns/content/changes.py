"""What changed between two texts, line by line, for a person to read."""

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import unified_diff
from typing import Literal

Kind = Literal["same", "added", "removed", "gap"]
_KINDS: dict[str, Kind] = {" ": "same", "+": "added", "-": "removed", "@": "gap"}
#: Comparing takes the square of the lines in the worst case; longer texts are compared up to here.
MOST_LINES = 5000


@dataclass(frozen=True, slots=True)
class Line:
    """``gap`` stands for lines left out because they are the same; its text is empty."""

    kind: Kind
    text: str


def changed_lines(old: str, new: str, around: int = 3) -> list[Line]:
    """The changed lines of two texts with ``around`` unchanged ones about them; empty when they are equal."""
    return list(_lines(old.splitlines()[:MOST_LINES], new.splitlines()[:MOST_LINES], around))


def _lines(old: list[str], new: list[str], around: int) -> Iterator[Line]:
    compared = unified_diff(old, new, lineterm="", n=around)
    for number, line in enumerate(compared):
        if number < 2:  # the names of the two texts
            continue
        kind = _KINDS[line[0]]
        yield Line(kind, "" if kind == "gap" else line[1:])
