"""Counting that costs the same for a million rows as for a thousand: up to a ceiling, many counts in one query."""

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.core.paginator import Paginator
from django.db import connection
from django.db.models import QuerySet

from crm.lists.parts import CEILING


def capped_counts(queries: Sequence[QuerySet[Any]], ceiling: int = CEILING) -> list[int]:
    """How many rows each query has, at most ceiling + 1, in one statement."""
    parts: list[str] = []
    parameters: list[Any] = []
    for rows in queries:
        try:
            sql, values = rows.order_by().values("pk")[: ceiling + 1].query.sql_with_params()
        except EmptyResultSet:
            parts.append("0")
            continue
        parts.append(f"(SELECT COUNT(*) FROM ({sql}) AS capped)")
        parameters += values
    if not parts:
        return []
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(parts)}", parameters)
        return list(cursor.fetchone())


class CappedPaginator(Paginator[Any]):
    """Numbered pages up to the ceiling; `is_cut` when there are more rows than its count."""

    is_cut = False

    def __init__(self, rows: Any, size: int, total: int, *, is_exact: bool) -> None:
        super().__init__(rows, size)
        self.is_cut = total > CEILING and not is_exact
        self.count = CEILING if self.is_cut else total
