"""A portion of rows becomes records, and the import moves on, in one transaction: both happened, or neither did.

Whoever holds the row of the import at the position where the portion begins may write it. A worker that was taken for
dead and lives finds the position elsewhere, and stops.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from crm.entities.readdressing import readdressed
from crm.imports.destinations import destination
from crm.imports.matching import Key, key_of, records_by_key
from crm.imports.plan import Mode, Plan
from crm.imports.reading import Row
from crm.imports.rows import Refusal, RowReader, Said
from crm.imports.tables import (
    NAMES,
    address_ids,
    insert_addresses,
    insert_records,
    insert_rows,
    update_records,
)
from crm.models import (
    EntityType,
    Import,
    ImportedRow,
    ImportStatus,
    Outcome,
    Record,
    RefusedRow,
    Suppression,
    address_digest,
)

IMPORTS_OF_TYPE = 1_768_779_887  # "impo": the first half of the key of the lock
EMPTY: dict[str, Any] = {name: None if name.endswith("_id") else "" for name in NAMES[:-1]}
MODIFIED = "modified_at"  # among the changes of a row: when the record had been changed before


class TakenOver(Exception):
    """Another worker has written these rows."""


@dataclass(slots=True)
class Portion:
    """What a portion of rows comes to."""

    rows: list[ImportedRow] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)

    def count(self, outcome: Outcome) -> int:
        return sum(row.outcome == outcome for row in self.rows)


class Writer:
    """Writes the portions of one import, one after the other."""

    def __init__(self, batch: Import, plan: Plan, reader: RowReader) -> None:
        self.batch, self.plan, self.reader = batch, plan, reader
        self.entity_type: EntityType = batch.entity_type
        self.now = timezone.now()
        self.match = plan.match

    def write(self, rows: Sequence[Row], position: int) -> None:
        """These rows, and `position` as the new one of the import. Raises TakenOver."""
        self.now = timezone.now()
        portion = Portion()
        read = self._read(rows, portion)  # before anybody has to wait for this transaction
        with transaction.atomic():
            self._wait_for_others()
            at = self.batch.position
            mine = Import.objects.select_for_update().filter(pk=self.batch.pk, position=at, status=ImportStatus.RUNNING)
            if not mine.exists():
                raise TakenOver
            self._fill(portion, read)
            listed = self._join(portion.rows)
            insert_rows(self.batch, portion.rows, self.now)
            RefusedRow.objects.bulk_create(self._refused(portion.refused))
            self._move(portion, position, listed)
        self.batch.position = position

    def _wait_for_others(self) -> None:
        """One import of a type at a time: two would not see what the other creates, and make the same records twice.
        SQLite lets one write at a time by itself."""
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [IMPORTS_OF_TYPE, self.entity_type.pk])

    def _move(self, portion: Portion, position: int, listed: int) -> None:
        Import.objects.filter(pk=self.batch.pk).update(
            position=position,
            created=F("created") + portion.count(Outcome.CREATED),
            updated=F("updated") + portion.count(Outcome.UPDATED),
            unchanged=F("unchanged") + portion.count(Outcome.UNCHANGED),
            refused=F("refused") + len(portion.refused),
            listed=F("listed") + listed,
        )

    def _refused(self, refusals: Iterable[Refusal]) -> Iterator[RefusedRow]:
        for one in refusals:
            cells = [_storable(cell) for cell in one.row.cells]
            yield RefusedRow(
                batch=self.batch, number=one.row.number, column=_storable(one.column), reason=_storable(one.reason),
                cells=cells,
            )  # fmt: skip

    def _join(self, rows: Sequence[ImportedRow]) -> int:
        """Everybody whom the rows are about comes to the target list."""
        place = destination()
        if not (place and self.batch.target_list and rows):
            return 0
        new = place.join(self.batch.target_list, [row.record_id for row in rows])
        for row in rows:
            row.is_listed = row.record_id in new
        return len(new)

    # ---- from rows to records

    def _fill(self, portion: Portion, read: Sequence[Said]) -> None:
        said = self._matched(read, portion)
        addresses = _addresses([each.email for each, _pk in said if each.email], self.now)
        known = locked_records([pk for _each, pk in said if pk])
        self._create([each for each, pk in said if not pk], addresses, portion)
        # A record may have been removed after it was matched: its row is refused, and may be imported again.
        self._update([(each, known.get(pk)) for each, pk in said if pk], addresses, portion)

    def _read(self, rows: Sequence[Row], portion: Portion) -> list[Said]:
        self.reader.look_up(rows)
        found = []
        for row in rows:
            try:
                found.append(self.reader.read(row))
            except Refusal as refusal:
                portion.refused.append(refusal)
        return found

    def _matched(self, said: Sequence[Said], portion: Portion) -> list[tuple[Said, int]]:
        """Each with the record that it is about, 0 for a new one, whose default values are then there."""
        keys = {id(each): key_of(each, self.match) for each in said}
        records = records_by_key(self.entity_type, self.match, {key for key in keys.values() if key})
        earlier = self._earlier([pk for pks in records.values() for pk in pks[:1]])
        seen: dict[Key, int] = {}
        found = []
        for each in said:
            key = keys[id(each)]
            try:
                pk = self._record_for(each, key, records.get(key, []) if key else [], seen, earlier)
                found.append((each if pk else self.reader.complete(each), pk))
            except Refusal as refusal:
                portion.refused.append(refusal)
                continue
            if key:
                seen[key] = each.row.number
        return found

    def _earlier(self, records: Sequence[int]) -> dict[int, int]:
        """Record → the row of this very file that was about it."""
        rows = ImportedRow.objects.filter(batch=self.batch, record_id__in=records)
        return dict(rows.values_list("record_id", "number"))

    def _record_for(
        self, said: Said, key: Key | None, records: Sequence[int], seen: dict[Key, int], earlier: dict[int, int]
    ) -> int:
        number = (seen.get(key) if key else None) or (earlier.get(records[0]) if records else None)
        if number:
            raise Refusal(said.row, _("Row %(number)s of this file is about the same record.") % {"number": number})
        if len(records) > 1:
            raise Refusal(said.row, _("%(number)s records match this row.") % {"number": len(records)})
        if records and self.plan.mode == Mode.CREATE:
            raise Refusal(said.row, _("There is such a record already."))
        if not records and self.plan.mode == Mode.UPDATE:
            raise Refusal(said.row, _("There is no such record to update."))
        return records[0] if records else 0

    # ---- new records

    def _create(self, said: Sequence[Said], addresses: dict[str, int], portion: Portion) -> None:
        rows = [self._new(each, addresses) for each in said]
        records = insert_records(self.entity_type.pk, rows, self.now) if rows else []
        pairs = zip(said, records, strict=True)
        portion.rows += [self._row(each, record, Outcome.CREATED) for each, record in pairs]

    def _new(self, said: Said, addresses: dict[str, int]) -> list[Any]:
        columns = {**EMPTY, **said.columns, "email_address_id": addresses[said.email[1]] if said.email else None}
        columns["name"] = whole_name(columns["first_name"], columns["last_name"]) or columns["name"]
        return [*(columns[name] for name in NAMES[:-1]), json.dumps(said.values)]

    def _row(
        self, said: Said, record: int, outcome: Outcome, changes: dict[str, list[Any]] | None = None
    ) -> ImportedRow:
        return ImportedRow(number=said.row.number, record_id=record, outcome=outcome, changes=changes or {})

    # ---- records that there are

    def _update(self, said: Sequence[tuple[Said, Record | None]], addresses: dict[str, int], portion: Portion) -> None:
        """An empty cell says nothing: it never empties a field."""
        changed = []
        for each, record in said:
            if record is None:
                portion.refused.append(Refusal(each.row, _("The record was removed meanwhile.")))
                continue
            changes = _apply(each, record, addresses)
            if changes:
                changes[MODIFIED] = [record.modified_at.isoformat(), None]
                changed.append(record)
            outcome = Outcome.UPDATED if changes else Outcome.UNCHANGED
            portion.rows.append(self._row(each, record.pk, outcome, changes))
        update_records(changed, self.now)
        readdressed([row.record_id for row in portion.rows if "email_address_id" in row.changes])


def locked_records(records: Sequence[int]) -> dict[int, Record]:
    """By id, held until the transaction ends; those that are gone are missing."""
    rows = Record.objects.select_for_update(of=("self",)).filter(pk__in=records).order_by("pk")
    return {row.pk: row for row in rows} if records else {}


def _apply(said: Said, record: Record, addresses: dict[str, int]) -> dict[str, list[Any]]:
    """Put into the record what the row says; field → [before, after] of what that changes."""
    before = {name: getattr(record, name) for name in NAMES[:-1]}
    for name, value in said.columns.items():
        setattr(record, name, value)
    if said.email:
        record.email_address_id = addresses[said.email[1]]
    make_name(record)
    changes = {name: [old, getattr(record, name)] for name, old in before.items() if getattr(record, name) != old}
    for name, value in said.values.items():
        if record.values.get(name) != value:
            changes[f"f_{name}"] = [record.values.get(name), value]
    record.values = {**record.values, **said.values}
    return changes


def make_name(record: Record) -> None:
    record.name = whole_name(record.first_name, record.last_name) or record.name


def whole_name(first_name: str, last_name: str) -> str:
    """As Record.save() makes it."""
    return f"{first_name} {last_name}" if first_name and last_name else first_name or last_name


def _addresses(emails: Sequence[tuple[str, str]], now: datetime) -> dict[str, int]:
    """Normalised address → id of its one row, made where there is none. No flag of any row is touched; one that was
    suppressed before it was removed comes back as opted out."""
    wanted = {normalized: address for address, normalized in emails}
    found = address_ids(wanted)
    new = sorted(normalized for normalized in wanted if normalized not in found)
    if not new:
        return found
    suppressed, why = _suppressed(new), _("Suppressed before the address was removed")
    insert_addresses(([wanted[each], each, why if each in suppressed else ""] for each in new), now)
    return found | address_ids(new)


def _suppressed(normalized: Sequence[str]) -> set[str]:
    digests = {address_digest(each): each for each in normalized}
    gone = Suppression.objects.filter(digest__in=list(digests)).values_list("digest", flat=True)
    return {digests[digest] for digest in gone}


def _storable(text: str) -> str:
    """Without what no database takes, for the list of refused rows."""
    return "".join("\ufffd" if sign == "\0" or "\ud800" <= sign <= "\udfff" else sign for sign in text)
