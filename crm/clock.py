"""The database's clock: leases, limits and retries of all workers and hosts are measured by one clock."""

from datetime import datetime, timedelta
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import DateTimeField, Expression, Value
from django.db.models.sql import Query
from django.db.models.sql.compiler import SQLCompiler
from django.utils import timezone


def database_now() -> datetime:
    if connection.vendor != "postgresql":
        return timezone.now()  # SQLite lives in this very host
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        (moment,) = cursor.fetchone()
    assert isinstance(moment, datetime)
    return moment


class DatabaseNow(Expression):
    """The same moment, some time `later`, read where a statement is carried out: it costs no question of its own."""

    def __init__(self, later: timedelta = timedelta(0)) -> None:
        super().__init__(output_field=DateTimeField())
        self.later = later

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, Any]:
        sql, parameters = compiler.compile(Value(timezone.now() + self.later, DateTimeField()))
        return sql, list(parameters)

    def as_postgresql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, Any]:
        return "(clock_timestamp() + %s)", [self.later]


def compiled(moment: DatabaseNow) -> tuple[str, list[Any]]:
    """For SQL that is written by hand: the expression and its parameters."""
    sql, parameters = Query(None).get_compiler(DEFAULT_DB_ALIAS).compile(moment)
    return sql, list(parameters)
