"""The picture of a grid: what frontend/entries/report_chart.js draws, and one sentence that says the same."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from targets.models import ChartKind
from targets.reports.dimensions import Group
from targets.reports.figures import added_up
from targets.reports.tables import Column, Line, Table

TONES = ("opened", "clicked", "lead", "optout", "bounced", "sent")
MOST_SERIES = len(TONES)
MOST_SLICES, MOST_BARS, MOST_POINTS = 5, 20, 400
TOLD = 3  # groups that the sentence names


def chart_of(table: Table) -> dict[str, Any] | None:
    """Nothing where the report wants no chart or there is nothing to draw."""
    kind = table.report.chart
    if not kind or not table.grid.cells:
        return None
    labels, series = _pie(table) if kind == ChartKind.PIE else _lines(table)
    data = {"kind": kind, "labels": labels, "series": series, "isTime": bool(table.grid.dimensions[0].period)}
    data["isStacked"] = table.is_crossed and table.figure.adds_up
    return {"data": data, "series": series, "summary": summary(table)}


def summary(table: Table) -> str:
    """“Count by Country: Spain 12, France 8, Indonesia 3 and 4 more. Total 30.”"""
    at = len(table.columns) - 1 if table.is_crossed else 0
    lines = sorted(_with_value(table.all_lines, at), key=lambda line: -(line.cells[at].value or 0))
    told = ", ".join(f"{line.label} {line.cells[at].shown}" for line in lines[:TOLD])
    if len(lines) > TOLD:
        told = _("%(groups)s and %(number)s more") % {"groups": told, "number": len(lines) - TOLD}
    words = {"figure": table.figure.label, "by": table.title, "groups": told, "total": table.totals[at].shown}
    return _("%(figure)s by %(by)s: %(groups)s. In all: %(total)s.") % words


def _with_value(lines: Sequence[Line], at: int) -> list[Line]:
    return [line for line in lines if line.cells[at].value is not None]


def _lines(table: Table) -> tuple[list[str], list[dict[str, Any]]]:
    """One series of the chosen figure, or one per group of the second dimension."""
    columns = _series(table)
    if table.grid.dimensions[0].period:  # as time goes, whatever the table is sorted by
        groups = table.grid.groups(0)[-MOST_POINTS:]
        lines = {line.group: line for line in table.all_lines}
        shown = [lines[group] for group in groups]
    else:
        shown = table.all_lines[:MOST_BARS]
    found = [
        {"label": label, "tone": tone, "values": [_sum(line, numbers) for line in shown]}
        for label, tone, numbers in columns
    ]
    return [line.label for line in shown], found


def _series(table: Table) -> list[tuple[str, str, list[int]]]:
    """(label, tone, the columns that it adds up)."""
    if not table.is_crossed:
        return [(table.figure.label, TONES[0], [table.number if table.number < len(table.columns) else 0])]
    columns: list[Column] = table.columns[:-1]
    own = len(columns) if len(columns) <= MOST_SERIES else MOST_SERIES - 1
    first = [(one.label, _tone(table, 1, one.groups, at), [at]) for at, one in enumerate(columns[:own])]
    if own == len(columns) or not table.figure.adds_up:
        return first
    return [*first, (_("Other"), TONES[own], list(range(own, len(columns))))]


def _tone(table: Table, dimension: int, groups: Sequence[Group] | None, at: int) -> str:
    """The one that the group has in every report, else that of its place."""
    fixed = table.grid.dimensions[dimension].tones
    return fixed.get(groups[0], TONES[at]) if groups and len(groups) == 1 else TONES[at]


def _sum(line: Line, numbers: Sequence[int]) -> float | None:
    values = [line.cells[at].value for at in numbers]
    return sum(value or 0 for value in values) if any(value is not None for value in values) else None


def _pie(table: Table) -> tuple[list[str], list[dict[str, Any]]]:
    """The largest groups as slices, the others together; what is negative has no slice."""
    at = len(table.columns) - 1 if table.is_crossed else min(table.number, len(table.columns) - 1)
    lines = sorted(_with_value(table.all_lines, at), key=lambda line: -(line.cells[at].value or 0))
    lines = [line for line in lines if (line.cells[at].value or 0) > 0]
    slices = [
        {"label": line.label, "tone": _tone(table, 0, [line.group], place), "values": [line.cells[at].value or 0]}
        for place, line in enumerate(lines[:MOST_SLICES])
    ]
    if rest := lines[MOST_SLICES:]:
        slices.append({"label": _("Other"), "tone": TONES[MOST_SLICES], "values": [_together(table, rest, at)]})
    return [str(one["label"]) for one in slices], slices


def _together(table: Table, lines: Sequence[Line], at: int) -> float:
    """The figure of several groups as if they were one."""
    tallies = table.grid.along(0)
    whole = added_up((tallies[line.group] for line in lines), table.grid.figures)
    return table.columns[at].figure.of(whole) or 0
