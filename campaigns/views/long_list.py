"""Lists over tables of millions of rows: the campaign log and the queue of a mass email."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import QueryDict

from campaigns.views.pages import BoundedPaginator
from crm.lists import ListPage
from crm.lists.counting import capped_counts


@dataclass(kw_only=True)
class LongList(ListPage[Any]):
    """A list in the order of ids, whose questions have indexes of their own. `matching` answers with the rows of a
    query string, the chip among it; `counts` is what the chips say, counted by who counts anyway; `with_names` puts
    names to the rows of one page. Nothing else is counted beyond a bound, unless it is asked for exactly. `unreadable`
    says what of a query string cannot be understood; then there are no rows."""

    matching: Callable[[QueryDict], "QuerySet[Any]"]
    counts: Mapping[str, int]
    with_names: Callable[[Iterable[Any]], Sequence[Any]]
    unreadable: Callable[[QueryDict], Sequence[str]] | None = None

    @property
    def problems(self) -> list[str]:
        return [*super().problems, *self._unreadable]

    @cached_property
    def _unreadable(self) -> Sequence[str]:
        return self.unreadable(self.query) if self.unreadable else ()

    @cached_property
    def found(self) -> "QuerySet[Any]":
        return self.all_rows.none() if self.problems else self.matching(self.query)

    @property
    def rows(self) -> "QuerySet[Any]":
        return self.found

    @property
    def _chip_counts(self) -> dict[str, int | None]:
        return {chip.name: 0 if self.problems else self.counts.get(chip.name) for chip in self.chips}

    @cached_property
    def page(self) -> "Page[Any]":
        size = self.kept.size(self.size) if self.kept else self.size
        paginator = Paginator if self.is_exact else BoundedPaginator
        found = paginator(self.found.order_by(*self._ordering()), size).get_page(self.asked("page"))
        found.object_list = self.with_names(found.object_list)
        return found

    @cached_property
    def total(self) -> int:
        return self.page.paginator.count

    @property
    def is_cut(self) -> bool:
        return getattr(self.page.paginator, "is_cut", False)

    def counts_of(self, pages: Sequence[ListPage[Any]]) -> list[int]:
        return capped_counts([page.found for page in pages])
