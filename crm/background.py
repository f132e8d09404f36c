"""Background work that a person started: a row to watch, a function that does it, and a sweeper for what was lost.

    register("records.remove", remove_in_background)          # (Progress) -> None, in the app that knows the work
    task = begin("records.remove", _("Remove contacts"), user, total=n, parameters={…})     # a view redirects to it

The message carries the id of the row alone. Whoever moves the row from Pending to Running does the work; a row whose
message was lost is sent again, one whose worker died is marked Failed. The function may be run for rows half done.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override
from kombu.exceptions import OperationalError

from crm.celery import app
from crm.models import BackgroundTask, TaskStatus, User

logger = logging.getLogger(__name__)
LOST_AFTER = timedelta(minutes=2)  # Pending: the message did not arrive
DEAD_AFTER = timedelta(minutes=10)  # Running without a sign of life
LONGEST_ERROR = 500


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


def register(kind: str, work: Work) -> None:
    _works[kind] = work


def begin(kind: str, title: str, user: User, *, total: int, parameters: dict[str, Any]) -> BackgroundTask:
    """The row of the work, which a worker starts as soon as the row is committed."""
    task = BackgroundTask.objects.create(kind=kind, title=title, owner=user, total=total, parameters=parameters)
    transaction.on_commit(lambda: _send(task.pk))
    return task


def run(task_id: int) -> None:
    """Do the work of a Pending row, once, whoever else tries."""
    now = timezone.now()
    rows = BackgroundTask.objects.filter(pk=task_id, status=TaskStatus.PENDING)
    if not rows.update(status=TaskStatus.RUNNING, started_at=now, seen_at=now):
        return
    task = BackgroundTask.objects.select_related("owner").get(pk=task_id)
    with override(task.owner.language or None):
        _end(task, *_attempt(task))


def sweep() -> None:
    """Every minute: what was lost is sent again, what died is marked Failed."""
    now = timezone.now()
    pending = BackgroundTask.objects.filter(status=TaskStatus.PENDING, created_at__lt=now - LOST_AFTER)
    for pk in pending.values_list("pk", flat=True)[:100]:
        _send(pk)
    dead = BackgroundTask.objects.filter(status=TaskStatus.RUNNING, seen_at__lt=now - DEAD_AFTER)
    dead.update(
        status=TaskStatus.FAILED, finished_at=now, error=_("The worker stopped in the middle of it. Start again.")
    )


def _attempt(task: BackgroundTask) -> tuple[str, str]:
    """(status, error) after the work."""
    work = _works.get(task.kind)
    if work is None:
        return TaskStatus.FAILED, _("Nothing here knows how to do this.")
    try:
        work(Progress(task))
    except Exception as error:
        logger.exception("Background task %s failed", task.pk)
        return TaskStatus.FAILED, f"{type(error).__name__}: {error}"[:LONGEST_ERROR]
    return TaskStatus.SUCCESS, ""


def _end(task: BackgroundTask, status: str, error: str) -> None:
    rows = BackgroundTask.objects.filter(pk=task.pk, status=TaskStatus.RUNNING)
    rows.update(status=status, error=error, finished_at=timezone.now())


def _send(task_id: int) -> None:
    """To a worker. When the broker is away the sweeper sends it later."""
    try:
        app.send_task("crm.run_background_task", [task_id])
    except (OSError, OperationalError) as error:
        logger.warning("Background task %s waits: the broker does not answer (%s)", task_id, error)
