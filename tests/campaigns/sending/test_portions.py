"""Portions: limits of the rolling hour, fairness, claims."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from django.db.models import F

from campaigns.models import MassEmail, MassEmailStatus, Portion, QueueItem, QueueStatus
from campaigns.progress import why_not_sending
from campaigns.sending.claims import claim
from campaigns.sending.deliver import send_portion
from campaigns.sending.portions import cut_portions
from campaigns.sending.queue import start_due
from crm.jobs import note_alive
from crm.models import ScheduledJob
from tests.campaigns.sending.conftest import Run, states
from tests.factories import EmailAccountFactory, MassEmailFactory, RecordFactory, TargetListFactory
from tests.smtp_server import SmtpServer

Due = Callable[..., MassEmail]
Limit = Callable[..., None]


def test_no_window_of_sixty_minutes_ever_holds_more_than_the_limit(due: Due, run: Run, limit: Limit) -> None:
    """Time is moved by moving what happened into the past: the clock that counts is the database's."""
    limit(max_per_hour=10)
    mass_email = due(people=45)
    sent: list[tuple[int, int]] = []  # minute, messages
    for minute in range(0, 420, 7):
        before = states(mass_email).get("SENT", 0)
        run()
        sent.append((minute, states(mass_email).get("SENT", 0) - before))
        Portion.objects.update(finished_at=F("finished_at") - timedelta(minutes=7))
    for begin, _count in sent:
        assert sum(count for minute, count in sent if begin <= minute < begin + 60) <= 10
    assert states(mass_email) == {"SENT": 45}


def test_the_limit_of_the_account_holds_besides(due: Due, run: Run, server: SmtpServer) -> None:
    mass_email = due(people=9, account={"max_per_hour": 4})
    run()
    run()
    assert len(server.messages) == 4
    ScheduledJob.objects.update(status="active")
    note_alive("worker")
    mass_email.refresh_from_db()
    assert "hourly limit" in why_not_sending(mass_email)


def test_two_mass_emails_share_the_hour_fairly(due: Due, limit: Limit, server: SmtpServer) -> None:
    limit(max_per_hour=10)
    big = due(people=30)
    small = MassEmailFactory.create(
        account=big.account,
        status=MassEmailStatus.PENDING,
        lists=[TargetListFactory.create(records=[RecordFactory.create() for _n in range(30)])],
    )
    start_due()
    cut_portions()
    claimed = {
        pk: QueueItem.objects.filter(mass_email_id=pk, status=QueueStatus.CLAIMED).count() for pk in (big.pk, small.pk)
    }
    assert claimed == {big.pk: 5, small.pk: 5}


def test_an_account_with_a_limit_per_second_has_one_portion_at_a_time(due: Due, limit: Limit) -> None:
    limit(max_per_batch=2)
    first = due(people=6, account={"max_per_second": 5})
    MassEmailFactory.create(
        account=first.account,
        status=MassEmailStatus.PENDING,
        lists=[TargetListFactory.create(records=[RecordFactory.create()])],
    )
    start_due()
    assert len(cut_portions()) == 1
    assert cut_portions() == []


def test_a_limit_per_second_is_kept(due: Due, run: Run, server: SmtpServer) -> None:
    due(people=6, account={"max_per_second": 20, "connections": 3})
    begin = datetime.now(UTC)
    run()
    assert len(server.messages) == 6
    assert datetime.now(UTC) - begin >= timedelta(seconds=5 / 20)


def test_a_portion_is_claimed_once(due: Due) -> None:
    due(people=2)
    start_due()
    (pk,) = cut_portions()
    assert claim(pk, "first") is not None
    assert claim(pk, "second") is None
    assert not send_portion(pk)


def test_what_does_not_go_out_is_not_counted_against_the_hour(due: Due, run: Run, limit: Limit) -> None:
    limit(max_per_hour=5)
    due(people=5, account={"smtp_port": 9})
    run()
    assert Portion.objects.get().attempted == 0


def test_an_account_in_trouble_takes_no_part(due: Due, run: Run) -> None:
    mass_email = due(people=1)
    mass_email.account.retry_at = datetime.now(UTC) + timedelta(minutes=5)
    mass_email.account.save()
    start_due()
    assert cut_portions() == []


def test_an_inactive_account_takes_no_part(due: Due) -> None:
    other = EmailAccountFactory.create(status="inactive")
    mass_email = due(people=1)
    start_due()
    mass_email.account.status = other.status
    mass_email.account.save()
    assert cut_portions() == []


def test_portions_cut_before_the_trouble_leave_the_account_alone_too(due: Due, limit: Limit) -> None:
    """Each of ten ready portions asked a server that refused everybody, and each time the back-off doubled."""
    limit(max_per_batch=2)
    mass_email = due(people=6, account={"smtp_port": 9})
    start_due()
    ready = [*cut_portions(), *cut_portions(), *cut_portions()]
    assert len(ready) == 3
    for pk in ready:
        send_portion(pk)
    mass_email.account.refresh_from_db()
    assert mass_email.account.failures == 1
    assert states(mass_email) == {"PENDING": 6}
