"""Counting that costs the same for a million rows as for a thousand: up to a ceiling, many counts in one query."""

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.core.paginator import Paginator
from django.db import connection
from django.db.models import QuerySet

from crm.lists.parts import CEILING

Sql = tuple[str, Sequence[Any]]


def capped_counts(queries: Sequence[QuerySet[Any]], ceiling: int = CEILING) -> list[int]:
    """How many rows each query has, at most ceiling + 1, in one statement."""
    parts = [_count(rows, ceiling) for rows in queries]
    return list(_asked(f"SELECT {', '.join(f'({sql})' for sql, _values in parts)}", parts)) if parts else []


def quick_counts(queries: Sequence[QuerySet[Any]], among: QuerySet[Any], first: int) -> list[int | None]:
    """The same for parts of `among`, where that is quick: when `among` has more rows than the ceiling only query number
    `first` is counted, and the others are None. A CASE counts nothing that it does not come to."""
    whole = _count(among, CEILING)
    parts = list(enumerate(_count(rows, CEILING) for rows in queries))
    told = [f"({sql})" if at == first else f"CASE WHEN n <= {CEILING} THEN ({sql}) END" for at, (sql, _v) in parts]
    return list(_asked(f"SELECT {', '.join(told)} FROM ({whole[0]}) AS whole", [*(part for _at, part in parts), whole]))


def _count(rows: QuerySet[Any], ceiling: int) -> Sql:
    try:
        sql, values = rows.order_by().values("pk")[: ceiling + 1].query.sql_with_params()
    except EmptyResultSet:
        return "SELECT 0 AS n", ()
    return f"SELECT COUNT(*) AS n FROM ({sql}) AS capped", values


def _asked(statement: str, parts: Sequence[Sql]) -> tuple[Any, ...]:
    with connection.cursor() as cursor:
        cursor.execute(statement, [value for _sql, values in parts for value in values])
        return tuple(cursor.fetchone())


class CappedPaginator(Paginator[Any]):
    """Numbered pages up to the ceiling; `is_cut` when there are more rows than its count."""

    is_cut = False

    def __init__(self, rows: Any, size: int, total: int, *, is_exact: bool) -> None:
        super().__init__(rows, size)
        self.is_cut = total > CEILING and not is_exact
        self.count = CEILING if self.is_cut else total
