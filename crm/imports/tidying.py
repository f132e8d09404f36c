"""What imports leave behind goes after HERALD_IMPORT_DAYS: file, refused rows, values as they were before.

They are personal data that nobody needs any more. What stays is who imported which file when, with its numbers.
"""

import time
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from crm.imports.plan import folder
from crm.models import Import, ImportedRow, ImportStatus, RefusedRow

AT_A_TIME = 20
ABANDONED = 3600  # seconds after which a file that belongs to no import was left by an upload that broke off


def tidy_up() -> None:
    """Every minute; asks one question when there is nothing to do."""
    day = timezone.now() - timedelta(days=settings.HERALD_IMPORT_DAYS)
    live = (ImportStatus.RUNNING, ImportStatus.REVERTING)
    old = Import.objects.filter(created_at__lt=day).exclude(status__in=live)
    for batch in old.filter(status=ImportStatus.DRAFT)[:AT_A_TIME]:
        discard(batch)
    for batch in old.exclude(stored_as="").exclude(status=ImportStatus.DRAFT)[:AT_A_TIME]:
        forget(batch)
    _remove_strays()


def forget(batch: Import) -> None:
    """The file and the rows go; the import can no longer be reverted."""
    remove_files(folder() / batch.stored_as)
    RefusedRow.objects.filter(batch=batch).delete()
    ImportedRow.objects.filter(batch=batch).delete()
    batch.stored_as = ""
    batch.save(update_fields=["stored_as"])


def discard(batch: Import) -> None:
    """A draft that nobody started."""
    if Import.objects.filter(pk=batch.pk, status=ImportStatus.DRAFT).delete()[0]:
        remove_files(folder() / batch.stored_as)


def remove_files(path: Path) -> None:
    """The file that was uploaded, whatever it turned out to be, and what was made of it."""
    for found in path.parent.glob(f"{path.stem}.*"):
        found.unlink(missing_ok=True)


def _remove_strays() -> None:
    old = time.time() - ABANDONED
    stray = [path for path in folder().iterdir() if path.stat().st_mtime < old]
    if stray:
        known = {Path(name).stem for name in Import.objects.exclude(stored_as="").values_list("stored_as", flat=True)}
        for path in stray:
            if path.name.partition(".")[0] not in known:
                path.unlink(missing_ok=True)
