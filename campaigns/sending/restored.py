"""A database restored from a backup has forgotten what was sent since: nothing goes out before a person agrees.

It is noticed in two ways. The database keeps a note of where it lived (the numbers that PostgreSQL gave to the database
and to the queue's table, and the timeline of its log; the file's number on SQLite), which a restored copy brings along
although it lives elsewhere. And the data folder remembers how many runs of sending the database had counted: a copy
that was put into the old place has counted fewer.
"""

import logging
import os
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from campaigns.models import Home, MassEmail, MassEmailStatus, QueueItem
from campaigns.sending.stops import pause_with_reason

logger = logging.getLogger(__name__)


def hold_if_restored() -> bool:
    """Pause everything that is being sent or waits for its time, once, when this is a restored copy.

    Asked before anybody is sent anything: by the job, the sweeper of every minute and each task.
    """
    remembered = _remembered()  # before the database is asked: it may count on meanwhile, but never back
    home, made = Home.objects.get_or_create(pk=1, defaults={"place": _place()})
    if made or (home.place == _place() and home.runs >= remembered):
        return False
    with transaction.atomic():
        home = Home.objects.select_for_update().get(pk=1)
        if home.place == _place() and home.runs >= remembered:
            return False  # another process was first
        _hold()
        Home.objects.filter(pk=1).update(place=_place(), runs=max(home.runs, remembered))
    return True


def count_run() -> None:
    """Another run of sending begins: the database counts it, then the data folder remembers it."""
    Home.objects.filter(pk=1).update(runs=F("runs") + 1)
    runs = Home.objects.values_list("runs", flat=True).get(pk=1)
    path = _memory()
    fresh = path.with_suffix(f".{os.getpid()}")
    fresh.write_text(f"{runs}\n")
    fresh.replace(path)


def _hold() -> None:
    reason = _(
        "The database was restored from a backup, or moved. Who got this email after the backup was made may get it "
        "again: compare with what your mail server has sent since, then resume."
    )
    waiting = MassEmail.objects.filter(status__in=[MassEmailStatus.PENDING, MassEmailStatus.IN_PROCESS])
    for pk in waiting.values_list("pk", flat=True):
        pause_with_reason(pk, reason)
    logger.error("This database is a restored copy: %s mass emails are held", waiting.count())


def _place() -> str:
    """Differs between a database and its copy."""
    if connection.vendor != "postgresql":
        file = Path(connection.settings_dict["NAME"])
        return f"file {file.stat().st_ino}" if file.exists() else "memory"
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT d.oid, %s::regclass::oid, left(pg_walfile_name(pg_current_wal_lsn()), 8)"
            " FROM pg_database d WHERE d.datname = current_database()",
            [QueueItem._meta.db_table],
        )
        return "database {}, table {}, timeline {}".format(*cursor.fetchone())


def _memory() -> Path:
    return Path(settings.HERALD_DATA_DIR) / "runs-of-sending"


def _remembered() -> int:
    try:
        return int(_memory().read_text())
    except FileNotFoundError:  # a new data folder remembers nothing
        return 0
    except ValueError:  # a power cut may leave it empty: the next run writes it anew
        logger.exception("%s does not say how many runs there were", _memory())
        return 0
