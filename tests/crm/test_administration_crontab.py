"""Crontab expressions: refused, told in words, and counted forward."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation

from crm.crontab import describe
from crm.forms.administration_jobs import coming_runs
from crm.models import AuditEntry, ScheduledJob, Settings, User
from crm.scheduling import save_schedule
from crm.site_settings import save_settings


@pytest.mark.parametrize(
    ("scheduling", "sentence"),
    [
        ("* * * * *", "Every minute"),
        ("*/5 * * * *", "Every 5 minutes"),
        ("*/1 * * * *", "Every minute"),
        ("0 * * * *", "Every hour at minute 0"),
        ("10,30,50 * * * *", "Every hour at the minutes 10, 30, 50"),
        ("15 */2 * * *", "Every 2 hours at minute 15"),
        ("5 6 * * *", "Every day at 06:05"),
        ("0 9 * * 1-5", "Monday to Friday at 09:00"),
        ("0 9 * * 0", "Every Sunday at 09:00"),
        ("0 9 * * 7", "Every Sunday at 09:00"),
        ("0 9 * * 1", "Every Monday at 09:00"),
        ("30 4 1 * *", "On day 1 of every month at 04:30"),
        ("0 0 * 2 */3", ""),
    ],
)
def test_usual_shapes_are_told_in_words(scheduling: str, sentence: str) -> None:
    with translation.override("en"):
        assert describe(scheduling) == sentence


@pytest.mark.parametrize(
    "scheduling",
    ["", "* * * *", "* * * * * *", "61 * * * *", "a b c d e", "0 0 31 2 *", "0 0 31 4,6 *", "*/0 * * * *", "5 6 * * 9"],
)
def test_what_is_no_schedule_or_never_comes_is_refused(db: None, scheduling: str) -> None:
    with pytest.raises(ValidationError):
        coming_runs(scheduling)


def test_the_next_runs_are_in_the_time_zone_of_the_settings(db: None) -> None:
    Settings.objects.update(time_zone="Asia/Jakarta")
    first, second, _third = coming_runs("0 6 * * *")
    assert (first.hour, second - first, first.utcoffset()) == (6, timedelta(days=1), timedelta(hours=7))


def test_a_changed_schedule_counts_from_now_and_is_audited(administrator: User) -> None:
    job = ScheduledJob.objects.get(key="send_mass_emails")
    job.scheduling = "0 * * * *"
    save_schedule(job, administrator)
    job.refresh_from_db()
    assert job.next_run_at is not None and job.next_run_at.minute == 0
    assert AuditEntry.objects.get(action="job.changed").changes == {"scheduling": ["*/5 * * * *", "0 * * * *"]}
    save_schedule(job, administrator)
    assert AuditEntry.objects.filter(action="job.changed").count() == 1


def test_a_new_time_zone_moves_the_next_runs(administrator: User) -> None:
    ScheduledJob.objects.update(scheduling="0 6 * * *")
    settings = Settings.load()
    settings.time_zone = "Asia/Jakarta"
    assert save_settings(settings, ["time_zone"], administrator)
    next_run = ScheduledJob.objects.get(key="send_mass_emails").next_run_at
    assert next_run is not None and next_run.hour == 23
