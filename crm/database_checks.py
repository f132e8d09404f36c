"""What the database has to promise before Herald starts on it."""

from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connections


@register(Tags.database)
def commits_are_kept(databases: Sequence[str] | None = None, **_options: Any) -> list[CheckMessage]:
    """A commit that a crash of the database may undo would let people be mailed twice.

    Run before every migration, and so by `manage.py up`.
    """
    return [_loose(alias) for alias in databases or () if _forgets(alias)]


def _forgets(alias: str) -> bool:
    connection = connections[alias]
    if connection.vendor != "postgresql":
        return False
    with connection.cursor() as cursor:
        cursor.execute("SHOW synchronous_commit")
        return bool(cursor.fetchone()[0] == "off")


def _loose(alias: str) -> CheckMessage:
    return Error(
        f"The database “{alias}” has synchronous_commit=off: after a crash it may have forgotten what was sent.",
        hint="Set synchronous_commit=on for Herald's database or role.",
        id="herald.E001",
    )
