"""The statements of an import: each takes all rows of a portion at once, as one parameter (see crm.packed)."""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import connection

from crm.models import EmailAddress, Import, ImportedRow, Record
from crm.packed import packed, unpacked

# Of Record, in the order in which rows give them; `values` comes as JSON text.
RECORD = {
    "salutation": "text", "first_name": "text", "last_name": "text", "name": "text", "phone": "text",
    "account_id": "bigint", "owner_id": "bigint", "language": "text", "description": "text",
    "email_address_id": "bigint", '"values"': "jsonb",
}  # fmt: skip
NAMES = tuple(name.strip('"') for name in RECORD)
_COLUMNS = ", ".join(RECORD)
_BESIDE = "CROSS JOIN"  # SQLite then keeps this order: it looks each of the rows that are told up by an index
_RECORDS, _ADDRESSES = Record._meta.db_table, EmailAddress._meta.db_table


def insert_records(entity_type_id: int, rows: Iterable[Sequence[Any]], now: datetime) -> list[int]:
    """New records; their ids in the order of the rows: both databases count up while they read them."""
    moment = connection.ops.adapt_datetimefield_value(now)
    sql = (
        f"INSERT INTO {_RECORDS} (entity_type_id, created_at, modified_at, {_COLUMNS})"
        f" SELECT %s, {_moment()}, {_moment()}, {_COLUMNS} FROM ({unpacked(**RECORD)}) AS told RETURNING id"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [entity_type_id, moment, moment, packed(rows)])
        return sorted(pk for (pk,) in cursor.fetchall())


def update_records(records: Iterable[Record], now: datetime) -> None:
    """Every column and value that an import can write, of records that the caller has locked."""
    rows = [[record.pk, *record_row(record)] for record in records]
    for record in records:
        record.modified_at = now
    changed = ", ".join(f"{name} = told.{name}" for name in RECORD)
    sql = (
        f"UPDATE {_RECORDS} SET modified_at = {_moment()}, {changed}"
        f" FROM ({unpacked(id='bigint', **RECORD)}) AS told WHERE told.id = {_RECORDS}.id"
    )
    if rows:
        with connection.cursor() as cursor:
            cursor.execute(sql, [connection.ops.adapt_datetimefield_value(now), packed(rows)])


def record_row(record: Record) -> list[Any]:
    return [*(getattr(record, name) for name in NAMES[:-1]), json.dumps(record.values)]


def insert_addresses(rows: Iterable[Sequence[Any]], now: datetime) -> None:
    """(address, normalised, why opted out or "") of addresses that have no row yet; one that has got one stays."""
    told = unpacked(address="text", normalized="text", why="text")
    sql = (
        f"INSERT INTO {_ADDRESSES} (address, normalized, opted_out_at, opted_out_why, invalid_why)"
        f" SELECT address, normalized, CASE WHEN why <> '' THEN {_moment()} END, why, '' FROM ({told}) AS told"
        " WHERE 1 = 1 ON CONFLICT (normalized) DO NOTHING"  # SQLite would read ON CONFLICT as a join
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [connection.ops.adapt_datetimefield_value(now), packed(rows)])


def address_ids(normalized: Iterable[str]) -> dict[str, int]:
    """Normalised address → id, of those that there are."""
    told = unpacked(normalized="text")
    sql = (
        f"SELECT a.normalized, a.id FROM ({told}) AS told {_BESIDE} {_ADDRESSES} a WHERE a.normalized = told.normalized"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [packed([each] for each in normalized)])
        return dict(cursor.fetchall())


def records_by_address(entity_type_id: int, normalized: Iterable[str]) -> list[tuple[str, int]]:
    """(normalised address, record), the oldest record first."""
    sql = (
        f"SELECT a.normalized, r.id FROM ({unpacked(normalized='text')}) AS told"
        f" {_BESIDE} {_ADDRESSES} a {_BESIDE} {_RECORDS} r"
        " WHERE a.normalized = told.normalized AND r.email_address_id = a.id AND +r.entity_type_id = %s ORDER BY r.id"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [packed([each] for each in normalized), entity_type_id])
        return list(cursor.fetchall())


def insert_rows(batch: Import, rows: Iterable[ImportedRow], now: datetime) -> None:
    told = unpacked(number="bigint", record_id="bigint", outcome="smallint", changes="jsonb", is_listed="boolean")
    sql = (
        f"INSERT INTO {ImportedRow._meta.db_table}"
        " (batch_id, written_at, fate, note, number, record_id, outcome, changes, is_listed)"
        f" SELECT %s, {_moment()}, 0, '', number, record_id, outcome, changes, is_listed FROM ({told}) AS told"
    )
    values = ([row.number, row.record_id, row.outcome, json.dumps(row.changes), row.is_listed] for row in rows)
    with connection.cursor() as cursor:
        cursor.execute(sql, [batch.pk, connection.ops.adapt_datetimefield_value(now), packed(values)])


def _moment() -> str:
    return "CAST(%s AS timestamptz)" if connection.vendor == "postgresql" else "%s"
