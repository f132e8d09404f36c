"""The people behind queue items: one query for many, as plain rows."""

import json
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from django.db import connection

from campaigns.models import Portion, QueueStatus
from campaigns.people import COLUMNS, Person, References, Row, language_of
from crm.models import Settings
from targets.audience import Audience

Cell = Any

_SELECT = """
SELECT q.id, {reason}, q.email_address_id, a.address, {columns}
FROM campaigns_queueitem q {address} {record}
WHERE {where} ORDER BY q.id + 0 {limit}
"""
# Each is looked up by its id: PostgreSQL would rather read all records once than a thousand of them one by one.
_JOINS = {
    "postgresql": "LEFT JOIN LATERAL (SELECT * FROM {table} WHERE id = q.{key} OFFSET 0) {alias} ON TRUE",
    "sqlite": "LEFT JOIN {table} {alias} ON {alias}.id = q.{key}",
}
_NEXT = f"""q.mass_email_id = %s AND q.status = {QueueStatus.CLAIMED:d} AND q.id > %s AND q.id <= %s
    AND q.portion_id = %s"""
_BY_NAME = {name: index for index, name in enumerate(COLUMNS)}
_VALUES = _BY_NAME["values"]


class NextPeople(NamedTuple):
    """Whose turn it is: the ids of their queue items in order, those who still get the mail, and why others do not."""

    ids: list[int]
    people: list[Person]
    barred: dict[int, str]


def next_of_portion(
    portion: Portion, after: int, most: int, audience: Audience, references: References, settings: Settings
) -> NextPeople:
    """The next `most` claimed items of a portion behind item `after`, judged anew by the rules of the audience.

    What their placeholders refer to is loaded too.
    """
    where = [portion.mass_email_id, max(after, portion.behind_item), portion.last_item, portion.pk]
    rows = _rows(_NEXT, where, references, audience.reason_now(), f"LIMIT {most:d}")
    ids = [row[0] for row in rows]
    barred = {row[0]: row[1] for row in rows if row[1]}
    going = [row for row in rows if not row[1]] if barred else rows
    return NextPeople(ids, _people(going, references, settings), barred)


def of_items(ids: Iterable[int], references: References, settings: Settings) -> dict[int, Person]:
    """Queue item id → person, for those who still have an address."""
    wanted = ",".join(str(int(pk)) for pk in ids) or "NULL"
    rows = _rows(f"q.id IN ({wanted})", [], references)
    return {person.item: person for person in _people(rows, references, settings)}


def _rows(
    where: str, parameters: Sequence[int], references: References, reason: str = "''", limit: str = ""
) -> list[tuple[Cell, ...]]:
    unused = set()
    if not references.uses_description:
        unused.add("description")
    if not references.uses_values:
        unused.add("values")
    columns = ", ".join("NULL" if name in unused else f'r."{_column(name)}"' for name in COLUMNS)
    join = _JOINS[connection.vendor]
    address = join.format(table="crm_emailaddress", key="email_address_id", alias="a")
    record = join.format(table="crm_record", key="record_id", alias="r")
    with connection.cursor() as cursor:
        cursor.execute(
            _SELECT.format(reason=reason, columns=columns, address=address, record=record, where=where, limit=limit),
            parameters,
        )
        rows: list[tuple[Cell, ...]] = cursor.fetchall()
    return rows


def _column(name: str) -> str:
    return "id" if name == "pk" else name


def _people(rows: Iterable[tuple[Cell, ...]], references: References, settings: Settings) -> list[Person]:
    people = [_person(row, settings) for row in rows if row[3] is not None]
    references.load([person.record for person in people if person.record is not None])
    return people


def _person(row: tuple[Cell, ...], settings: Settings) -> Person:
    item, _reason, address_id, address, *cells = row
    if cells[0] is None:
        return Person(item, None, address_id, address, settings.language)
    values = cells[_VALUES]
    cells[_VALUES] = json.loads(values) if isinstance(values, str) else values or {}
    record = Row._make((*cells, address))
    return Person(item, record, address_id, address, language_of(record, settings))
