"""A list whose rows are no rows of the database: some thousands of things in files or in memory, each with a `pk`."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from operator import attrgetter
from typing import Any

from django.core.paginator import Page, Paginator

from crm.lists.page import ListPage
from crm.lists.parts import Chip


@dataclass(frozen=True, slots=True)
class HeldChip(Chip):
    """`holds(row)` instead of a condition of the database."""

    holds: Callable[[Any], bool] | None = None


@dataclass
class HeldList(ListPage[Any]):
    """Search and filters get a sequence and give one; `sort` of a column names attributes. Rows come in their own
    order, and as long as nothing asks for another one or for some of them, only those of the page are looked at."""

    all_rows: Any  # a sequence

    @property
    def is_narrowed(self) -> bool:
        return bool(self.text or self.applied or self._holds)

    @property
    def _holds(self) -> Callable[[Any], bool] | None:
        return self.chip.holds if isinstance(self.chip, HeldChip) else None

    @cached_property
    def found(self) -> Any:
        if self.problems:
            return []
        rows = self.search(self.all_rows, self.text) if self.search and self.text else self.all_rows
        for shown in self.active_filters:
            rows = shown.filter.apply(rows, shown.value) if shown.value else rows
        return rows

    @cached_property
    def rows(self) -> Any:
        return list(filter(self._holds, self.found)) if self._holds else self.found

    @cached_property
    def _chip_counts(self) -> dict[str, int | None]:
        """A chip that looks at every row is counted where that is done anyway, else when the page asks for it."""
        looks = self.is_narrowed or self.request.headers.get("HX-Target") == self.ready_id
        return {chip.name: self._count(chip, looks=looks) for chip in self.chips}

    def _count(self, chip: Chip, *, looks: bool) -> int | None:
        if not isinstance(chip, HeldChip) or chip.holds is None:
            return len(self.found)
        return sum(map(chip.holds, self.found)) if looks else None

    @cached_property
    def total(self) -> int:
        return len(self.rows)

    @property
    def is_cut(self) -> bool:
        return False

    @cached_property
    def page(self) -> "Page[Any]":
        size = self.kept.size(self.size) if self.kept else self.size
        return Paginator(self._sorted(self.rows), size).get_page(self.asked("page"))

    def _sorted(self, rows: Any) -> Any:
        column, is_descending = self.sorting
        if column is None or not self.asked("sort"):
            return rows
        return sorted(rows, key=attrgetter(*map(str, column.sort)), reverse=is_descending)

    def selected(self) -> Any:
        data = self.request.POST
        if data.get("scope") == "all":
            return self.rows
        ticked = set(data.getlist("selected"))
        return [row for row in self.all_rows if str(row.pk) in ticked]

    def chosen(self) -> Any:
        return self._sorted(self.selected())

    def counts_of(self, pages: Sequence[ListPage[Any]]) -> list[int]:
        return [page.total for page in pages]
