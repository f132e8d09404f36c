"""The statements of an import: each takes all rows of a portion at once, as one parameter (see crm.packed)."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import connection

from crm.models import EmailAddress, Import, ImportedRow, Record, Suppression
from crm.packed import packed, unpacked

# Of Record, in the order in which rows give them.
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


def update_records(rows: Sequence[Sequence[Any]], now: datetime) -> None:
    """Every column and value that an import can write, of records that the caller has locked: id, then RECORD."""
    changed = ", ".join(f"{name} = told.{name}" for name in RECORD)
    sql = (
        f"UPDATE {_RECORDS} SET modified_at = {_moment()}, {changed}"
        f" FROM ({unpacked(id='bigint', **RECORD)}) AS told WHERE told.id = {_RECORDS}.id"
    )
    if rows:
        with connection.cursor() as cursor:
            cursor.execute(sql, [connection.ops.adapt_datetimefield_value(now), packed(rows)])


def insert_addresses(rows: Iterable[Sequence[Any]], now: datetime) -> dict[str, int]:
    """(address, normalised, why opted out or "") of addresses that have no row yet; normalised address → id of those
    that this made: one that has got a row meanwhile keeps it."""
    told = unpacked(address="text", normalized="text", why="text")
    sql = (
        f"INSERT INTO {_ADDRESSES} (address, normalized, opted_out_at, opted_out_why, invalid_why)"
        f" SELECT address, normalized, CASE WHEN why <> '' THEN {_moment()} END, why, '' FROM ({told}) AS told"
        " WHERE 1 = 1 ON CONFLICT (normalized) DO NOTHING"  # SQLite would read ON CONFLICT as a join
        " RETURNING normalized, id"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [connection.ops.adapt_datetimefield_value(now), packed(rows)])
        return dict(cursor.fetchall())


def suppressed_among(digests: Iterable[str]) -> list[str]:
    """Those of the digests that stand for a suppressed address."""
    table = Suppression._meta.db_table
    sql = f"SELECT s.digest FROM ({unpacked(digest='text')}) AS told {_BESIDE} {table} s WHERE s.digest = told.digest"
    with connection.cursor() as cursor:
        cursor.execute(sql, [packed([each] for each in digests)])
        return [digest for (digest,) in cursor.fetchall()]


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


def held_records(ids: Iterable[int]) -> set[int]:
    """Those that there are; nobody removes them before the transaction ends, but anybody may change them."""
    lock = " FOR KEY SHARE OF r" if connection.vendor == "postgresql" else ""
    sql = (
        f"SELECT r.id FROM ({unpacked(id='bigint')}) AS told {_BESIDE} {_RECORDS} r WHERE r.id = told.id"
        f" ORDER BY r.id{lock}"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [packed([each] for each in ids)])
        return {pk for (pk,) in cursor.fetchall()}


def insert_rows(batch: Import, rows: Iterable[Sequence[Any]], now: datetime) -> None:
    """(number, record, outcome, changes, whether it came to the list) of ImportedRow."""
    told = unpacked(number="bigint", record_id="bigint", outcome="smallint", changes="jsonb", is_listed="boolean")
    sql = (
        f"INSERT INTO {ImportedRow._meta.db_table}"
        " (batch_id, written_at, fate, note, number, record_id, outcome, changes, is_listed)"
        f" SELECT %s, {_moment()}, 0, '', number, record_id, outcome, changes, is_listed FROM ({told}) AS told"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [batch.pk, connection.ops.adapt_datetimefield_value(now), packed(rows)])


def _moment() -> str:
    return "CAST(%s AS timestamptz)" if connection.vendor == "postgresql" else "%s"
