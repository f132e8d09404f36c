"""A grid report: its records grouped by one or two dimensions in one statement, with the figures of every group."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from operator import itemgetter
from typing import Any

from django.conf import settings
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from targets.models import Report
from targets.reports.dimensions import Dimension, Group, dimensions_of
from targets.reports.figures import Figure, Tally, added_up, figures_of, reckoned, tally_of
from targets.reports.records import ReportError, report_records, report_type, zone_of

MOST_FILLED = 400  # periods without records that are shown between others
ROWS_AT_A_TIME = 5_000
Cells = dict[tuple[Group, ...], Tally]
Seen = dict[Group, tuple[int, Any]]  # (records, as the database tells it)


@dataclass(frozen=True)
class Grid:
    """`cells` by the groups of each dimension; `names` of the groups, one mapping per dimension."""

    dimensions: Sequence[Dimension]
    figures: Sequence[Figure]
    cells: Cells
    names: Sequence[dict[Group, str]] = field(repr=False)

    @cached_property
    def total(self) -> Tally:
        return added_up(self.cells.values(), self.figures)

    def along(self, at: int) -> dict[Group, Tally]:
        """The groups of one dimension, the others added up."""
        found: dict[Group, list[Tally]] = {}
        for groups, tally in self.cells.items():
            found.setdefault(groups[at], []).append(tally)
        return {group: added_up(tallies, self.figures) for group, tallies in found.items()}

    def groups(self, at: int) -> list[Group]:
        """Times in their order, without gaps; others by their names; those without a value last."""
        found = {groups[at] for groups in self.cells}
        none: list[Group] = [None] if None in found else []
        period, known = self.dimensions[at].period, found - {None}
        if period is None:
            return [*sorted(known, key=lambda one: self.name(at, one).lower()), *none]
        days = sorted(day for day in known if isinstance(day, date))
        filled = list(_filled(self.dimensions[at], days))
        return [*filled, *none]

    def name(self, at: int, group: Group) -> str:
        """Of a period also where no record is in it, which the database does not tell of."""
        if group is None:
            return _("None")
        period = self.dimensions[at].period
        return period.called(group) if period and isinstance(group, date) else self.names[at].get(group) or str(group)


def _filled(dimension: Dimension, days: list[date]) -> Sequence[Group]:
    if not days or dimension.period is None:
        return days
    steps = {"day": 1, "week": 7, "month": 28, "quarter": 90, "year": 365}[dimension.period]
    if (days[-1] - days[0]).days > MOST_FILLED * steps:
        return days
    return list(dimension.period.between(days[0], days[-1]))


def chosen_dimensions(report: Report) -> list[Dimension]:
    """Raises ReportError when there is none, or one cannot be grouped by any more."""
    known = {tuple(one.spec): one for one in dimensions_of(report_type(report), zone_of(report))}
    specs = [tuple(spec) for spec in report.groups]
    if gone := [key for key, *rest in specs if (key, *rest) not in known]:
        raise ReportError([_("The records cannot be grouped by “%(field)s” any more.") % {"field": gone[0]}])
    if not specs:
        raise ReportError([_("Choose what the records are grouped by.")])
    return [known[spec] for spec in specs]


def chosen_figures(report: Report) -> list[Figure]:
    """Count where nothing is chosen. Raises ReportError when a field is gone."""
    known = {tuple(one.spec): one for one in figures_of(report_type(report))}
    specs = [tuple(spec) for spec in report.aggregates] or [("count", "")]
    if gone := [key for _kind, key in specs if (_kind, key) not in known]:
        raise ReportError([_("The field “%(field)s” cannot be reckoned with any more.") % {"field": gone[0]}])
    return [known[spec] for spec in specs]


def grid_of(report: Report) -> Grid:
    """Reads the whole grid. Raises ReportError, also when there are more groups than HERALD_REPORT_GROUPS."""
    dimensions, figures = chosen_dimensions(report), chosen_figures(report)
    grouped = {f"g{at}": dimension.expression for at, dimension in enumerate(dimensions)}
    rows = report_records(report).order_by().annotate(**grouped).values(*grouped).annotate(**reckoned(figures))
    return _folded(dimensions, figures, rows.iterator(ROWS_AT_A_TIME))


def _folded(dimensions: Sequence[Dimension], figures: Sequence[Figure], told: Iterable[dict[str, Any]]) -> Grid:
    """Adds up while the database tells: what it tells apart may be many times what is shown."""
    cells: Cells = {}
    seen: list[Seen] = [{} for _dimension in dimensions]
    for row in told:
        groups = tuple(dimension.read(row[f"g{at}"]) for at, dimension in enumerate(dimensions))
        for at, group in enumerate(groups):  # a text is called as it is spelt most often
            seen[at][group] = max(seen[at].get(group, (0, "")), (row["n"], row[f"g{at}"]), key=itemgetter(0))
        tally = tally_of(row, figures)
        cells[groups] = cells[groups] + tally if groups in cells else tally
        _look_at_size(cells)
    return Grid(dimensions, figures, cells, [_names(one, known) for one, known in zip(dimensions, seen, strict=True)])


def _look_at_size(cells: Cells) -> None:
    limit: int = settings.HERALD_REPORT_GROUPS
    if len(cells) > limit:
        text = _("This makes more than %(number)s groups: group by something coarser, or narrow the report.")
        raise ReportError([text % {"number": number_format(limit, force_grouping=True)}])


def _names(dimension: Dimension, seen: Seen) -> dict[Group, str]:
    return dimension.names({group: raw for group, (_number, raw) in seen.items() if group is not None})
