"""A grid as people see it: a table that can be sorted, with totals, and every number a door to its records."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.utils import formats
from django.utils.translation import gettext as _

from crm.exports import Value
from targets.models import Report
from targets.reports.dimensions import Group
from targets.reports.figures import Figure, Tally, added_up, nothing
from targets.reports.grid import Grid
from targets.reports.records import list_url

MOST_LINES = 500
MOST_COLUMNS = 12  # groups of a second dimension; the smaller ones are added up to “Other”
BY_GROUP = "group"


@dataclass(frozen=True)
class Door:
    """The way to the records behind something; worked out when it is shown, for there may be thousands."""

    report: Report
    conditions: tuple[Any, ...]

    @cached_property
    def url(self) -> str:
        return list_url(self.report, *self.conditions)


@dataclass(frozen=True, slots=True)
class Cell:
    value: float | None
    door: Door | None = None

    @property
    def shown(self) -> str:
        return shown_number(self.value)

    @property
    def url(self) -> str:
        return self.door.url if self.door else ""


@dataclass(frozen=True, slots=True)
class Line:
    label: str
    door: Door
    cells: list[Cell]
    group: Group


@dataclass(frozen=True, slots=True)
class Heading:
    label: str
    url: str
    order: str = ""  # "ascending", "descending" or ""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of numbers: a figure of the whole line, or one figure of some groups of the second dimension."""

    label: str
    figure: Figure
    groups: tuple[Group, ...] | None = None  # None: all of them
    more: tuple[Any, ...] = ()  # conditions that its door adds
    has_door: bool = True


def shown_number(value: float | None) -> str:
    """Whole numbers without decimals, others with two; a dash where there is none."""
    if value is None:
        return "—"
    places = 0 if float(value).is_integer() else 2
    return formats.number_format(value, places, use_l10n=True, force_grouping=True)


@dataclass(frozen=True)
class Table:
    """`sort` is BY_GROUP or the number of a column, with "-" for descending; `number` the figure that a crossing of two
    dimensions shows."""

    report: Report
    grid: Grid
    sort: str = ""
    number: int = 0

    @property
    def is_crossed(self) -> bool:
        return len(self.grid.dimensions) > 1

    @property
    def figure(self) -> Figure:
        return self.grid.figures[self.number if self.number < len(self.grid.figures) else 0]

    @property
    def title(self) -> str:
        """What the first column holds."""
        return " × ".join(dimension.label for dimension in self.grid.dimensions)

    # ---- columns

    @cached_property
    def columns(self) -> list[Column]:
        if not self.is_crossed:
            return [Column(figure.label, figure) for figure in self.grid.figures]
        return [*self._crossing(), Column(_("Total"), self.figure)]

    def _crossing(self) -> list[Column]:
        """The largest groups of the second dimension in their order, then the others together."""
        tallies, second = self.grid.along(1), self.grid.dimensions[1]
        largest = sorted(tallies, key=lambda group: -tallies[group].count)[:MOST_COLUMNS]
        found = [
            Column(self.grid.name(1, group), self.figure, (group,), (second.condition(group),))
            for group in self.grid.groups(1)
            if group in largest
        ]
        if rest := tuple(group for group in tallies if group not in largest):
            found.append(Column(_("Other"), self.figure, rest, has_door=False))
        return found

    def headings(self) -> list[Heading]:
        shown = [(BY_GROUP, self.title), *((str(at), column.label) for at, column in enumerate(self.columns))]
        key, is_descending = self.sorting
        return [
            Heading(label, self.url(sort=name if name == key and is_descending else f"-{name}"), "")
            if name != key
            else Heading(
                label,
                self.url(sort=name if is_descending else f"-{name}"),
                "descending" if is_descending else "ascending",
            )
            for name, label in shown
        ]

    def url(self, **changes: object) -> str:
        asked = {"sort": self.sort, "figure": self.number or "", **changes}
        return f"?{urlencode({name: value for name, value in asked.items() if value not in ('', None)})}"

    def figure_urls(self) -> list[tuple[Figure, str]]:
        return [(figure, self.url(figure=at or "")) for at, figure in enumerate(self.grid.figures)]

    # ---- lines

    @cached_property
    def sorting(self) -> tuple[str, bool]:
        """(BY_GROUP or the number of a column, is descending). Times stand in their order unless something else is
        asked for, other groups begin with the largest."""
        for asked in (self.sort, self.report.sort):
            key, is_descending = asked.removeprefix("-"), asked.startswith("-")
            if key == BY_GROUP or (key.isdecimal() and len(key) < 4 and int(key) < len(self.columns)):
                return key, is_descending
        if self.grid.dimensions[0].period:
            return BY_GROUP, False
        return str(len(self.columns) - 1 if self.is_crossed else 0), True

    @cached_property
    def all_lines(self) -> list[Line]:
        lines = [self._line(group) for group in self.grid.groups(0)]
        key, is_descending = self.sorting
        if key == BY_GROUP:
            return list(reversed(lines)) if is_descending else lines
        at = int(key)
        known = [line for line in lines if line.cells[at].value is not None]
        none = [line for line in lines if line.cells[at].value is None]
        return [*sorted(known, key=lambda line: line.cells[at].value or 0, reverse=is_descending), *none]

    @property
    def lines(self) -> list[Line]:
        return self.all_lines[:MOST_LINES]

    @property
    def is_cut(self) -> bool:
        return len(self.all_lines) > MOST_LINES

    @cached_property
    def _rows(self) -> dict[Group, dict[Group, Tally]]:
        """First group → second group → tally; for one dimension the second group is always None."""
        found: dict[Group, dict[Group, Tally]] = {}
        for groups, tally in self.grid.cells.items():
            found.setdefault(groups[0], {})[groups[1] if self.is_crossed else None] = tally
        return found

    def _line(self, group: Group) -> Line:
        row, condition = self._rows.get(group, {}), self.grid.dimensions[0].condition(group)
        cells = [self._cell(row, column, condition) for column in self.columns]
        return Line(self.grid.name(0, group), Door(self.report, (condition,)), cells, group)

    def _cell(self, row: dict[Group, Tally], column: Column, *conditions: Any) -> Cell:
        chosen = row.values() if column.groups is None else [row[one] for one in column.groups if one in row]
        tally = added_up(chosen, self.grid.figures) if chosen else nothing(self.grid.figures)
        has_door = column.has_door and tally.count > 0
        return Cell(column.figure.of(tally), Door(self.report, (*conditions, *column.more)) if has_door else None)

    @cached_property
    def totals(self) -> list[Cell]:
        whole: dict[Group, Tally] = {None: self.grid.total}
        tallies = self.grid.along(1) if self.is_crossed else whole
        return [self._cell(tallies, column) for column in self.columns]

    # ---- as a file

    def file_heading(self) -> list[str]:
        return [*(one.label for one in self.grid.dimensions), *(one.label for one in self.grid.figures)]

    def file_rows(self) -> Iterator[list[Value]]:
        """Every group with every figure, numbers as other programs read them."""
        grid = self.grid
        places: list[Callable[[Group], int]] = [
            {group: place for place, group in enumerate(grid.groups(at))}.__getitem__
            for at in range(len(grid.dimensions))
        ]
        for groups in sorted(
            grid.cells, key=lambda groups: [place(one) for place, one in zip(places, groups, strict=True)]
        ):
            names = [grid.name(at, group) for at, group in enumerate(groups)]
            yield [*names, *("" if (value := one.of(grid.cells[groups])) is None else value for one in grid.figures)]
