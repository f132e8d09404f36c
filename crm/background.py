"""Background work that a person started: a row to watch, a function that does it, and a sweeper for what was lost.

    register("records.remove", remove_in_background)          # (Progress) -> None, in the app that knows the work
    register("imports.run", run_import, goes_on=True)         # run again after a worker died, from where it stands
    task = begin("records.remove", _("Remove contacts"), user, total=n, parameters={…})     # a view redirects to it

The message carries the id of the row alone. Whoever moves the row from Pending to Running does the work; a row whose
message was lost is sent again, one whose worker died is marked Failed, or Pending again where the work knows how far
it came. The function may be run for rows half done.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _
from kombu.exceptions import OperationalError

from crm.celery import app
from crm.models import BackgroundTask, TaskStatus, User
from crm.users import zone_of

logger = logging.getLogger(__name__)
LOST_AFTER = timedelta(minutes=2)  # Pending: the message did not arrive
DEAD_AFTER = timedelta(minutes=10)  # Running without a sign of life
LONGEST_ERROR = 500
LONGEST_TITLE = 200  # the column's: the names of two lists or reports may come to more


@dataclass
class Progress:
    """What the work knows of its row, and how it tells how far it is."""

    task: BackgroundTask

    @property
    def user(self) -> User:
        return self.task.owner

    @property
    def parameters(self) -> dict[str, Any]:
        return dict(self.task.parameters)

    def tell(self, done: int, total: int | None = None) -> None:
        self.task.done = done
        self.task.total = total if total is not None else max(self.task.total, done)
        self.task.seen_at = timezone.now()
        self.task.save(update_fields=["done", "total", "seen_at"])

    def finish(self, text: str, url: str = "", **result: Any) -> None:
        """What came of it, in a sentence, and where to look."""
        self.task.result = {"text": text, **result}
        self.task.result_url = url
        self.task.save(update_fields=["result", "result_url"])


Work = Callable[[Progress], None]
_works: dict[str, Work] = {}
_go_on: set[str] = set()


class Interrupted(Exception):
    """The worker has to end: another one goes on. Raised by work that was registered with `goes_on`."""


def register(kind: str, work: Work, *, goes_on: bool = False) -> None:
    """`goes_on`: the work keeps in the database how far it is, in the same transactions as what it does."""
    _works[kind] = work
    if goes_on:
        _go_on.add(kind)


def begin(kind: str, title: str, user: User, *, total: int, parameters: dict[str, Any]) -> BackgroundTask:
    """The row of the work, which a worker starts as soon as the row is committed. A long title is cut."""
    title = title[:LONGEST_TITLE]
    given = {"total": total, "parameters": parameters, "language": get_language() or ""}
    task = BackgroundTask.objects.create(kind=kind, title=title, owner=user, **given)
    transaction.on_commit(lambda: _send(task.pk))
    return task


def run(task_id: int) -> None:
    """Do the work of a Pending row, once, whoever else tries, in the language it was begun in and the person's time
    zone: a day in a condition is theirs, as it was on the page."""
    now = timezone.now()
    rows = BackgroundTask.objects.filter(pk=task_id, status=TaskStatus.PENDING)
    if not rows.update(status=TaskStatus.RUNNING, started_at=now, seen_at=now):
        return
    task = BackgroundTask.objects.select_related("owner").get(pk=task_id)
    with override(task.language or task.owner.language or None), timezone.override(zone_of(task.owner)):
        _end(task, *_attempt(task))


def sweep() -> None:
    """Every minute: what was lost is sent again, what died goes on or is marked Failed."""
    now = timezone.now()
    dead = BackgroundTask.objects.filter(status=TaskStatus.RUNNING, seen_at__lt=now - DEAD_AFTER)
    dead.filter(kind__in=_go_on).update(status=TaskStatus.PENDING)
    dead.exclude(kind__in=_go_on).update(
        status=TaskStatus.FAILED, finished_at=now, error=_("The worker stopped in the middle of it. Start again.")
    )
    pending = BackgroundTask.objects.filter(status=TaskStatus.PENDING, created_at__lt=now - LOST_AFTER)
    for pk in pending.values_list("pk", flat=True)[:100]:
        _send(pk)


def _attempt(task: BackgroundTask) -> tuple[str, str]:
    """(status, error) after the work."""
    work = _works.get(task.kind)
    if work is None:
        return TaskStatus.FAILED, _("Nothing here knows how to do this.")
    try:
        work(Progress(task))
    except Interrupted:
        return TaskStatus.PENDING, ""
    except Exception as error:
        logger.exception("Background task %s failed", task.pk)
        return TaskStatus.FAILED, f"{type(error).__name__}: {error}"[:LONGEST_ERROR]
    return TaskStatus.SUCCESS, ""


def _end(task: BackgroundTask, status: str, error: str) -> None:
    """Only of one's own run: a worker that was taken for dead says nothing about the run of another."""
    rows = BackgroundTask.objects.filter(pk=task.pk, status=TaskStatus.RUNNING, started_at=task.started_at)
    ended = rows.update(
        status=status, error=error, finished_at=None if status == TaskStatus.PENDING else timezone.now()
    )
    if ended and status == TaskStatus.PENDING:
        _send(task.pk)


def _send(task_id: int) -> None:
    """To a worker. When the broker is away the sweeper sends it later."""
    try:
        app.send_task("crm.run_background_task", [task_id])
    except (OSError, OperationalError) as error:
        logger.warning("Background task %s waits: the broker does not answer (%s)", task_id, error)
