"""What a grid reckons for each group: how many records, and of a number its sum, average, lowest and highest value.

Groups are added up again (quarters of an hour to months, the small ones to “Other”), so each keeps what its figures can
be reckoned from: an average of averages would be wrong.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import reduce
from typing import Any

from django.db.models import Count, Max, Min, Sum
from django.utils.translation import gettext as _

from crm.criteria.json import JsonNumber
from crm.entities.words import label_of
from crm.models import EntityType, FieldKind


class Aggregate(StrEnum):
    COUNT = "count"
    SUM = "sum"
    AVERAGE = "avg"
    LOWEST = "min"
    HIGHEST = "max"


@dataclass(frozen=True, slots=True)
class Figure:
    """One aggregate of one number field; COUNT has none."""

    aggregate: Aggregate
    key: str
    label: str

    @property
    def spec(self) -> list[str]:
        """As a report keeps it."""
        return [self.aggregate.value, self.key]

    @property
    def adds_up(self) -> bool:
        """Whether the figure of a whole is the sum of those of its parts."""
        return self.aggregate in {Aggregate.COUNT, Aggregate.SUM}

    def of(self, tally: "Tally") -> float | None:
        """None where no record has a number."""
        return tally.count if self.aggregate is Aggregate.COUNT else tally.numbers[self.key].figure(self.aggregate)


def figures_of(entity_type: EntityType) -> list[Figure]:
    found = [Figure(Aggregate.COUNT, "", _("Count"))]
    for one in entity_type.fields.all():
        if one.kind in {FieldKind.NUMBER, FieldKind.MONEY}:
            found += [Figure(kind, f"f_{one.name}", text % {"field": label_of(one)}) for kind, text in _labels()]
    return found


def _labels() -> list[tuple[Aggregate, str]]:
    return [
        (Aggregate.SUM, _("Sum of %(field)s")), (Aggregate.AVERAGE, _("Average of %(field)s")),
        (Aggregate.LOWEST, _("Lowest %(field)s")), (Aggregate.HIGHEST, _("Highest %(field)s")),
    ]  # fmt: skip


# ---- what groups keep


@dataclass(frozen=True, slots=True)
class Numbers:
    """Of one field: how many records have a number, their sum, the lowest and the highest one."""

    count: int = 0
    total: float = 0
    low: float | None = None
    high: float | None = None

    def __add__(self, other: "Numbers") -> "Numbers":
        return Numbers(
            self.count + other.count,
            self.total + other.total,
            min((one for one in (self.low, other.low) if one is not None), default=None),
            max((one for one in (self.high, other.high) if one is not None), default=None),
        )

    def figure(self, aggregate: Aggregate) -> float | None:
        if not self.count:
            return None
        if aggregate is Aggregate.AVERAGE:
            return self.total / self.count
        return {Aggregate.SUM: self.total, Aggregate.LOWEST: self.low, Aggregate.HIGHEST: self.high}[aggregate]


@dataclass(frozen=True, slots=True)
class Tally:
    count: int = 0
    numbers: dict[str, Numbers] = field(default_factory=dict)

    def __add__(self, other: "Tally") -> "Tally":
        keys = {*self.numbers, *other.numbers}
        none = Numbers()
        both = {key: self.numbers.get(key, none) + other.numbers.get(key, none) for key in keys}
        return Tally(self.count + other.count, both)


def nothing(figures: Sequence[Figure]) -> Tally:
    return Tally(0, {one.key: Numbers() for one in figures if one.key})


def added_up(tallies: Iterable[Tally], figures: Sequence[Figure]) -> Tally:
    return reduce(Tally.__add__, tallies, nothing(figures))


# ---- what the database reckons


def reckoned(figures: Sequence[Figure]) -> dict[str, Any]:
    """Annotations from which `tally_of` reads a Tally."""
    found: dict[str, Any] = {"n": Count("pk")}
    for at, key in enumerate(_keys(figures)):
        number = JsonNumber("values", key.removeprefix("f_"))
        found |= {f"n{at}": Count(number), f"s{at}": Sum(number), f"l{at}": Min(number), f"h{at}": Max(number)}
    return found


def tally_of(row: dict[str, Any], figures: Sequence[Figure]) -> Tally:
    numbers = {
        key: Numbers(row[f"n{at}"], row[f"s{at}"] or 0, row[f"l{at}"], row[f"h{at}"])
        for at, key in enumerate(_keys(figures))
    }
    return Tally(row["n"], numbers)


def _keys(figures: Sequence[Figure]) -> list[str]:
    return sorted({one.key for one in figures if one.key})
