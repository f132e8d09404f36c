"""A token that the server refuses although it has not ended is replaced once, before the account pauses."""

import threading
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from campaigns.models import MassEmail, QueueItem, QueueStatus
from campaigns.sending.test_send import send_test
from crm.mail.account_check import check_connection, send_test_email
from crm.models import EmailAccount, OAuthGrant, User
from tests.campaigns.sending.conftest import Run, states
from tests.campaigns.sending.test_by_oauth import by_oauth
from tests.campaigns.sending.test_by_oauth import smtp as smtp
from tests.campaigns.sending.test_by_oauth import tokens as tokens
from tests.campaigns.sending.test_by_oauth import trusted as trusted
from tests.factories import EmailAccountFactory
from tests.smtp_server import SmtpServer
from tests.token_server import TokenServer, believed


def test_a_mass_email_goes_on_with_another_token(
    due: Callable[..., MassEmail], run: Run, smtp: SmtpServer, tokens: TokenServer, as_administrator: Client
) -> None:
    """The server believes the first token that is asked for, not the one that is stored."""
    mass_email = due(people=3, account=by_oauth(smtp))
    account = EmailAccount.objects.get(pk=mass_email.account_id or 0)
    believed(tokens, account)
    run()
    assert states(mass_email) == {"SENT": 3} and len(tokens.asked) == 1
    grant = OAuthGrant.objects.get()
    assert grant.refused_at and grant.refused_said.startswith("SMTP: 535") and grant.access_token == "access-canary-1"
    account.refresh_from_db()
    assert not account.last_error and not account.is_backing_off
    page = as_administrator.get(reverse("crm:email_account_oauth", args=[account.pk])).content.decode()
    assert "SMTP: 535" in page and "canary" not in page


@pytest.mark.parametrize(
    ("trouble", "is_paused", "asked"),
    [(None, True, 1), ((400, {"error": "invalid_grant"}), True, 1), ((503, ""), False, 1)],
    ids=["the new token is refused too", "the grant is withdrawn", "the provider is away"],
)
def test_who_is_refused_again_has_trouble_and_nobody_is_charged(
    due: Callable[..., MassEmail], run: Run, smtp: SmtpServer, tokens: TokenServer,
    trouble: tuple[int, object] | None, is_paused: bool, asked: int,
) -> None:  # fmt: skip
    smtp.credentials = ("maya", "no token at all")
    tokens.trouble = trouble
    mass_email = due(people=3, account=by_oauth(smtp))
    account = EmailAccount.objects.get(pk=mass_email.account_id or 0)
    believed(tokens, account)
    run()
    for row in (mass_email, account):
        row.refresh_from_db()
    assert states(mass_email) == {"PENDING": 3} and not QueueItem.objects.filter(attempts__gt=0).exists()
    assert account.is_backing_off and account.last_error.startswith("AUTH") and mass_email.is_paused is is_paused
    assert len(tokens.asked) == asked


def test_test_connection_and_test_email_try_again_too(db: None, smtp: SmtpServer, tokens: TokenServer) -> None:
    account = EmailAccountFactory.create(**by_oauth(smtp))
    grant = believed(tokens, account)
    assert check_connection(account).ok
    OAuthGrant.objects.filter(pk=grant.pk).update(access_secret=grant.access_secret)
    smtp.credentials = ("maya", "access-canary-2")
    assert send_test_email(account, "ines@rocha.example.com").ok
    assert len(tokens.asked) == 2


def test_a_test_of_a_mass_email_tries_again_too(
    due: Callable[..., MassEmail], marketer: User, smtp: SmtpServer, tokens: TokenServer
) -> None:
    mass_email = due(people=1, account=by_oauth(smtp))
    believed(tokens, EmailAccount.objects.get(pk=mass_email.account_id or 0))
    assert [one.ok for one in send_test(mass_email, marketer, [], ["ines@rocha.example.com"])] == [True]


def test_where_no_other_token_can_be_asked_for_a_test_says_why_and_is_over(
    due: Callable[..., MassEmail], marketer: User, smtp: SmtpServer, tokens: TokenServer
) -> None:
    """The key that the refresh token was encrypted with is gone."""
    mass_email = due(people=1, account=by_oauth(smtp))
    smtp.credentials = ("maya", "no token at all")
    believed(tokens, EmailAccount.objects.get(pk=mass_email.account_id or 0))
    OAuthGrant.objects.update(refresh_secret="of another key")
    (result,) = send_test(mass_email, marketer, [], ["ines@rocha.example.com"])
    assert not result.ok and "encryption key" in result.reply.lower()
    assert QueueItem.objects.get().status == QueueStatus.FAILED
    assert "fleet" not in [thread.name for thread in threading.enumerate()]


def test_a_password_that_is_refused_is_asked_for_once(
    due: Callable[..., MassEmail], run: Run, smtp: SmtpServer, tokens: TokenServer
) -> None:
    """An agreement that lies beside it has no say."""
    mass_email = due(people=1, account={**by_oauth(smtp), "smtp_mechanism": "PLAIN"})
    believed(tokens, EmailAccount.objects.get(pk=mass_email.account_id or 0))
    run()
    mass_email.refresh_from_db()
    assert mass_email.is_paused and not tokens.asked
