"""Records of a list as rows of a table, however many there are."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from crm.entities.email_state import states_of
from crm.entities.forms import has_account
from crm.entities.values import plain_text
from crm.entities.words import label_of
from crm.models import EntityField, EntityType, FieldKind, Record

ROWS_AT_A_TIME = 1000
Cell = Callable[[Record], object]


def columns_of(entity_type: EntityType) -> list[tuple[str, Cell]]:
    """Every field of the type with its label, those that the list does not show too."""
    found: list[tuple[str, Cell]] = [(_("Name"), lambda record: record.name)]
    if entity_type.is_person:
        found.append((_("First name"), lambda record: record.first_name))
        found.append((_("Last name"), lambda record: record.last_name))
    if has_account(entity_type):
        found.append((_("Account"), lambda record: record.account))
    return [
        *found,
        (_("Email"), lambda record: record.email_address and record.email_address.address),
        (_("Email state"), lambda record: ", ".join(state.word for state in states_of(record.email_address))),
        (_("Phone"), lambda record: record.phone),
        *((label_of(field), _custom(field)) for field in entity_type.fields.all()),
        (_("Assigned User"), lambda record: record.owner),
        (_("Language"), lambda record: record.get_language_display()),
        (_("Description"), lambda record: record.description),
        (_("Created At"), lambda record: record.created_at),
        (_("Modified At"), lambda record: record.modified_at),
    ]


def record_rows(cells: Sequence[Cell], records: QuerySet[Record]) -> Iterator[list[str]]:
    """Oldest first, in batches that each begin after the last: nothing is held open while the reader is slow."""
    rows = records.order_by("pk")
    batch = list(rows[:ROWS_AT_A_TIME])
    while batch:
        yield from ([_text(cell(record)) for cell in cells] for record in batch)
        batch = list(rows.filter(pk__gt=batch[-1].pk)[:ROWS_AT_A_TIME])


def _custom(field: EntityField) -> Cell:
    if field.kind in {FieldKind.NUMBER, FieldKind.MONEY}:  # as other programs read them, without grouping
        return lambda record: record.values.get(field.name)
    return lambda record: plain_text(field, record.values.get(field.name))


def _text(value: Any) -> str:
    if isinstance(value, datetime):
        return timezone.localtime(value).isoformat(sep=" ", timespec="seconds")
    return "" if value is None else str(value)
