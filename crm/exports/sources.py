"""What can be exported. Each list registers how its table is found again."""

from collections.abc import Callable
from typing import Any

from crm.exports.table import Table
from crm.models import User

Open = Callable[[User, dict[str, Any]], Table]
_sources: dict[str, Open] = {}


def register(kind: str, open_it: Open) -> None:
    """`open_it` raises PermissionDenied for who may not export it, and ObjectDoesNotExist when it is gone."""
    _sources[kind] = open_it


def open_table(kind: str, user: User, given: dict[str, Any]) -> Table:
    """The table as it is now, for this person. Raises KeyError for a kind that nobody registered."""
    return _sources[kind](user, given)
