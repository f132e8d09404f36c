"""Scheduled jobs: due runs, claims, the log."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext

from campaigns.bounces.checker import IGNORED, OPT_OUT, UNKNOWN
from campaigns.bounces.verdicts import Kind
from crm import jobs
from crm.mailbox_reading import FAILED, REPEATED
from crm.models import JobRun, JobStatus, RunStatus, ScheduledJob, Settings, User

calls: list[str] = []


def _works() -> dict[str, int]:
    calls.append("works")
    return {"portions": 2}


def _breaks() -> dict[str, int]:
    raise RuntimeError("the disk is full")


@pytest.fixture(autouse=True)
def _registered(db: None) -> Iterator[None]:
    calls.clear()
    jobs.register("works", _works)
    jobs.register("breaks", _breaks)
    ScheduledJob.objects.all().delete()
    yield
    jobs._jobs.pop("works")
    jobs._jobs.pop("breaks")


def job(key: str, **values: object) -> ScheduledJob:
    due = timezone.now() - timedelta(minutes=1)
    return ScheduledJob.objects.create(**{"key": key, "name": key, "next_run_at": due, **values})


def test_a_due_job_runs_once_and_its_run_is_logged() -> None:
    made = job("works")
    assert [run.status for run in jobs.run_due_jobs()] == [RunStatus.SUCCESS]
    assert jobs.run_due_jobs() == []
    run = JobRun.objects.get(job=made)
    assert run.counts == {"portions": 2} and run.seconds is not None
    made.refresh_from_db()
    assert made.next_run_at is not None and made.next_run_at > timezone.now()


def test_what_a_job_writes_is_in_the_language_of_the_settings() -> None:
    """People read it later, whatever process it was: why a mass email is paused, for example."""
    Settings.objects.update_or_create(pk=1, defaults={"language": "es"})
    job("speaks")
    jobs.register("speaks", lambda: {gettext("Pending"): 1})
    try:
        assert [run.counts for run in jobs.run_due_jobs()] == [{"Pendiente": 1}]
    finally:
        jobs._jobs.pop("speaks")
    assert gettext("Pending") == "Pending"


def test_two_schedulers_run_it_once() -> None:
    """Both read the row before either claimed it."""
    made = job("works")
    stale = ScheduledJob.objects.get(pk=made.pk)
    assert jobs._claim(made)
    assert not jobs._claim(stale)


def test_an_inactive_job_does_not_run() -> None:
    job("works", status=JobStatus.INACTIVE)
    assert jobs.run_due_jobs() == [] and calls == []


def test_a_failure_is_logged_and_the_next_job_still_runs() -> None:
    job("breaks")
    job("works")
    states = {run.job.key: run.status for run in jobs.run_due_jobs()}
    assert states == {"breaks": RunStatus.FAILED, "works": RunStatus.SUCCESS}
    assert "the disk is full" in JobRun.objects.get(job__key="breaks").error


def test_a_schedule_that_cannot_be_read_keeps_no_other_job_from_running() -> None:
    job("breaks", scheduling="every full moon")
    job("works")
    assert [run.job.key for run in jobs.run_due_jobs()] == ["works"]


def test_a_next_run_that_a_wrong_clock_put_too_far_away_is_mended() -> None:
    made = job("works", scheduling="* * * * *", next_run_at=timezone.now() + timedelta(hours=2))
    jobs.run_due_jobs()
    made.refresh_from_db()
    assert made.next_run_at is not None and made.next_run_at <= timezone.now() + timedelta(minutes=1)


def test_run_now_works_for_an_inactive_job_and_says_by_whom(administrator: User) -> None:
    run = jobs.run_job_now(job("works", status=JobStatus.INACTIVE), administrator)
    assert run.by_hand and run.status == RunStatus.SUCCESS


def test_a_run_that_a_killed_worker_left_open_is_closed() -> None:
    made = job("works")
    JobRun.objects.create(job=made, started_at=timezone.now() - timedelta(hours=5))
    jobs.run_due_jobs()
    assert not JobRun.objects.filter(status=RunStatus.RUNNING).exists()


@pytest.mark.parametrize("text", ["", "* * * *", "61 * * * *", "hourly", "* * * * * *"])
def test_what_is_no_crontab_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        jobs.parse_scheduling(text)


@pytest.mark.parametrize(
    ("after", "zone", "scheduling", "expected"),
    [
        (datetime(2026, 3, 29, 0, 0, tzinfo=UTC), "Europe/Madrid", "30 2 * * *", "2026-03-29 01:00"),
        (datetime(2026, 10, 24, 22, 0, tzinfo=UTC), "Europe/Madrid", "30 2 * * *", "2026-10-25 00:30"),
        (datetime(2026, 11, 1, 0, 0, tzinfo=UTC), "Asia/Jakarta", "0 9 * * *", "2026-11-01 02:00"),
    ],
)
def test_schedules_follow_the_zone_through_daylight_saving(
    after: datetime, zone: str, scheduling: str, expected: str
) -> None:
    Settings.load()
    Settings.objects.update(time_zone=zone)
    (first,) = jobs.next_runs(scheduling, 1, after=after)
    assert first.astimezone(UTC).strftime("%Y-%m-%d %H:%M") == expected


def test_counts_are_told_by_name_and_nothing_of_nothing() -> None:
    assert jobs.told({"started": 0, "portions": 2, "handled_somehow": 1}) == [("Portions", 2), ("handled_somehow", 1)]


@pytest.mark.parametrize("key", ["send_mass_emails", "sync_target_lists", "clean_up"])
def test_every_count_of_every_job_has_a_name(key: str) -> None:
    counts = jobs._jobs[key]()
    assert counts
    assert [name for name, _number in jobs.told(dict.fromkeys(counts, 1)) if name in counts] == []


def test_whatever_came_of_a_message_has_a_name() -> None:
    outcomes = {"read", FAILED, REPEATED, OPT_OUT, UNKNOWN, IGNORED, *(kind for kind in Kind if kind is not Kind.NONE)}
    assert [name for name, _number in jobs.told(dict.fromkeys(map(str, outcomes), 1)) if name in outcomes] == []
