"""The forecast, beside a plain model of what the job does: run by run, person by person."""

from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from django.utils import timezone
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from campaigns.models import Portion, PortionStatus
from campaigns.pacing import DEALT_IN, HOUR, MOST_RUNS, Limit, last_run
from campaigns.progress import forecast
from crm.models import ScheduledJob, Settings
from tests.examples import examples
from tests.factories import EmailAccountFactory

BEGIN = datetime(2026, 5, 4, 9, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def plain(people: int, every: int, per_batch: int, limits: list[Limit]) -> datetime:
    """One person after the other, each asking every limit."""
    gone: list[datetime] = []
    for number in count():
        run = BEGIN + number * every * MINUTE
        dealt = 0
        while dealt < per_batch and all(
            sum(n for at, n in limit.used if at > run - HOUR) + sum(at > run - HOUR for at in gone) < limit.per_hour
            for limit in limits
        ):
            gone.append(run + DEALT_IN)
            dealt += 1
            if len(gone) == people:
                return run
    raise AssertionError


@settings(max_examples=examples(100), deadline=None)
@given(
    people=st.integers(1, 40),
    every=st.sampled_from([1, 5, 20, 60, 90]),
    per_batch=st.integers(1, 30),
    limits=st.lists(
        st.builds(
            Limit,
            st.integers(1, 25),
            st.lists(
                st.tuples(st.integers(0, 70).map(lambda ago: BEGIN - ago * MINUTE), st.integers(1, 9)), max_size=3
            ),
        ),
        min_size=1,
        max_size=2,
    ),
)
def test_it_is_what_the_runs_of_the_job_would_do(people: int, every: int, per_batch: int, limits: list[Limit]) -> None:
    runs = (BEGIN + number * every * MINUTE for number in count())
    expected = plain(people, every, per_batch, limits)
    assume(expected - BEGIN < MOST_RUNS * every * MINUTE)  # further runs are not looked at one by one
    assert last_run(people, runs, per_batch, limits) == expected


def test_very_many_go_on_as_they_began() -> None:
    runs = (BEGIN + number * MINUTE for number in count())
    took = last_run(1_000_000, runs, 10, [Limit(100)]) - BEGIN
    assert timedelta(days=380) < took < timedelta(days=450), "100 an hour are 417 days"


@pytest.fixture
def every_five(db: None) -> ScheduledJob:
    job, _is_new = ScheduledJob.objects.update_or_create(key="send_mass_emails", defaults={"scheduling": "*/5 * * * *"})
    return job


def minutes(people: int, **account: object) -> float:
    begin = timezone.now().replace(second=0, microsecond=0) + HOUR
    begin -= timedelta(minutes=begin.minute % 5)
    found = forecast(people, begin, EmailAccountFactory.create(**account))
    return (found.finish_at - begin) / MINUTE


def test_batches_wait_for_the_next_run(every_five: ScheduledJob) -> None:
    Settings.load()
    Settings.objects.update(max_per_batch=4, max_per_hour=10_000)
    assert minutes(4) == 1
    assert minutes(117) == 29 * 5 + 1


def test_the_hour_is_shared_with_what_was_sent_lately(every_five: ScheduledJob) -> None:
    Settings.load()
    Settings.objects.update(max_per_hour=5)
    now = timezone.now()
    Portion.objects.create(
        mass_email_id=1, account_id=1, size=5, attempted=5, status=PortionStatus.DONE, created_at=now, finished_at=now
    )
    begin = forecast(1, now, None)
    assert timedelta(minutes=60) <= begin.finish_at - now <= timedelta(minutes=67)


def test_a_limit_per_second_takes_its_time(every_five: ScheduledJob) -> None:
    assert minutes(3600, max_per_second=1) == 60
    assert minutes(10, max_per_hour=5) > 60
