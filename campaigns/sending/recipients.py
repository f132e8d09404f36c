"""The people behind queue items: one query for many, as plain rows."""

import json
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection

from campaigns.models import QueueStatus
from campaigns.people import COLUMNS, Person, References, Row, language_of
from crm.models import Settings

Cell = Any

_SELECT = """
SELECT q.id, q.email_address_id, a.address, {columns}
FROM campaigns_queueitem q
LEFT JOIN crm_emailaddress a ON a.id = q.email_address_id
LEFT JOIN crm_record r ON r.id = q.record_id
WHERE {where} ORDER BY q.id
"""
_NEXT = f"q.portion_id = %s AND q.status = {QueueStatus.CLAIMED:d} AND q.id > %s"
_FIXED = 3  # columns before those of the record
_BY_NAME = {name: index for index, name in enumerate(COLUMNS)}
_VALUES = _BY_NAME["values"]


def next_of_portion(
    portion_id: int, after: int, most: int, references: References, settings: Settings
) -> tuple[list[int], list[Person]]:
    """The next `most` claimed items of a portion behind item `after`: their ids, and those who still have an address.

    What their placeholders refer to is loaded too.
    """
    rows = _rows(f"{_NEXT} ", [portion_id, after], references, f"LIMIT {most:d}")
    return [row[0] for row in rows], _people(rows, references, settings)


def of_items(ids: Iterable[int], references: References, settings: Settings) -> dict[int, Person]:
    """Queue item id → person, for those who still have an address."""
    wanted = ",".join(str(int(pk)) for pk in ids) or "NULL"
    rows = _rows(f"q.id IN ({wanted})", [], references)
    return {person.item: person for person in _people(rows, references, settings)}


def _rows(where: str, parameters: Sequence[int], references: References, limit: str = "") -> list[tuple[Cell, ...]]:
    unused = set()
    if not references.uses_description:
        unused.add("description")
    if not references.uses_values:
        unused.add("values")
    columns = ", ".join("NULL" if name in unused else f'r."{_column(name)}"' for name in COLUMNS)
    with connection.cursor() as cursor:
        cursor.execute(_SELECT.format(columns=columns, where=where) + limit, parameters)
        rows: list[tuple[Cell, ...]] = cursor.fetchall()
    return rows


def _column(name: str) -> str:
    return "id" if name == "pk" else name


def _people(rows: Iterable[tuple[Cell, ...]], references: References, settings: Settings) -> list[Person]:
    people = [_person(row, settings) for row in rows if row[2] is not None]
    references.load([person.record for person in people if person.record is not None])
    return people


def _person(row: tuple[Cell, ...], settings: Settings) -> Person:
    item, address_id, address, *cells = row
    if cells[0] is None:
        return Person(item, None, address_id, address, settings.language)
    values = cells[_VALUES]
    cells[_VALUES] = json.loads(values) if isinstance(values, str) else values or {}
    record = Row._make((*cells, address))
    return Person(item, record, address_id, address, language_of(record, settings))
