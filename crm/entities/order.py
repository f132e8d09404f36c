"""Order of things that people sort by hand: a place is a number, and every move numbers all of them anew."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Any

STEP = 10


class Move(StrEnum):
    FIRST = "first"
    UP = "up"
    DOWN = "down"
    LAST = "last"


def moved(order: Sequence[int], one: int, move: Move) -> list[int]:
    """The ids after the move; unchanged at the ends, and for an id that is not among them."""
    if one not in order:
        return list(order)
    at = order.index(one)
    to = {Move.FIRST: 0, Move.UP: max(at - 1, 0), Move.DOWN: at + 1, Move.LAST: len(order)}[move]
    others = [pk for pk in order if pk != one]
    return [*others[:to], one, *others[to:]]


def number(rows: Any, order: Sequence[int], column: str = "position") -> None:
    """Write the places of all `rows` (a QuerySet) that differ from their order."""
    wanted = {pk: STEP * place for place, pk in enumerate(order, 1)}
    for row in rows.filter(pk__in=wanted):
        if getattr(row, column) != wanted[row.pk]:
            setattr(row, column, wanted[row.pk])
            row.save(update_fields=[column])
