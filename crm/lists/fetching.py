"""One page of a very long list: which rows first, the rows afterwards.

The ids of a page are found without the tables that the page shows beside them; those are joined to twenty rows, not to
all that were skipped. And PostgreSQL is kept from a wager that it loses with names: asked for the first twenty Karims
by name, it walks the index of names from A, because every eighth name is a Karim.
"""

import json
from collections.abc import Callable, Sequence
from typing import Any, TypeVar, overload

from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import BooleanField, F, Func, Model, Q, QuerySet
from django.db.models.expressions import OrderBy
from django.db.models.functions import Coalesce
from django.db.models.lookups import IsNull
from django.db.models.sql.compiler import SQLCompiler

from crm.lists.parts import Column

M = TypeVar("M", bound=Model)
WALK = 2_000  # rows of a list that are looked at in its order before very many results are all put in order
MOST = 0.3  # of the rows: where more match, walking along the order meets a page of them soon


class LatePage(Sequence[M]):
    """What a paginator slices. `parts` are the results in order, one part behind the other; `early`, the beginning of
    them, is asked before. `rows` are the same model with all that a page shows."""

    def __init__(
        self,
        early: Callable[[], QuerySet[M]],
        parts: Callable[[], Sequence[QuerySet[M]]],
        rows: QuerySet[M],
        total: int,
    ) -> None:
        self.early, self.parts, self.rows, self.total = early, parts, rows, total

    def __len__(self) -> int:
        return self.total

    @overload
    def __getitem__(self, at: int) -> M: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[M]: ...
    def __getitem__(self, at: int | slice) -> M | Sequence[M]:
        if isinstance(at, int):
            return self[at : at + 1][0]
        ids = self._ids(at.start or 0, self.total if at.stop is None else at.stop)
        found = {row.pk: row for row in self.rows.filter(pk__in=ids)}
        return [found[pk] for pk in ids if pk in found]

    def _ids(self, skipped: int, end: int) -> list[Any]:
        """The part behind another one is asked only when that did not fill the page."""
        wanted = end - skipped
        found: list[Any] = list(self.early().values_list("pk", flat=True)[skipped:end]) if end <= WALK else []
        if found and len(found) == wanted:
            return found
        found = []
        for part in self.parts():
            ids = list(part.values_list("pk", flat=True)[skipped : skipped + wanted - len(found)])
            found += ids
            if len(found) == wanted:
                break
            skipped = 0 if ids or not skipped else skipped - part.order_by()[:skipped].count()
        return found


def early(rows: QuerySet[M], of_all: QuerySet[M], ordering: Sequence[str | OrderBy], column: Column) -> QuerySet[M]:
    """The results among the first WALK rows of the whole list, in its order: very many results begin there, unless what
    they share is the order itself, as the Karims do. In two steps: a subquery might be asked for every result."""
    has_value = _has_value(column)
    first = list(of_all.filter(has_value).order_by(*ordering).values_list("pk", flat=True)[:WALK])
    return among(rows.filter(has_value), first).order_by(*ordering)


def _has_value(column: Column) -> Q:
    """Of a column whose values are a field, maybe of another table."""
    by = str(column.sort[0])
    return column.among or (Q(**{f"{by}__isnull": False}) if column.is_sparse else Q())


def in_parts(
    rows: QuerySet[M], column: Column | None, order: Callable[[QuerySet[M]], QuerySet[M]]
) -> Sequence[QuerySet[M]]:
    """Rows without a value in a sparse column come behind all others, and by themselves: the others can then be read
    in the order of an index of another table, which an outer join cannot."""
    if column is None or not column.is_sparse:
        return [order(rows)]
    by = column.sort[0]
    if column.among:
        return [order(rows.filter(column.among)), rows.exclude(column.among).order_by("pk")]
    if isinstance(by, str):
        nothing = Q(**{f"{by.rpartition('__')[0] or by}__isnull": True})
        return [order(rows.filter(_has_value(column))), rows.filter(nothing).order_by("pk")]
    return [order(rows.filter(IsNull(by, False))), rows.filter(IsNull(by, True)).order_by("pk")]


class _Among(Func):
    """Whether a key is one of very many, as one parameter: thousands of them would each be read, bound and parsed."""

    output_field = BooleanField()

    def __init__(self, keys: Sequence[Any]) -> None:
        super().__init__(F("pk"))
        self.keys = list(keys)

    def as_postgresql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, list[Any]]:
        column: Any = self.source_expressions[0]
        sql, parameters = compiler.compile(column)
        kind = column.target.rel_db_type(connection)
        return f"{sql} = ANY(%s::{kind}[])", [*parameters, self.keys]

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **more: Any) -> tuple[str, Any]:
        sql, parameters = compiler.compile(self.source_expressions[0])
        return f"{sql} IN (SELECT value FROM json_each(%s))", (*parameters, json.dumps(self.keys))


def among(rows: QuerySet[M], keys: Sequence[Any]) -> QuerySet[M]:
    """The rows with these keys, some thousands of them."""
    return rows.filter(_Among(keys))


def outweighs_order(rows: QuerySet[Any], of_all: QuerySet[Any]) -> bool:
    """Whether some rows of a list had better be found first and sorted then: not when most rows are among them."""
    return connection.vendor == "postgresql" and _guessed(rows) <= MOST * _guessed(of_all)


def ordered(rows: QuerySet[M], ordering: Sequence[str | OrderBy], *, are_few: bool) -> QuerySet[M]:
    """Rows in order; `are_few`: sorted after they were found, whatever index PostgreSQL would like to walk."""
    if connection.vendor != "postgresql" or not are_few:
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
