"""How long an account that had trouble is left alone, when several workers use it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from campaigns.sending.accounts import LONGEST_BACK_OFF, note_answer, note_trouble
from crm.mail.smtp import Attempt, Phase, Reply, Trouble
from crm.models import EmailAccount
from tests.factories import EmailAccountFactory

DROPPED = Attempt(Phase.CONNECT, None, "no route", Trouble.CONNECT)


def told_to_wait(seconds: float) -> Attempt:
    return Attempt(Phase.RCPT, Reply(421, ("4.7.0 too many requests",)), retry_after=seconds)


def wait_of(account: EmailAccount) -> timedelta:
    account.refresh_from_db()
    assert account.retry_at is not None
    return account.retry_at - timezone.now()


@pytest.fixture
def account(db: None) -> EmailAccount:
    return EmailAccountFactory.create()


def test_a_success_elsewhere_does_not_end_the_wait(account: EmailAccount) -> None:
    note_trouble(account, told_to_wait(600))
    note_answer(account)
    assert wait_of(account) > timedelta(seconds=590)
    assert account.failures == 1 and "too many requests" in account.last_error and account.last_ok_at


def test_a_success_after_the_wait_makes_it_good_again(account: EmailAccount) -> None:
    note_trouble(account, DROPPED)
    EmailAccount.objects.update(retry_at=timezone.now() - timedelta(seconds=1))
    note_answer(account)
    account.refresh_from_db()
    assert (account.failures, account.retry_at, account.last_error) == (0, None, "")


def test_the_wait_that_a_provider_asks_for_is_not_cut(account: EmailAccount) -> None:
    note_trouble(account, told_to_wait(3600))
    assert wait_of(account) > timedelta(seconds=3590) > LONGEST_BACK_OFF


def test_our_own_wait_grows_to_a_limit(account: EmailAccount) -> None:
    EmailAccount.objects.update(failures=40)
    note_trouble(account, DROPPED)
    assert LONGEST_BACK_OFF - timedelta(seconds=10) < wait_of(account) <= LONGEST_BACK_OFF


def test_the_longer_of_two_workers_waits_counts_as_one_failure(account: EmailAccount) -> None:
    for seconds in (60, 900, 120):
        note_trouble(account, told_to_wait(seconds))
    assert timedelta(seconds=890) < wait_of(account) < timedelta(seconds=901)
    assert account.failures == 1


@pytest.mark.parametrize(("has_sent", "failures"), [(True, 1), (False, 8)])
def test_a_run_that_sent_something_begins_to_count_anew(account: EmailAccount, has_sent: bool, failures: int) -> None:
    EmailAccount.objects.update(failures=7)
    note_trouble(account, told_to_wait(0), has_sent=has_sent)
    account.refresh_from_db()
    assert (account.failures, account.last_ok_at is not None) == (failures, has_sent)
