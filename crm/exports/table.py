"""A table that can be exported: rows of one model in the order wanted, and the columns to choose from."""

from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.db.models import Model, QuerySet
from django.utils import timezone

ROWS_AT_A_TIME = 2000
IDS_AT_A_TIME = 20_000
Value = str | int | float | Decimal | date | datetime | None
Cells = Callable[[Sequence[Any]], Iterable[Value]]


@dataclass(frozen=True, slots=True)
class Column:
    """One column: what the database is asked for, and how values are made of that.

    `cells` gets what `paths` (as values_list takes them) gave for a whole batch of rows, of several paths as tuples,
    and answers with one value per row; so names behind ids cost a query per batch. Without it the values stay.
    """

    key: str
    label: str
    paths: tuple[str, ...]
    cells: Cells | None = None

    def of(self, found: Sequence[tuple[Any, ...]], at: dict[str, int]) -> Iterable[Value]:
        """Its values in a batch; `at` is the place of each path in a row."""
        places = [at[path] for path in self.paths]
        if len(places) == 1:
            raws = [row[places[0]] for row in found]
        else:
            raws = [tuple(row[place] for place in places) for row in found]
        return self.cells(raws) if self.cells else raws


@dataclass(frozen=True)
class Table:
    """What is exported. `action` and `told` go to the audit trail, `back` is the page of the list.

    `trail` is the way to that page, of labels and addresses; `part` what the page is called at its end, where `name`
    says more.
    """

    name: str
    rows: "QuerySet[Any]"
    columns: Sequence[Column]
    action: str
    back: str
    told: dict[str, Any] = field(default_factory=dict)
    about: Model | None = None
    trail: Sequence[tuple[str, str]] = ()
    part: str = ""

    @cached_property
    def number(self) -> int:
        return self.rows.order_by().count()

    def chosen(self, keys: Iterable[str]) -> list[Column]:
        """The columns with these keys in the order of the table; all of them when none is known."""
        wanted = set(keys)
        return [column for column in self.columns if column.key in wanted] or list(self.columns)

    def batches(self, columns: Sequence[Column]) -> Iterator[list[tuple[Value, ...]]]:
        """The rows, some at a time. Search, filters and order are evaluated once: the ids are noted first (8 octets
        each), so neither a cursor nor a transaction stays open while a slow disk takes what was read."""
        ids = array("q", self.rows.values_list("pk", flat=True).iterator(chunk_size=IDS_AT_A_TIME))
        paths = list(dict.fromkeys(["pk", *(path for column in columns for path in column.paths)]))
        at = {path: place for place, path in enumerate(paths)}
        for start in range(0, len(ids), ROWS_AT_A_TIME):
            found = self._fetch(ids[start : start + ROWS_AT_A_TIME].tolist(), paths)
            yield list(zip(*(column.of(found, at) for column in columns), strict=True))

    def _fetch(self, ids: list[int], paths: list[str]) -> list[tuple[Any, ...]]:
        """These rows in this order; those removed in the meantime are left out."""
        rows = self.rows.model._default_manager.filter(pk__in=ids).values_list(*paths)
        found = {row[0]: row for row in rows}
        return [found[pk] for pk in ids if pk in found]


def plain_moment(value: datetime) -> datetime:
    """The moment as the clocks of the active time zone show it, to the second."""
    local = value.astimezone(timezone.get_current_timezone()) if timezone.is_aware(value) else value
    return local.replace(tzinfo=None, microsecond=0)
