"""*Test Connection* and *Send Test Email* against real servers: what they said is what the administrator reads."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from crm.mail import smtp_session
from crm.mail.account_check import check_connection, send_test_email
from crm.mail.account_server import server_for
from crm.mail.smtp import Security, Server
from crm.models import EmailAccount, Settings
from tests.certificates import Authority
from tests.factories import EmailAccountFactory
from tests.smtp_server import DROP, Act, SmtpServer


def account_of(server: SmtpServer, **fields: object) -> EmailAccount:
    return EmailAccountFactory.create(smtp_host=server.host, smtp_port=server.port, **fields)


@pytest.fixture
def trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Authority]:
    """An authority that the system trusts, as far as this test can see."""
    authority = Authority(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.ca_file))
    smtp_session._context.cache_clear()
    yield authority
    smtp_session._context.cache_clear()


def test_a_working_connection_is_said_with_what_the_server_offers(db: None) -> None:
    with SmtpServer() as server:
        finding = check_connection(account_of(server))
    assert finding.ok
    assert f"{server.host}:{server.port}" in finding.sentence
    assert "PIPELINING" in finding.said
    assert server.messages == []


def test_a_test_email_is_sent_from_the_account_to_the_address(db: None) -> None:
    with SmtpServer() as server:
        account = account_of(server, from_name='Acme, "News"', envelope_address="bounce@acme.example.com")
        finding = send_test_email(account, "ines@rocha.example.com")
    (message,) = server.messages
    assert (finding.ok, finding.said) == (True, "250 2.0.0 queued as 000001")
    assert (message.sender, message.recipient) == ("bounce@acme.example.com", "ines@rocha.example.com")
    assert b'From: "Acme, \\"News\\"" <news@acme.example.com>' in message.data
    assert b"@acme.example.com>\r\n" in message.data
    assert server.violations == []


@pytest.mark.parametrize(
    ("step", "act", "sentence", "said"),
    [
        ("GREETING", Act("554 5.3.2 closed today"), "The server did not welcome us", "554 5.3.2 closed today"),
        ("MAIL", Act("550 5.7.1 not you"), "The sender address was refused", "550 5.7.1 not you"),
        ("RCPT", Act("550 5.1.1 nobody"), "The recipient was refused", "550 5.1.1 nobody"),
        ("DOT", Act("554 5.7.1 <b>spam</b>"), "The message was refused", "554 5.7.1 <b>spam</b>"),
        ("DOT", DROP, "The message was refused", ""),
    ],
)
def test_what_the_server_refused_is_shown_in_its_own_words(
    db: None, step: str, act: Act, sentence: str, said: str
) -> None:
    with SmtpServer() as server:
        server.on(step, act)
        finding = send_test_email(account_of(server), "ines@rocha.example.com")
    assert (finding.ok, finding.sentence) == (False, sentence)
    assert said in finding.said and finding.said


def test_nobody_there_is_said(db: None) -> None:
    finding = check_connection(EmailAccountFactory.create(smtp_port=1))
    assert (finding.ok, finding.sentence) == (False, "Connecting failed")


def test_a_wrong_password_is_refused_and_not_repeated_in_the_answer(trusted: Authority, db: None) -> None:
    with SmtpServer(certificate=trusted.certificate("127.0.0.1"), credentials=("maya", "right")) as server:
        account = account_of(server, smtp_security="starttls", smtp_auth=True, smtp_username="maya")
        account.password = "wrong-canary"
        wrong = check_connection(account)
        account.password = "right"
        right = check_connection(account)
    assert (wrong.ok, wrong.sentence) == (False, "Signing in failed")
    assert "535" in wrong.said and "canary" not in str(wrong)
    assert right.ok
    assert server.violations == []


def test_a_certificate_that_nobody_vouches_for_is_refused(tmp_path: Path, db: None) -> None:
    with SmtpServer(certificate=Authority(tmp_path).certificate("127.0.0.1"), implicit_tls=True) as server:
        finding = check_connection(account_of(server, smtp_security="tls"))
    assert not finding.ok
    assert "certificate" in finding.said.lower()


def test_an_unreadable_password_asks_for_a_new_one(db: None) -> None:
    account = EmailAccountFactory.create(smtp_auth=True, smtp_username="maya", smtp_secret="gAAAA-tampered")
    finding = check_connection(account)
    assert (finding.ok, finding.sentence) == (False, "The stored password cannot be read. Type it again.")


def test_the_sandbox_account_leads_to_loopback_without_credentials(db: None, settings: object) -> None:
    settings.HERALD_SANDBOX_PORT = 2599  # type: ignore[attr-defined]
    server = server_for(EmailAccount.objects.get(is_sandbox=True))
    assert (server.host, server.port, server.security, server.username) == ("127.0.0.1", 2599, Security.NONE, "")


@pytest.mark.parametrize(
    ("site_url", "name"),
    [
        ("https://crm.acme.example.com:8443", "crm.acme.example.com"),
        ("http://127.0.0.1:8000", "acme.example.com"),
        ("http://herald:8000", "acme.example.com"),
        ("", "acme.example.com"),
    ],
)
def test_we_introduce_ourselves_by_a_full_domain_name(db: None, site_url: str, name: str) -> None:
    Settings.objects.update(site_url=site_url)
    server: Server = server_for(EmailAccountFactory.create())
    assert server.ehlo_name == name
    assert "password" not in repr(server)
