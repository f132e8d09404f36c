"""How every benchmark prints: a title, then rows of a name, figures with their units, and the aim with its verdict.

    table = Table("Claim and outcomes", ["rows/s", "CPU µs/row"])
    table.row("4 workers", [112_345, 7.9], aim="≥ 100,000 rows/s", reached=True)

Figures are medians of the repeats; `median_by` picks the whole run in the middle, so that the figures of one row belong
together. The table prints as it grows: a long benchmark shows what it has.
"""

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

NAME, FIGURE = 44, 14
Figure = float | str | None
Run = TypeVar("Run")


def say(line: str = "") -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def show(figure: Figure) -> str:
    """12,345 or 7.9 or 0.42; None, which was not measured, is a dash."""
    if figure is None or isinstance(figure, str):
        return figure or "–"
    return f"{figure:,.0f}" if abs(figure) >= 100 else f"{figure:.1f}" if abs(figure) >= 10 else f"{figure:.3g}"


def median_by(runs: Sequence[Run], key: Callable[[Run], float]) -> Run:
    """The run in the middle by `key`; of an even number the lower one."""
    return sorted(runs, key=key)[(len(runs) - 1) // 2]


@dataclass
class Table:
    """`columns` name the figures with their units."""

    title: str
    columns: Sequence[str]

    def __post_init__(self) -> None:
        heads = "".join(f"{column:>{FIGURE}}" for column in self.columns)
        say(f"\n{self.title:<{NAME}}{heads}")
        say("─" * (NAME + FIGURE * len(self.columns)))

    def row(self, name: str, figures: Sequence[Figure], *, aim: str = "", reached: bool | None = None) -> None:
        """`reached` is None where there is no aim."""
        verdict = {None: "", True: "reached", False: "NOT REACHED"}[reached]
        shown = "".join(f"{show(figure):>{FIGURE}}" for figure in figures)
        say(f"{name:<{NAME}}{shown}  {aim} {verdict}".rstrip())
