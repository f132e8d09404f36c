"""The database's clock: leases, limits and retries of all workers and hosts are measured by one clock."""

from datetime import datetime

from django.db import connection
from django.utils import timezone


def database_now() -> datetime:
    if connection.vendor != "postgresql":
        return timezone.now()  # SQLite lives in this very host
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        (moment,) = cursor.fetchone()
    assert isinstance(moment, datetime)
    return moment
