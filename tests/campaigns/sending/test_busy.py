"""A 421 that speaks of one person holds up nobody else, and one that speaks of the server charges nobody."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.utils import timezone

from campaigns.models import MassEmail, MassEmailStatus, QueueItem, QueueStatus, Try
from campaigns.sending.busy import Busy
from campaigns.sending.outcomes import most_attempts
from crm.mail.smtp import Attempt, Phase, Reply
from crm.models import EmailAccount
from tests.campaigns.sending.conftest import Run, states
from tests.factories import MassEmailFactory, RecordFactory, TargetListFactory
from tests.smtp_server import CHUNKED, OFFERED, Act, SmtpServer

Due = Callable[..., MassEmail]
CLOSES = Act("421 4.3.2 try again later", drops=True, parts=True)
GOES_ON = Act("421 4.3.2 try again later")


@pytest.fixture(params=[OFFERED, CHUNKED, ()], ids=["pipelining", "chunking", "step by step"])
def server(request: pytest.FixtureRequest) -> Iterator[SmtpServer]:
    with SmtpServer(offered=request.param) as running:
        yield running


def item_of(mass_email: MassEmail, number: int) -> QueueItem:
    return QueueItem.objects.filter(mass_email_id=mass_email.pk).order_by("pk")[number]


def account_of(mass_email: MassEmail) -> EmailAccount:
    return EmailAccount.objects.get(pk=mass_email.account_id or 0)


def an_hour_later() -> None:
    """What waits is due."""
    QueueItem.objects.filter(status=QueueStatus.DEFERRED).update(next_try_at=timezone.now() - timedelta(seconds=1))
    EmailAccount.objects.update(retry_at=None)


@pytest.mark.parametrize("connections", [1, 3])
@pytest.mark.parametrize(
    ("number", "step", "act"),
    [(0, "RCPT", CLOSES), (25, "RCPT", CLOSES), (49, "RCPT", CLOSES), (25, "RCPT", GOES_ON), (25, "DOT", CLOSES)],
)
def test_the_others_go_out_and_the_busy_one_is_put_off(
    number: int, step: str, act: Act, connections: int, due: Due, run: Run, server: SmtpServer
) -> None:
    server.on(step, act, recipient=f"p{number}@example.com")
    mass_email = due(people=50, account={"connections": connections})
    run()
    assert states(mass_email) == {"SENT": 49, "DEFERRED": 1}
    item, account = item_of(mass_email, number), account_of(mass_email)
    assert (item.attempts, item.reason, item.next_try_at is not None) == (1, "deferred", True)
    assert (account.failures, account.retry_at, account.last_error) == (0, None, "")
    asked = [command for command in server.commands if f"RCPT TO:<p{number}@" in command]
    assert len(asked) == 3
    assert len({message.recipient for message in server.messages}) == len(server.messages) == 49


def test_it_is_charged_each_time_and_given_up_in_the_end(due: Due, run: Run, server: SmtpServer) -> None:
    server.on("RCPT", CLOSES, recipient="p3@example.com")
    mass_email = due(people=10, account={"connections": 1})
    for attempts in range(1, most_attempts() + 1):
        run()
        assert item_of(mass_email, 3).attempts == attempts
        assert account_of(mass_email).retry_at is None, "alone on the queue, it is still not the account's trouble"
        an_hour_later()
    mass_email.refresh_from_db()
    assert states(mass_email) == {"SENT": 9, "FAILED": 1}
    assert (mass_email.status, mass_email.hard_bounced_count) == (MassEmailStatus.COMPLETE, 0)
    assert Try.objects.count() == most_attempts(), "put off, it is asked once each time"


def test_who_is_taken_in_the_end_is_sent_to(due: Due, run: Run, server: SmtpServer) -> None:
    server.on("RCPT", CLOSES, recipient="p3@example.com", times=4)
    mass_email = due(people=10, account={"connections": 1})
    for _round in range(3):
        run()
        an_hour_later()
    assert states(mass_email) == {"SENT": 10}
    assert item_of(mass_email, 3).attempts == 3


def test_another_mass_email_of_the_account_is_not_held_up(due: Due, run: Run, server: SmtpServer) -> None:
    server.on("RCPT", CLOSES, recipient="p3@example.com")
    first = due(people=10, account={"connections": 1})
    run()
    an_hour_later()
    people = [RecordFactory.create(email=f"q{number}@example.com") for number in range(10)]
    second = MassEmailFactory.create(
        account=first.account, status=MassEmailStatus.PENDING, lists=[TargetListFactory.create(records=people)]
    )
    run()
    assert (states(first), states(second)) == ({"SENT": 9, "DEFERRED": 1}, {"SENT": 10})
    assert account_of(first).retry_at is None


@pytest.mark.parametrize("act", [CLOSES, GOES_ON])
def test_several_in_a_row_hold_up_nobody(act: Act, due: Due, run: Run, server: SmtpServer) -> None:
    for number in (0, 1, 2, 3, 17, 18, 49):
        server.on("RCPT", act, recipient=f"p{number}@example.com")
    mass_email = due(people=50, account={"connections": 1})
    for _minute in range(3):  # nothing was taken before the first ones: they come last from then on
        run()
        EmailAccount.objects.update(retry_at=None)
    assert states(mass_email) == {"SENT": 43, "DEFERRED": 7}
    assert set(QueueItem.objects.filter(status=QueueStatus.DEFERRED).values_list("attempts", flat=True)) == {1}


def test_too_many_requests_to_an_api_are_about_the_account() -> None:
    told, busy = Attempt(Phase.RCPT, Reply(421, ("4.7.0 too many requests",)), retry_after=60), Busy(applies=False)
    assert [busy.judged(1, told, has_taken=True) for _meeting in range(5)] == [told] * 5
    assert not busy.excuses(told)


@pytest.mark.parametrize("taken", [0, 40])
def test_a_server_in_trouble_charges_nobody(taken: int, due: Due, run: Run, server: SmtpServer) -> None:
    """Also one that was well when the run began: as long as many are waiting, one after the other is told the same."""
    server.on("RCPT", CLOSES, skip=taken)
    mass_email = due(people=120, account={"connections": 1})
    for _minute in range(3):
        run()
        assert account_of(mass_email).is_backing_off
        EmailAccount.objects.update(retry_at=None)
    assert states(mass_email) == {"PENDING": 120 - taken} | ({"SENT": taken} if taken else {})
    assert not QueueItem.objects.filter(status=QueueStatus.PENDING, attempts__gt=0).exists()
    assert len(server.messages) == taken


def test_the_first_three_on_the_queue_do_not_stand_before_the_others_for_ever(
    due: Due, run: Run, server: SmtpServer
) -> None:
    for number in range(3):
        server.on("RCPT", CLOSES, recipient=f"p{number}@example.com")
    mass_email = due(people=6, account={"connections": 1})
    for _minute in range(3):  # as long as nobody was taken it may as well be the server
        run()
        EmailAccount.objects.update(retry_at=None)
    assert states(mass_email) == {"SENT": 3, "DEFERRED": 3}
