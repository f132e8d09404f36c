"""What search, filters and chip leave of the rows of a list, and how many that are.

A database, told to sort and to stop after a page, would rather go along the whole order of a list in the hope to meet
twenty soon than ask the index that knows all of them. So it is asked for the ids of the results first; where they are
few, all that follows is about these ids: the counts of all chips in one statement, and the page. SQLite, which has no
index to search inside of words, then reads all records once instead of twice.
"""

from collections.abc import Sequence
from functools import cached_property
from typing import Any, Generic, TypeVar

from django.db import connection
from django.db.models import Count, Model, QuerySet

from crm.lists.counting import capped_counts, quick_counts
from crm.lists.fetching import among, outweighs_order
from crm.lists.parts import CEILING, Chip

M = TypeVar("M", bound=Model)
MANY = CEILING + 1  # as a count: more than are counted
NOBODY = -1  # of the chips, counted whatever it takes


class Found(Generic[M]):
    """`found` are the rows after search and filters, `all_rows` itself where there are none."""

    def __init__(self, all_rows: "QuerySet[M]", found: "QuerySet[M]", chips: Sequence[Chip], chip: Chip | None) -> None:
        self.all_rows, self.found, self.chips, self.chip = all_rows, found, chips, chip

    @cached_property
    def narrowed(self) -> "QuerySet[M]":
        """Before the chip."""
        return self.found if self._ids is None else among(self.all_rows, self._ids)

    @property
    def rows(self) -> "QuerySet[M]":
        """All results, unsorted."""
        return self.narrowed.filter(self.chip.where) if self.chip else self.narrowed

    @property
    def results(self) -> "QuerySet[M]":
        """The same for a page of them."""
        return self.rows if self._ids_of_chip is None else among(self.all_rows, self._ids_of_chip)

    @cached_property
    def are_few(self) -> bool:
        """Whether they had better be found first and sorted then: not when most rows are among them."""
        if self._ids is not None or self._ids_of_chip is not None:
            return True
        return outweighs_order(self.rows, self.all_rows)

    @cached_property
    def _ids(self) -> list[Any] | None:
        """Of what search and filters find. None for too many, and for all."""
        return None if self.found is self.all_rows else _few_ids(self.found)

    @cached_property
    def _ids_of_chip(self) -> list[Any] | None:
        """Of the results, where it is the chip that makes them few."""
        if self._ids is not None or not (self.chip and self.chip.where):
            return None
        if self.found is self.all_rows and connection.vendor != "postgresql":
            return None  # SQLite asks the index of the chip anyway: one question less
        return _few_ids(self.found.filter(self.chip.where))

    # ---- how many

    def counts(self, *, is_late: bool) -> dict[str, int | None]:
        """Of every chip, None for those that would take long: a rare one among very many results is looked for long.
        `is_late`: the page stands, and asks for all of them."""
        names = [chip.name for chip in self.chips]
        if self._ids is not None:
            return dict(zip(names, self._counted_together(), strict=True))
        rows = [self.narrowed.filter(chip.where) for chip in self.chips]
        if is_late or not self.chip:
            return dict(zip(names, capped_counts(rows), strict=True))
        if self.found is not self.all_rows:  # they were asked for their ids, and had too many
            return {
                **dict.fromkeys(names),
                self.chip.name: MANY if self._ids_of_chip is None else len(self._ids_of_chip),
            }
        if self._ids_of_chip is None:
            return dict(zip(names, quick_counts(rows, self.narrowed, names.index(self.chip.name)), strict=True))
        counted = quick_counts(rows, self.narrowed, NOBODY)
        return {**dict(zip(names, counted, strict=True)), self.chip.name: len(self._ids_of_chip)}

    def _counted_together(self) -> list[int]:
        counts = {f"chip_{at}": Count("pk", filter=chip.where or None) for at, chip in enumerate(self.chips)}
        told = self.narrowed.order_by().aggregate(**counts) if counts else {}
        return [told[name] for name in counts]


def _few_ids(rows: QuerySet[Any]) -> list[Any] | None:
    found = list(rows.order_by().values_list("pk", flat=True)[:MANY])
    return found if len(found) <= CEILING else None
