"""What the health of sending says: each bad state is told once, with its number and where to go, and a good one is
told to be good."""

from collections.abc import Iterable
from datetime import timedelta

import pytest
from django.utils import timezone

from campaigns.health_checks import LONG_SEND, MANY_DEFERRED, deferred, doubtful, hourly_limit, portions
from campaigns.models import MassEmail, MassEmailStatus, Portion, PortionStatus, QueueItem, QueueStatus
from campaigns.progress import UNTAKEN
from campaigns.sending.claims import LEASE
from crm.health import Finding, State, Topic, answers
from crm.models import ScheduledJob, Settings
from tests.factories import MassEmailFactory

pytestmark = pytest.mark.django_db
MOMENT = timedelta(seconds=30)


def only(found: Iterable[Finding]) -> Finding:
    (finding,) = found
    return finding


def sending(**values: object) -> MassEmail:
    return MassEmailFactory.create(name="Launch day", status=MassEmailStatus.IN_PROCESS, **values)


def portion(status: PortionStatus, age: timedelta = timedelta(0), **values: object) -> Portion:
    common = {"mass_email_id": 1, "account_id": 1, "size": 10, "created_at": timezone.now() - age}
    return Portion.objects.create(status=status, **{**common, **values})


def queue(mass_email: MassEmail, status: QueueStatus, count: int = 1, **values: object) -> None:
    QueueItem.objects.bulk_create(
        QueueItem(mass_email_id=mass_email.pk, status=status, **values) for _number in range(count)
    )


def running(lease_ended: timedelta) -> Portion:
    return portion(PortionStatus.RUNNING, age=timedelta(hours=1), lease_until=timezone.now() - lease_ended)


# ---- portions


def test_no_portion_is_stuck_while_all_are_taken_or_fresh() -> None:
    running(lease_ended=-MOMENT)
    running(lease_ended=LEASE - MOMENT)  # late, and may yet be alive
    portion(PortionStatus.READY, age=UNTAKEN - MOMENT)
    portion(PortionStatus.DONE, age=timedelta(days=1))
    assert only(portions()).state == State.OK


def test_portions_of_a_dead_worker_are_an_error() -> None:
    running(lease_ended=LEASE + MOMENT)
    running(lease_ended=LEASE + timedelta(days=1))
    finding = only(portions())
    assert finding.state == State.ERROR
    assert finding.sentence == "2 portions of dead workers"


def test_a_portion_that_nobody_takes_is_a_warning_with_its_age_and_the_command() -> None:
    portion(PortionStatus.READY, age=UNTAKEN + MOMENT)
    portion(PortionStatus.READY, age=timedelta(hours=2))
    finding = only(portions())
    assert finding.state == State.WARNING
    assert finding.sentence == "2 portions wait for a sender"
    assert "2\xa0hours" in str(finding.evidence)
    assert finding.command == "manage.py up"


def test_dead_and_untaken_portions_are_both_told() -> None:
    running(lease_ended=LEASE + MOMENT)
    portion(PortionStatus.READY, age=UNTAKEN + MOMENT)
    assert [one.state for one in portions()] == [State.ERROR, State.WARNING]


# ---- messages whose answer was lost


def test_uncertain_messages_are_told_per_mass_email_with_the_way_to_them() -> None:
    mass_email = sending()
    queue(mass_email, QueueStatus.UNCERTAIN, 2)
    queue(mass_email, QueueStatus.UNCERTAIN, is_test=True)
    queue(sending(), QueueStatus.SENT)
    finding = only(doubtful())
    assert finding.state == State.WARNING
    assert finding.sentence == "2 messages of “Launch day” are Uncertain"
    assert finding.fix_url == f"/mass-emails/{mass_email.pk}/queue/?state=uncertain"


# ---- retries


def test_a_retry_that_is_due_later_is_no_matter() -> None:
    mass_email = sending()
    queue(mass_email, QueueStatus.DEFERRED, next_try_at=timezone.now() + timedelta(hours=2))
    queue(mass_email, QueueStatus.DEFERRED, next_try_at=timezone.now() - MOMENT)
    assert list(deferred()) == []


def test_a_retry_that_should_have_been_is_a_warning() -> None:
    mass_email = sending()
    late = timezone.now() - timedelta(hours=1) - MOMENT
    queue(mass_email, QueueStatus.DEFERRED, next_try_at=late)
    queue(mass_email, QueueStatus.DEFERRED, is_test=True, next_try_at=late)
    queue(MassEmailFactory.create(status=MassEmailStatus.COMPLETE), QueueStatus.DEFERRED, next_try_at=late)
    finding = only(deferred())
    assert (finding.state, finding.sentence) == (State.WARNING, "1 retry is overdue")


def test_many_retries_at_once_are_a_warning() -> None:
    later = timezone.now() + timedelta(hours=1)
    mass_email = sending()
    queue(mass_email, QueueStatus.DEFERRED, MANY_DEFERRED - 1, next_try_at=later)
    assert list(deferred()) == []
    queue(mass_email, QueueStatus.DEFERRED, next_try_at=later)
    finding = only(deferred())
    assert (finding.state, finding.sentence) == (State.WARNING, f"{MANY_DEFERRED} messages wait to be retried")


# ---- the hourly limit


def limit(per_hour: int) -> None:
    Settings.load()
    Settings.objects.update(max_per_hour=per_hour)


def test_a_limit_that_is_not_reached_leaves_room() -> None:
    limit(11)
    sending(total_count=10_000)
    portion(PortionStatus.READY)
    finding = only(hourly_limit())
    assert finding.state == State.OK
    assert finding.evidence == "10 of 11 used in the last 60 minutes."


def test_a_limit_that_is_reached_is_a_warning_while_something_takes_long() -> None:
    limit(10)
    portion(PortionStatus.DONE, finished_at=timezone.now() - MOMENT, attempted=10)
    sending(total_count=15 + 10 * round(LONG_SEND / timedelta(hours=1)), sent_count=10, failed_count=5)
    ScheduledJob.objects.filter(key="send_mass_emails").update(scheduling="* * * * *")
    finding = only(hourly_limit())
    assert finding.state == State.WARNING
    assert "10 of 10 used" in str(finding.evidence)
    assert "“Launch day” takes another 12\xa0hours" in str(finding.evidence)
    assert finding.fix_url == "/admin/outbound-emails/"


def test_a_limit_that_is_reached_holds_nobody_when_nothing_is_left() -> None:
    limit(10)
    portion(PortionStatus.DONE, finished_at=timezone.now() - MOMENT, attempted=10)
    sending(total_count=10, sent_count=10)
    assert only(hourly_limit()).state == State.OK


def test_what_was_sent_more_than_an_hour_ago_is_not_counted() -> None:
    limit(10)
    sending(total_count=10_000)
    portion(PortionStatus.DONE, finished_at=timezone.now() - timedelta(minutes=61), attempted=10)
    assert only(hourly_limit()).state == State.OK


def test_the_page_of_health_asks_them_all() -> None:
    running(lease_ended=LEASE + MOMENT)
    mass_email = sending()
    queue(mass_email, QueueStatus.UNCERTAIN)
    told = {one.sentence for answer in answers() if answer.topic == Topic.SENDING for one in answer.findings}
    assert {"1 portion of a dead worker", "1 message of “Launch day” is Uncertain"} <= told
    assert "The hourly limit leaves room" in told
