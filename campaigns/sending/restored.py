"""A database older than what this installation has seen: a backup was put back, or a crash took its last writes.

People who got their mail meanwhile are Pending in it. So nothing goes out before a person has looked: every mass email
that is being sent is paused with the reason.

The database counts its minutes of work, and each host keeps the highest count it has seen in a file beside the
journals. A database that counts less than the file is older than the file. A new host has no file: it believes a count
that was moved a moment ago by those who work with it; one that stood still for long may come out of a backup.
"""

import os
from datetime import timedelta

from django.conf import settings
from django.db.models import F
from django.utils.translation import gettext as _

from campaigns.models import MassEmail, MassEmailStatus, Pulse
from campaigns.sending.stops import pause_with_reason
from crm.clock import database_now

FILE = "pulse"
STOOD_STILL = timedelta(minutes=15)


def hold_if_restored() -> int:
    """To be called before anything is sent; how many mass emails were paused, which is 0 on every normal day."""
    pulse, _created = Pulse.objects.get_or_create(pk=1, defaults={"at": database_now()})
    if not _is_older(pulse):
        return 0
    reason = _("The database was restored from a backup, or lost its last changes. Who got the email after that is not "
               "known here. Compare with your mail server, then resume or cancel.")  # fmt: skip
    running = MassEmail.objects.filter(status__in=[MassEmailStatus.PENDING, MassEmailStatus.IN_PROCESS])
    held = sum(pause_with_reason(pk, reason) for pk in running.values_list("pk", flat=True))
    _remember(pulse)  # last: whoever dies before does it again
    return held


def beat() -> None:
    """Once a minute: the database counts on, then this host remembers it. In this order it never runs ahead."""
    Pulse.objects.filter(pk=1).update(count=F("count") + 1, at=database_now())
    _remember(Pulse.objects.get(pk=1))


def _is_older(pulse: Pulse) -> bool:
    seen = _seen(pulse)
    if seen is None:
        return pulse.count > 0 and pulse.at < database_now() - STOOD_STILL
    return pulse.count < seen


def _seen(pulse: Pulse) -> int | None:
    """The highest count of this database that this host knows; None when it has only seen another database, or none."""
    try:
        name, _blank, count = (settings.HERALD_JOURNAL_DIR / FILE).read_text().partition(" ")
        return int(count) if name == pulse.name else None
    except (FileNotFoundError, ValueError):
        return None


def _remember(pulse: Pulse) -> None:
    """Whole or not at all, and on the disk before it counts."""
    folder = settings.HERALD_JOURNAL_DIR
    folder.mkdir(parents=True, exist_ok=True)
    fresh = folder / f"{FILE}.{os.getpid()}"
    with fresh.open("w") as file:
        file.write(f"{pulse.name} {pulse.count}")
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(folder / FILE)
