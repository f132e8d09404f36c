"""Revert import: what it created is removed, what it changed is put back, unless somebody changed it since.

The rows are taken back a portion at a time, each marked with its fate in the same transaction: a revert whose worker
was killed goes on with the rows that have none. Email addresses stay, with every flag that they got meanwhile.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm.audit import audit
from crm.background import Interrupted, Progress, begin, register
from crm.entities.readdressing import readdressed
from crm.imports.destinations import destination
from crm.imports.tables import update_records
from crm.imports.writing import COLUMNS, MODIFIED, whole_name
from crm.models import BackgroundTask, EmailAddress, Fate, Import, ImportedRow, ImportStatus, Outcome, Record, User
from crm.models.imports import ENDED
from crm.stopping import stopping

REVERT = "imports.revert"
PORTION = 500


class NotRevertible(Exception):
    """The import is not finished, reverted already, or too old; the text says which."""


def why_not(batch: Import) -> str:
    """Why an import cannot be reverted, "" when it can."""
    if batch.status == ImportStatus.REVERTED:
        return _("This import was reverted already.")
    if batch.status not in ENDED:
        return _("This import is not finished.")
    return "" if batch.stored_as else _("This import is too old: what was there before is no longer known.")


def start_revert(batch: Import, user: User) -> BackgroundTask:
    """Raises NotRevertible."""
    if reason := why_not(batch):
        raise NotRevertible(reason)
    with transaction.atomic():
        ended = Import.objects.filter(pk=batch.pk, status__in=ENDED)
        if not ended.update(status=ImportStatus.REVERTING):
            raise NotRevertible(_("Somebody else was faster."))
        audit(user, "import.reverted", batch, rows=batch.created + batch.updated)
        batch.task = begin_revert(batch, user)
        Import.objects.filter(pk=batch.pk).update(task=batch.task)
    return batch.task


def go_on(batch: Import, user: User) -> BackgroundTask:
    """A new task for a revert whose own one failed. Raises NotRevertible."""
    with transaction.atomic():
        task = begin_revert(batch, user)
        stopped = Import.objects.filter(pk=batch.pk, status=ImportStatus.REVERTING, task=batch.task_id)
        if not stopped.update(task=task):
            raise NotRevertible(_("Somebody else was faster."))
    batch.task = task
    return task


def begin_revert(batch: Import, user: User) -> BackgroundTask:
    title = _("Revert the import of “%(file)s”") % {"file": batch.file_name[:120]}
    return begin(REVERT, title, user, total=batch.rows.count(), parameters={"import": batch.pk})


def revert_import(progress: Progress) -> None:
    batch = Import.objects.get(pk=progress.parameters["import"])
    done = batch.rows.exclude(fate=Fate.NONE).count()
    while number := _revert_some(batch):
        done += number
        progress.tell(done)
        if stopping.is_set():
            raise Interrupted
    reverting = Import.objects.filter(pk=batch.pk, status=ImportStatus.REVERTING)
    reverting.update(status=ImportStatus.REVERTED, reverted_at=timezone.now())
    batch.refresh_from_db()
    progress.finish(reverted_text(batch), batch.get_absolute_url())


def reverted_text(batch: Import) -> str:
    text = ngettext("%(number)s row was reverted", "%(number)s rows were reverted", batch.reverted)
    kept = ngettext("%(number)s record was changed since", "%(number)s records were changed since", batch.kept)
    return f"{text % {'number': batch.reverted}}, {kept % {'number': batch.kept}}."


def _revert_some(batch: Import) -> int:
    with transaction.atomic():
        Import.objects.select_for_update().get(pk=batch.pk)  # one worker at a time
        rows = list(batch.rows.filter(fate=Fate.NONE).order_by("number")[:PORTION])
        _leave(batch, rows)
        records = _locked([row.record_id for row in rows])
        _remove([row for row in rows if row.outcome == Outcome.CREATED], records)
        _put_back([row for row in rows if row.outcome == Outcome.UPDATED], records)
        for row in rows:
            row.fate = row.fate or Fate.REVERTED
        ImportedRow.objects.bulk_update(rows, ["fate", "note"])
        kept = sum(row.fate == Fate.KEPT for row in rows)
        reverted = sum(row.fate == Fate.REVERTED and row.outcome != Outcome.UNCHANGED for row in rows)
        Import.objects.filter(pk=batch.pk).update(reverted=F("reverted") + reverted, kept=F("kept") + kept)
    return len(rows)


def _leave(batch: Import, rows: Sequence[ImportedRow]) -> None:
    """Off the target list go those who came to it with this import, and have not opted out of it since."""
    place, listed = destination(), [row.record_id for row in rows if row.is_listed]
    if place and listed:
        place.leave(batch.target_list, listed)


def _remove(rows: Sequence[ImportedRow], records: dict[int, Record]) -> None:
    untouched, opted_out = [], _opted_out([row.record_id for row in rows])
    for row in rows:
        record = records.get(row.record_id)
        if record is None:
            row.fate = Fate.GONE
        elif record.modified_at != row.written_at:
            row.fate, row.note = Fate.KEPT, _("The record was changed after the import: it stays.")
        elif record.pk in opted_out:
            row.fate, row.note = Fate.KEPT, _("The person opted out of a target list: the record stays.")
        else:
            untouched.append(record.pk)
    Record.objects.filter(pk__in=untouched).delete()


def _opted_out(records: Sequence[int]) -> set[int]:
    """With a record its memberships go, and with them the word of the person."""
    place = destination()
    return place.opted_out(records) if place and records else set()


def _put_back(rows: Sequence[ImportedRow], records: dict[int, Record]) -> None:
    """Field by field: one that no longer holds what the import wrote belongs to whoever changed it."""
    restored, there, whole = [], _still_there(rows), {}
    for row in rows:
        record = records.get(row.record_id)
        if record is None:
            row.fate = Fate.GONE
            continue
        changes, moment = _changes(row)
        changed = [name for name, values in changes.items() if not _restore(record, name, values, there)]
        is_all, is_some = not changed, len(changed) < len(changes)
        record.name = whole_name(record.first_name, record.last_name) or record.name
        if changed := [name for name in changed if name != "name" or not (record.first_name or record.last_name)]:
            names = ", ".join(name.removeprefix("f_").removesuffix("_id") for name in changed)
            row.fate = Fate.KEPT
            row.note = (_("Changed after the import, and left so: %(fields)s.") % {"fields": names})[:300]
        if is_some:
            restored.append(record)
        if is_all and moment and record.modified_at == row.written_at:
            whole[record.pk] = moment
    _write(restored, timezone.now())
    readdressed({row.record_id for row in rows if "email_address_id" in row.changes} & {one.pk for one in restored})
    for record in restored:
        record.modified_at = whole.get(record.pk, record.modified_at)
    # The record is as if it had never been imported: an older import knows it again as what it left.
    Record.objects.bulk_update([record for record in restored if record.pk in whole], ["modified_at"])


def _locked(records: Sequence[int]) -> dict[int, Record]:
    """By id, held until the transaction ends; those that are gone are missing."""
    rows = Record.objects.select_for_update(of=("self",)).filter(pk__in=records).order_by("pk")
    return {row.pk: row for row in rows} if records else {}


def _write(records: Sequence[Record], now: datetime) -> None:
    for record in records:
        record.modified_at = now
    update_records([[one.pk, *(getattr(one, name) for name in COLUMNS), one.values] for one in records], now)


def _changes(row: ImportedRow) -> tuple[dict[str, list[Any]], datetime | None]:
    """The fields, and when the record had been changed before the import."""
    changes = dict(row.changes)
    before = changes.pop(MODIFIED, None)
    return changes, datetime.fromisoformat(before[0]) if before else None


def _still_there(rows: Sequence[ImportedRow]) -> dict[str, set[int | None]]:
    """Of each column with the id of something else: those to go back to that nobody removed meanwhile."""
    models: dict[str, Any] = {"account_id": Record, "owner_id": User, "email_address_id": EmailAddress}
    found = {}
    for name, model in models.items():
        before = {row.changes[name][0] for row in rows if name in row.changes}
        found[name] = set(model.objects.filter(pk__in=before - {None}).values_list("pk", flat=True)) | {None}
    return found


def _restore(record: Record, name: str, values: list[Any], there: dict[str, set[int | None]]) -> bool:
    """False when the field holds something else now, or what it held is gone."""
    before, after = values
    if not name.startswith("f_"):
        if getattr(record, name) != after or (name in there and before not in there[name]):
            return False
        setattr(record, name, before)
        return True
    key = name.removeprefix("f_")
    if record.values.get(key) != after:
        return False
    record.values = {**record.values, key: before}
    if before is None:
        del record.values[key]
    return True


register(REVERT, revert_import, goes_on=True)
