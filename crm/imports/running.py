"""The background work: the rows of the file, a portion at a time, from where the import stands.

A worker that is asked to end stops between two portions, one that is killed loses the portion in hand; either way
another worker goes on at `position`, and no row is written twice.
"""

import zoneinfo
from collections.abc import Iterator
from itertools import islice

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm.audit import audit
from crm.background import Interrupted, Progress, begin, register
from crm.imports.destinations import NEW, destination
from crm.imports.fields import import_fields
from crm.imports.limits import Limits, limits
from crm.imports.plan import Plan, plan_of, source_of
from crm.imports.reading import Row
from crm.imports.rows import LONGEST_REASON, FieldsGone, RowReader, check_fields
from crm.imports.writing import TakenOver, Writer
from crm.models import BackgroundTask, Import, ImportStatus, Settings, User
from crm.stopping import stopping

RUN = "imports.run"
PORTION = 4_000  # rows of a transaction: two or three tenths of a second in which SQLite lets nobody else write


class NotStarted(Exception):
    """The import is no draft any more, or somebody else lets it go on."""


def start(batch: Import, user: User) -> BackgroundTask:
    """From draft to running, once, with its task. Raises NotStarted, FieldsGone."""
    plan = plan_of(batch)
    check_fields(plan, import_fields(batch.entity_type))
    with transaction.atomic():
        drafts = Import.objects.filter(pk=batch.pk, status=ImportStatus.DRAFT)
        if not drafts.update(status=ImportStatus.RUNNING, started_at=timezone.now()):
            raise NotStarted
        batch.target_list = _target_list(plan, user)
        batch.task = _begin(batch, user)
        Import.objects.filter(pk=batch.pk).update(target_list=batch.target_list, task=batch.task)
        audit(user, "import.started", batch, type=batch.entity_type.key, rows=batch.row_count)
    return batch.task


def go_on(batch: Import, user: User) -> BackgroundTask:
    """A new task for an import whose own one failed: it goes on where that stopped. Raises NotStarted."""
    with transaction.atomic():
        task = _begin(batch, user)
        stopped = Import.objects.filter(pk=batch.pk, status=ImportStatus.RUNNING, task=batch.task_id)
        if not stopped.update(task=task):
            raise NotStarted
        audit(user, "import.continued", batch, position=batch.position)
    batch.task = task
    return task


def _begin(batch: Import, user: User) -> BackgroundTask:
    title = _("Import “%(file)s” (%(type)s)") % {"file": batch.file_name[:120], "type": batch.entity_type.plural}
    return begin(RUN, title, user, total=batch.row_count, parameters={"import": batch.pk})


def _target_list(plan: Plan, user: User) -> str:
    place = destination()
    if place is None or not plan.target_list:
        return ""
    return place.make(user, plan.new_list) if plan.target_list == NEW else plan.target_list


def run_import(progress: Progress) -> None:
    batch = Import.objects.select_related("entity_type").get(pk=progress.parameters["import"])
    zone = progress.user.time_zone or Settings.load().time_zone
    with timezone.override(zoneinfo.ZoneInfo(zone)):
        if batch.status == ImportStatus.RUNNING:
            try:
                _write_all(batch, progress)
            except FieldsGone as reason:
                _fail(batch, progress, str(reason))
                raise
    _finish(batch, progress)


def _fail(batch: Import, progress: Progress, reason: str) -> None:
    """What was written stays, each row once; the rest would come to something else than what was confirmed."""
    with transaction.atomic():
        running = Import.objects.filter(pk=batch.pk, status=ImportStatus.RUNNING)
        if running.update(status=ImportStatus.FAILED, problem=reason[:LONGEST_REASON], finished_at=timezone.now()):
            audit(progress.user, "import.failed", batch, position=batch.position, reason=reason)
    batch.refresh_from_db()
    progress.finish(result_text(batch), batch.get_absolute_url())


def _write_all(batch: Import, progress: Progress) -> None:
    """Raises Interrupted, also when another worker has written meanwhile, and FieldsGone."""
    plan = plan_of(batch)
    writer = Writer(batch, plan, RowReader(batch.entity_type, plan, limits()))
    done = _dealt_with(batch)
    try:
        for rows in portions(batch, plan, limits()):
            writer.write(rows, rows[-1].number)
            done += len(rows)
            progress.tell(done)
            if stopping.is_set():
                raise Interrupted
    except TakenOver as error:  # whoever holds the import may die yet: this task then goes on
        raise Interrupted from error


def _dealt_with(batch: Import) -> int:
    return batch.created + batch.updated + batch.unchanged + batch.refused


def portions(batch: Import, plan: Plan, limits: Limits) -> Iterator[list[Row]]:
    """What is left to do."""
    begin = batch.position
    rows = (row for row in data_rows(batch, plan, limits) if row.number > begin)
    while portion := list(islice(rows, PORTION)):
        yield portion


def data_rows(batch: Import, plan: Plan, limits: Limits) -> Iterator[Row]:
    """The rows behind the header that are not empty."""
    found = (row for row in source_of(batch, plan).rows(limits) if not row.is_empty)
    if plan.has_header:
        next(found, None)
    yield from found


def _finish(batch: Import, progress: Progress) -> None:
    with transaction.atomic():
        running = Import.objects.filter(pk=batch.pk, status=ImportStatus.RUNNING)
        if running.update(status=ImportStatus.FINISHED, finished_at=timezone.now()):
            batch.refresh_from_db()
            counts = {name: getattr(batch, name) for name in ("created", "updated", "unchanged", "refused")}
            audit(progress.user, "import.finished", batch, **counts)
    batch.refresh_from_db()
    progress.finish(result_text(batch), batch.get_absolute_url())


def result_text(batch: Import) -> str:
    taken = batch.created + batch.updated + batch.unchanged
    text = ngettext("%(number)s row was taken", "%(number)s rows were taken", taken) % {"number": taken}
    refused = ngettext("%(number)s was refused", "%(number)s were refused", batch.refused) % {"number": batch.refused}
    return f"{text}, {refused}."


register(RUN, run_import, goes_on=True)
