"""Long exports: written by a worker into the data directory, kept for their owner for some days, then removed."""

import secrets
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.background import Progress, begin, register
from crm.cleaning import register_cleaning
from crm.exports.sources import open_table
from crm.exports.table import Table
from crm.exports.writing import file_name, write_table
from crm.models import BackgroundTask, ExportFile, ExportFormat, User
from crm.users import zone_of

WRITE = "exports.write"
TELL_SECONDS = 1.0
LEFT_AFTER = timedelta(days=1)  # what a killed worker left half written


def folder() -> Path:
    """For the eyes of the service alone."""
    path = Path(settings.HERALD_DATA_DIR) / "exports"
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def begin_export(user: User, kind: str, given: dict[str, Any], choice: dict[str, Any], table: Table) -> BackgroundTask:
    """`choice`: {"format": …, "columns": [keys]}."""
    title = _("Export: %(name)s") % {"name": table.name}
    parameters = {"kind": kind, "given": given, **choice}
    return begin(WRITE, title, user, total=table.number, parameters=parameters)


def write_in_background(progress: Progress) -> None:
    asked = progress.parameters
    with timezone.override(zone_of(progress.user)):
        table = open_table(asked["kind"], progress.user, asked["given"])
        file = _write(progress, table, ExportFormat(asked["format"]), asked["columns"])
    text = _("%(name)s is ready: %(number)s rows. It can be downloaded by you alone, for %(days)s days.")
    told = {"name": file.name, "number": f"{file.rows:,}", "days": settings.HERALD_EXPORT_DAYS}
    progress.finish(text % told, file.get_absolute_url(), button=_("Download"), more=reverse("crm:export_list"))


def _write(progress: Progress, table: Table, format: ExportFormat, columns: list[str]) -> ExportFile:
    """The name in the folder cannot be guessed, and appears when the file is whole."""
    path = folder() / f"{progress.task.pk}-{secrets.token_urlsafe(16)}.{format}"
    part = path.with_suffix(".part")
    try:
        with part.open("xb") as file:
            rows = write_table(file, table, columns, format, _now_and_then(progress))
        progress.tell(rows, rows)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return ExportFile.objects.create(
        task=progress.task, owner=progress.user, name=file_name(table, format), format=format, stored_as=path.name,
        rows=rows, octets=path.stat().st_size, expires_at=timezone.now() + timedelta(days=settings.HERALD_EXPORT_DAYS),
    )  # fmt: skip


def _now_and_then(progress: Progress) -> Callable[[int], None]:
    """Telling costs a write: once a second is enough for a bar."""
    last = time.monotonic()

    def tell(done: int) -> None:
        nonlocal last
        if time.monotonic() - last >= TELL_SECONDS:
            progress.tell(done)
            last = time.monotonic()

    return tell


def path_of(file: ExportFile) -> Path:
    return folder() / file.stored_as


def forget(file: ExportFile) -> None:
    """Remove the file, then what is known of it."""
    path_of(file).unlink(missing_ok=True)
    file.delete()


def clean_up() -> int:
    """Remove what has expired and what a killed worker left; how many files."""
    expired = list(ExportFile.objects.filter(expires_at__lte=timezone.now()))
    for file in expired:
        forget(file)
    known = set(ExportFile.objects.values_list("stored_as", flat=True))
    oldest = (timezone.now() - LEFT_AFTER).timestamp()
    left = [path for path in folder().iterdir() if path.name not in known and path.stat().st_mtime < oldest]
    for path in left:
        path.unlink(missing_ok=True)
    return len(expired) + len(left)


register(WRITE, write_in_background)
register_cleaning("exports_removed", clean_up, gettext_lazy("Exported files"))
