"""Sending with OAuth 2: SMTP signs in with a token that is renewed in time, and without one nobody is charged."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from campaigns.models import MassEmail, QueueItem
from campaigns.sending import deliver
from crm.mail import smtp_session
from crm.mail.account_check import check_connection, send_test_email
from crm.models import EmailAccount, OAuthGrant
from tests.campaigns.sending.conftest import Run, states
from tests.certificates import Authority
from tests.factories import EmailAccountFactory
from tests.smtp_server import SmtpServer
from tests.token_server import TokenServer, granted


@pytest.fixture
def tokens() -> Iterator[TokenServer]:
    with TokenServer() as server:
        yield server


@pytest.fixture
def trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Authority]:
    authority = Authority(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.ca_file))
    smtp_session._context.cache_clear()
    yield authority
    smtp_session._context.cache_clear()


@pytest.fixture
def smtp(trusted: Authority) -> Iterator[SmtpServer]:
    """Believes the first token."""
    with SmtpServer(certificate=trusted.certificate("127.0.0.1"), credentials=("maya", "access-canary-1")) as server:
        yield server


def by_oauth(server: SmtpServer) -> dict[str, object]:
    return {
        "smtp_host": "127.0.0.1", "smtp_port": server.port, "smtp_security": "starttls", "smtp_auth": True,
        "smtp_mechanism": "XOAUTH2", "smtp_username": "maya",
    }  # fmt: skip


def test_smtp_signs_in_with_a_token_that_was_just_renewed(db: None, smtp: SmtpServer, tokens: TokenServer) -> None:
    account = EmailAccountFactory.create(**by_oauth(smtp))
    granted(tokens, account)
    assert check_connection(account).ok
    assert send_test_email(account, "ines@rocha.example.com").ok


def test_a_mass_email_goes_out_with_it(
    due: Callable[..., MassEmail], run: Run, smtp: SmtpServer, tokens: TokenServer
) -> None:
    mass_email = due(people=3, account=by_oauth(smtp))
    granted(tokens, EmailAccount.objects.get(pk=mass_email.account_id or 0))
    run()
    assert states(mass_email) == {"SENT": 3}


@pytest.mark.parametrize(("trouble", "is_paused"), [((400, {"error": "invalid_grant"}), True), ((503, ""), False)])
def test_without_a_token_the_account_has_trouble_and_nobody_is_charged(
    due: Callable[..., MassEmail], run: Run, smtp: SmtpServer, tokens: TokenServer,
    trouble: tuple[int, object], is_paused: bool,
) -> None:  # fmt: skip
    mass_email = due(people=3, account=by_oauth(smtp))
    account = EmailAccount.objects.get(pk=mass_email.account_id or 0)
    granted(tokens, account)
    tokens.trouble = trouble
    run()
    for row in (mass_email, account):
        row.refresh_from_db()
    assert states(mass_email) == {"PENDING": 3} and not QueueItem.objects.filter(attempts__gt=0).exists()
    assert "OAuth 2" in account.last_error and account.is_backing_off
    assert mass_email.is_paused is is_paused


def test_a_token_that_ends_is_renewed_for_the_connections_to_come(
    due: Callable[..., MassEmail], run: Run, smtp: SmtpServer, tokens: TokenServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server believes the second token only: the one that comes after the run has begun."""
    monkeypatch.setattr(deliver, "SIGN_IN_SECONDS", 0.0)
    tokens.lifetime = 1
    smtp.credentials = ("maya", "access-canary-2")
    mass_email = due(people=3, account={**by_oauth(smtp), "connections": 1})
    granted(tokens, EmailAccount.objects.get(pk=mass_email.account_id or 0))
    run()
    assert states(mass_email) == {"SENT": 3}


@pytest.mark.parametrize(("trouble", "is_paused"), [((400, {"error": "invalid_grant"}), True), ((503, ""), False)])
def test_a_token_that_cannot_be_renewed_in_mid_run_ends_it_before_the_server_refuses(
    due: Callable[..., MassEmail], run: Run, smtp: SmtpServer, tokens: TokenServer, monkeypatch: pytest.MonkeyPatch,
    trouble: tuple[int, object], is_paused: bool,
) -> None:  # fmt: skip
    monkeypatch.setattr(deliver, "SIGN_IN_SECONDS", 0.0)
    tokens.lifetime, tokens.trouble, tokens.troubled_after = 1, trouble, 1
    mass_email = due(people=3, account=by_oauth(smtp))
    account = EmailAccount.objects.get(pk=mass_email.account_id or 0)
    granted(tokens, account)
    run()
    for row in (mass_email, account):
        row.refresh_from_db()
    assert states(mass_email) == {"PENDING": 3} and account.is_backing_off
    assert "OAuth 2" in account.last_error and mass_email.is_paused is is_paused
    assert OAuthGrant.objects.get().refused_at is None  # by a mail server: it said nothing
    assert len(tokens.asked) == 2  # for the beginning, and in vain
