"""A portion of rows becomes records, and the import moves on, in one transaction: both happened, or neither did.

Whoever holds the row of the import at the position where the portion begins may write it. A worker that was taken for
dead and lives finds the position elsewhere, and stops.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from operator import itemgetter
from typing import Any

from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from crm.entities.forms import PREFIX
from crm.entities.readdressing import readdressed
from crm.imports.destinations import destination
from crm.imports.matching import Key, key_reader, records_by_key
from crm.imports.plan import Mode, Plan
from crm.imports.reading import Row
from crm.imports.rows import Refusal, RowReader, Said, check_fields, check_kinds
from crm.imports.tables import (
    NAMES,
    address_ids,
    held_records,
    insert_addresses,
    insert_records,
    insert_rows,
    suppressed_among,
    update_records,
)
from crm.models import (
    EntityField,
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
COLUMNS = NAMES[:-1]  # the last one are the values of the type's own fields
EMPTY: dict[str, Any] = {name: None if name.endswith("_id") else "" for name in COLUMNS}
in_order = itemgetter(*COLUMNS)
ACCOUNT = "account_id"
MODIFIED = "modified_at"  # among the changes of a row: when the record had been changed before


class TakenOver(Exception):
    """Another worker has written these rows."""


@dataclass(slots=True)
class Taken:
    """A row that is taken: an ImportedRow, without what a model costs."""

    number: int
    record_id: int
    outcome: Outcome
    changes: dict[str, list[Any]]
    is_listed: bool = False


@dataclass(slots=True)
class Known:
    """A record that there is, as far as an import can write it; `columns` are those of COLUMNS."""

    pk: int
    modified_at: datetime
    columns: dict[str, Any]
    values: dict[str, Any]


@dataclass(slots=True)
class Portion:
    """What a portion of rows comes to."""

    rows: list[Taken] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)

    def count(self, outcome: Outcome) -> int:
        return sum(row.outcome == outcome for row in self.rows)


class Writer:
    """Writes the portions of one import, one after the other."""

    def __init__(self, batch: Import, plan: Plan, reader: RowReader) -> None:
        self.batch, self.plan, self.reader = batch, plan, reader
        self.entity_type: EntityType = batch.entity_type
        self.now = timezone.now()
        self.match, self.key_of = plan.match, key_reader(plan.match)

    def write(self, rows: Sequence[Row], position: int) -> None:
        """These rows, and `position` as the new one of the import. Raises TakenOver, FieldsGone."""
        self.now = timezone.now()
        portion = Portion()
        read = self._read(rows, portion)  # before anybody has to wait for this transaction
        with transaction.atomic():
            self._wait_for_others()
            at = self.batch.position
            mine = Import.objects.select_for_update().filter(pk=self.batch.pk, position=at, status=ImportStatus.RUNNING)
            if not mine.exists():
                raise TakenOver
            self._check_fields()
            self._fill(portion, read)
            listed = self._join(portion.rows)
            told = [[row.number, row.record_id, row.outcome, row.changes, row.is_listed] for row in portion.rows]
            insert_rows(self.batch, told, self.now)
            RefusedRow.objects.bulk_create(self._refused(portion.refused))
            self._move(portion, position, listed)
        self.batch.position = position

    def _wait_for_others(self) -> None:
        """One import of a type at a time: two would not see what the other creates, and make the same records twice.
        SQLite lets one write at a time by itself."""
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [IMPORTS_OF_TYPE, self.entity_type.pk])

    def _check_fields(self) -> None:
        """None was removed or got another kind since the rows were read, and none will before they are written."""
        rows = EntityField.objects.select_for_update(no_key=True).filter(entity_type=self.entity_type)
        there = {PREFIX + name: (kind, options) for name, kind, options in rows.values_list("name", "kind", "options")}
        fields = self.reader.fields
        check_fields(self.plan, [one.key for one in fields.values() if not one.is_own or one.key in there])
        check_kinds(self.plan, fields, there)

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

    def _join(self, rows: Sequence[Taken]) -> int:
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
        known = _locked([pk for _each, pk in said if pk])
        said = self._linked(said, portion)
        self._create([each for each, pk in said if not pk], addresses, portion)
        # A record may have been removed after it was matched: its row is refused, and may be imported again.
        self._update([(each, known.get(pk)) for each, pk in said if pk], addresses, portion)

    def _linked(self, said: Sequence[tuple[Said, int]], portion: Portion) -> list[tuple[Said, int]]:
        """Those whose account, if they name one, is there, and stays until they are written. It was looked up before
        this transaction: somebody may have removed it. After `_locked`: whoever removes accounts begins with the
        records that name them, too."""
        named = {each.columns[ACCOUNT] for each, _pk in said if each.columns.get(ACCOUNT)}
        gone = named - held_records(named) if named else set()
        if not gone:
            return list(said)
        label, found = self.reader.fields["account"].label, []
        for each, pk in said:
            if each.columns.get(ACCOUNT) in gone:
                portion.refused.append(Refusal(each.row, _("The record was removed meanwhile."), label))
            else:
                found.append((each, pk))
        return found

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
        keys = [self.key_of(each) for each in said]
        records = records_by_key(self.entity_type, self.match, {key for key in keys if key})
        earlier = self._earlier([pk for pks in records.values() for pk in pks[:1]])
        seen: dict[Key, int] = {}
        found = []
        for each, key in zip(said, keys, strict=True):
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
        portion.rows += [Taken(each.row.number, record, Outcome.CREATED, {}) for each, record in pairs]

    def _new(self, said: Said, addresses: dict[str, int]) -> list[Any]:
        columns = {**EMPTY, **said.columns}
        if said.email:
            columns["email_address_id"] = addresses[said.email[1]]
        columns["name"] = whole_name(columns["first_name"], columns["last_name"]) or columns["name"]
        return [*in_order(columns), said.values]

    # ---- records that there are

    def _update(self, said: Sequence[tuple[Said, Known | None]], addresses: dict[str, int], portion: Portion) -> None:
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
            portion.rows.append(Taken(each.row.number, record.pk, outcome, changes))
        update_records([[one.pk, *in_order(one.columns), one.values] for one in changed], self.now)
        readdressed([row.record_id for row in portion.rows if "email_address_id" in row.changes])


def _locked(records: Sequence[int]) -> dict[int, Known]:
    """By id, held until the transaction ends; those that are gone are missing."""
    if not records:
        return {}
    rows = Record.objects.select_for_update(of=("self",)).filter(pk__in=records).order_by("pk")
    told = rows.values_list("pk", "modified_at", "values", *COLUMNS)
    return {pk: Known(pk, at, dict(zip(COLUMNS, columns, strict=True)), values) for pk, at, values, *columns in told}


def _apply(said: Said, record: Known, addresses: dict[str, int]) -> dict[str, list[Any]]:
    """Put into the record what the row says; field → [before, after] of what that changes."""
    before, after = record.columns, {**record.columns, **said.columns}
    if said.email:
        after["email_address_id"] = addresses[said.email[1]]
    after["name"] = whole_name(after["first_name"], after["last_name"]) or after["name"]
    changes = {}
    if after != before:
        changes = {name: [before[name], after[name]] for name in COLUMNS if after[name] != before[name]}
    for name, value in said.values.items():
        if record.values.get(name) != value:
            changes[f"f_{name}"] = [record.values.get(name), value]
    record.columns, record.values = after, {**record.values, **said.values}
    return changes


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
    made = insert_addresses(([wanted[each], each, why if each in suppressed else ""] for each in new), now)
    late = [each for each in new if each not in made]  # somebody else was faster
    return found | made | (address_ids(late) if late else {})


def _suppressed(normalized: Sequence[str]) -> set[str]:
    if not Suppression.objects.exists():
        return set()
    digests = {address_digest(each): each for each in normalized}
    return {digests[digest] for digest in suppressed_among(digests)}


def _storable(text: str) -> str:
    """Without what no database takes, for the list of refused rows."""
    return "".join("\ufffd" if sign == "\0" or "\ud800" <= sign <= "\udfff" else sign for sign in text)
