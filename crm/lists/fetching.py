"""One page of a very long list: which rows first, the rows afterwards.

The ids of a page are found without the tables that the page shows beside them; those are joined to twenty rows, not to
all that were skipped. And PostgreSQL is kept from a wager that it loses with names: asked for the first twenty Karims
by name, it walks the index of names from A, because every eighth name is a Karim.
"""

import json
from collections.abc import Sequence
from typing import Any, TypeVar, overload

from django.db import connection
from django.db.models import F, Model, QuerySet
from django.db.models.expressions import OrderBy
from django.db.models.functions import Coalesce

M = TypeVar("M", bound=Model)
MOST = 0.3  # of the rows: where more match, walking along the order meets a page of them soon


class LatePage(Sequence[M]):
    """What a paginator slices. `matching` are the results, `rows` the same model with all that a page shows."""

    def __init__(self, matching: QuerySet[M], rows: QuerySet[M], total: int) -> None:
        self.matching, self.rows, self.total = matching, rows, total

    def __len__(self) -> int:
        return self.total

    @overload
    def __getitem__(self, at: int) -> M: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[M]: ...
    def __getitem__(self, at: int | slice) -> M | Sequence[M]:
        if isinstance(at, int):
            return self[at : at + 1][0]
        ids = list(self.matching.values_list("pk", flat=True)[at])
        found = {row.pk: row for row in self.rows.filter(pk__in=ids)}
        return [found[pk] for pk in ids if pk in found]


def ordered(rows: QuerySet[M], of_all: QuerySet[M], ordering: Sequence[str | OrderBy], *, are_few: bool) -> QuerySet[M]:
    """Some rows of a list in order: sorted after they were found, unless most rows of the list are among them."""
    if connection.vendor != "postgresql" or not (are_few or _guessed(rows) <= MOST * _guessed(of_all)):
        return rows.order_by(*ordering)
    return rows.order_by(*(_unindexed(by) for by in ordering))


def _guessed(rows: QuerySet[Any]) -> int:
    """How many rows PostgreSQL expects, from its statistics alone."""
    return int(json.loads(rows.order_by().explain(format="json"))[0]["Plan"]["Plan Rows"])


def _unindexed(by: str | OrderBy) -> OrderBy:
    """The same order by an expression that no index has."""
    if isinstance(by, OrderBy):
        return by
    name = by.removeprefix("-")
    expression = Coalesce(F(name), F(name))
    return expression.desc() if by.startswith("-") else expression.asc()
