"""Adding up moments in the database, so that the hours, days and months of every time zone come out exactly.

The database groups by quarters of an hour in UTC: the offset of every zone is a whole number of them.
"""

from datetime import UTC, datetime
from typing import Any

from django.db.models import BigIntegerField, Func

QUARTER = 15 * 60  # seconds


def moment_of(index: int) -> datetime:
    """When the quarter began that is the `index`th since 1970-01-01T00:00Z."""
    return datetime.fromtimestamp(index * QUARTER, UTC)


class QuarterOf(Func):
    """The index of the quarter of an hour in which a moment lies."""

    output_field = BigIntegerField()

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        template = f"CAST(strftime('%%%%s', %(expressions)s) AS INTEGER) / {QUARTER}"
        return self.as_sql(compiler, connection, template=template, **context)

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        template = f"FLOOR(EXTRACT(EPOCH FROM %(expressions)s) / {QUARTER})::bigint"
        return self.as_sql(compiler, connection, template=template, **context)
