"""What people changed about a record and its email address, in words."""

from collections.abc import Iterable

from crm.history import Line, history_of
from crm.models import EntityField, Record


def record_history(record: Record, fields: Iterable[EntityField]) -> list[Line]:
    """Newest first; people, accounts and addresses by their names: one query, and one for each kind of name."""
    things = [record, record.email_address] if record.email_address else [record]
    return history_of(things, fields)
