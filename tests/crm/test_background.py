"""Background work: once, with its result or its error, and swept when it is lost."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import timezone
from django.utils.translation import gettext, override

from crm import background
from crm.background import Progress
from crm.models import BackgroundTask, TaskStatus, User

pytestmark = pytest.mark.django_db


@pytest.fixture
def runs() -> Iterator[list[int]]:
    done: list[int] = []

    def work(progress: Progress) -> None:
        done.append(progress.task.pk)
        progress.tell(3, 3)
        if progress.parameters.get("fails"):
            raise ValueError("no such thing")
        progress.finish("Three.", "/contacts/")

    background.register("test.work", work)
    yield done
    del background._works["test.work"]


def task(user: User, **parameters: object) -> BackgroundTask:
    return background.begin("test.work", "Work", user, total=3, parameters=parameters)


def test_work_is_done_once_however_often_it_is_asked_for(marketer: User, runs: list[int]) -> None:
    row = task(marketer)
    background.run(row.pk)
    background.run(row.pk)
    row.refresh_from_db()
    assert runs == [row.pk]
    assert (row.status, row.done, row.result["text"], row.result_url) == (TaskStatus.SUCCESS, 3, "Three.", "/contacts/")


def test_the_result_is_told_in_the_language_it_was_begun_in(marketer: User) -> None:
    """Also of whoever has chosen none: then it is the one that their browser asks for."""
    background.register("test.speaks", lambda progress: progress.finish(gettext("Pending")))
    try:
        with override("fr"):
            row = background.begin("test.speaks", "Work", marketer, total=1, parameters={})
        background.run(row.pk)
    finally:
        del background._works["test.speaks"]
    row.refresh_from_db()
    assert marketer.language == ""
    assert row.result["text"] == "En attente"


def test_an_error_is_kept_for_its_person(marketer: User, runs: list[int]) -> None:
    row = task(marketer, fails=True)
    background.run(row.pk)
    row.refresh_from_db()
    assert (row.status, row.error) == (TaskStatus.FAILED, "ValueError: no such thing")
    assert row.finished_at


def test_work_that_nobody_knows_fails(marketer: User) -> None:
    row = background.begin("unknown", "Work", marketer, total=0, parameters={})
    background.run(row.pk)
    row.refresh_from_db()
    assert row.status == TaskStatus.FAILED


def test_work_that_knows_how_far_it_came_goes_on_after_its_worker_died(marketer: User) -> None:
    runs: list[int] = []
    background.register("test.long", lambda progress: runs.append(progress.task.pk), goes_on=True)
    row = background.begin("test.long", "Work", marketer, total=3, parameters={})
    long_ago = timezone.now() - timedelta(hours=1)
    rows = BackgroundTask.objects.filter(pk=row.pk)
    rows.update(status=TaskStatus.RUNNING, seen_at=long_ago, started_at=long_ago)
    slow = rows.get()
    background.sweep()
    assert rows.get().status == TaskStatus.PENDING
    background.run(row.pk)
    background._end(slow, TaskStatus.FAILED, "I was taken for dead")
    assert (rows.get().status, rows.get().error, runs) == (TaskStatus.SUCCESS, "", [row.pk])


def test_work_that_has_to_stop_is_left_to_the_next_worker(marketer: User) -> None:
    def stop(progress: Progress) -> None:
        raise background.Interrupted

    background.register("test.stop", stop, goes_on=True)
    row = background.begin("test.stop", "Work", marketer, total=3, parameters={})
    background.run(row.pk)
    row.refresh_from_db()
    assert (row.status, row.finished_at, row.error) == (TaskStatus.PENDING, None, "")


def test_a_dead_worker_leaves_a_failed_row_and_a_living_one_its_own(marketer: User, runs: list[int]) -> None:
    dead, alive = task(marketer), task(marketer)
    long_ago = timezone.now() - timedelta(hours=1)
    BackgroundTask.objects.filter(pk=dead.pk).update(status=TaskStatus.RUNNING, seen_at=long_ago)
    BackgroundTask.objects.filter(pk=alive.pk).update(status=TaskStatus.RUNNING, seen_at=timezone.now())
    background.sweep()
    assert BackgroundTask.objects.get(pk=dead.pk).status == TaskStatus.FAILED
    assert BackgroundTask.objects.get(pk=alive.pk).status == TaskStatus.RUNNING
