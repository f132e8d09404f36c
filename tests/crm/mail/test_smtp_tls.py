"""S15: TLS is there as asked, verified, or the connection ends; no credential leaves before (RFC 3207)."""

import pytest

from crm.mail.smtp import Phase, Security, Server, Trouble
from crm.mail.verdict import AccountOutcome, ItemOutcome, verdict
from tests.certificates import Authority
from tests.crm.mail.conversation import account, deliver, envelope, limits, opening, stream
from tests.smtp_server import CHUNKED, HANG, OFFERED, Act, SmtpServer

SIGNED_IN = ("news", "canary-password")


def secured(server: SmtpServer, authority: Authority, **options: object) -> Server:
    options = {"host": "localhost", "security": Security.STARTTLS, "ca_file": str(authority.ca_file)} | options
    return account(server, username=SIGNED_IN[0], password=SIGNED_IN[1], **options)


@pytest.mark.parametrize("implicit", [False, True])
def test_messages_travel_inside_verified_tls(authority: Authority, implicit: bool) -> None:
    security = Security.TLS if implicit else Security.STARTTLS
    with SmtpServer(certificate=authority.certificate(), implicit_tls=implicit, credentials=SIGNED_IN) as server:
        attempts, _ = stream(secured(server, authority, security=security), [envelope("ana"), envelope("ben")])
    assert [attempt.phase for attempt in attempts.values()] == [Phase.ACCEPTED] * 2
    assert [message.tls for message in server.messages] == [True, True]
    assert server.violations == []


@pytest.mark.parametrize("implicit", [False, True])
def test_a_window_of_messages_travels_inside_tls(authority: Authority, implicit: bool) -> None:
    security = Security.TLS if implicit else Security.STARTTLS
    body = b"Subject: x\r\n\r\n" + b"".join(b"%075d\r\n" % number for number in range(400))
    messages = [envelope(f"p{number}", body) for number in range(100)]
    options = {"certificate": authority.certificate(), "implicit_tls": implicit, "credentials": SIGNED_IN}
    with SmtpServer(offered=CHUNKED, **options) as server:
        attempts, dots = stream(secured(server, authority, security=security), messages)
    assert [attempt.phase for attempt in attempts.values()] == [Phase.ACCEPTED] * 100
    assert [message.recipient for message in server.messages] == dots == [message.recipient for message in messages]
    assert {message.data for message in server.messages} == {body}
    assert server.violations == []


def test_ehlo_is_said_again_after_starttls_and_its_first_answer_forgotten(authority: Authority) -> None:
    with SmtpServer(certificate=authority.certificate(), credentials=SIGNED_IN) as server:
        server.on("EHLO", Act("250-mx\r\n250-AUTH CRAM-MD5\r\n250 STARTTLS"), times=1)
        deliver(secured(server, authority), envelope())
    assert [command.split()[0] for command in server.commands][:4] == ["EHLO", "STARTTLS", "EHLO", "AUTH"]
    assert server.messages


def test_an_ip_address_is_verified_too(authority: Authority) -> None:
    with SmtpServer(certificate=authority.certificate("127.0.0.1"), implicit_tls=True, credentials=SIGNED_IN) as server:
        deliver(secured(server, authority, host="127.0.0.1", security=Security.TLS), envelope())
    assert server.messages


REFUSED = {
    "stripped": (Act("250-mx\r\n250 PIPELINING"), "EHLO", Trouble.TLS, AccountOutcome.BACK_OFF),
    "454": (Act("454 4.7.0 not now"), "STARTTLS", Trouble.NONE, AccountOutcome.BACK_OFF),
    "502": (Act("502 5.5.1 no such command"), "STARTTLS", Trouble.NONE, AccountOutcome.PAUSE),
    "silence": (HANG, "STARTTLS", Trouble.TIMEOUT, AccountOutcome.BACK_OFF),
    "injected": (Act(b"220 go\r\n250 injected\r\n"), "STARTTLS", Trouble.TLS, AccountOutcome.BACK_OFF),
    "half injected": (Act(b"220 go\r\n250-inj"), "STARTTLS", Trouble.TLS, AccountOutcome.BACK_OFF),
}


@pytest.mark.parametrize(("act", "step", "trouble", "outcome"), REFUSED.values(), ids=REFUSED.keys())
def test_without_starttls_nothing_is_sent(
    authority: Authority, act: Act, step: str, trouble: Trouble, outcome: AccountOutcome
) -> None:
    with SmtpServer(certificate=authority.certificate(), credentials=SIGNED_IN) as server:
        server.on(step, act)
        attempt = opening(secured(server, authority, timeouts=limits(act, step)))
    assert attempt is not None
    assert (attempt.phase, attempt.trouble) == (Phase.STARTTLS, trouble)
    judged = verdict(attempt)
    assert (judged.item, judged.account, judged.charged) == (ItemOutcome.PENDING, outcome, False)
    assert not [command for command in server.commands if command.startswith(("AUTH", "MAIL"))]


@pytest.mark.parametrize("security", [Security.STARTTLS, Security.TLS])
@pytest.mark.parametrize("flaw", ["self-signed", "wrong host", "expired"])
def test_a_certificate_that_does_not_verify_ends_the_connection(
    authority: Authority, security: Security, flaw: str
) -> None:
    certificate = authority.certificate(
        "mx.elsewhere.example" if flaw == "wrong host" else "localhost", days=-1 if flaw == "expired" else 1
    )
    ca_file = None if flaw == "self-signed" else str(authority.ca_file)
    with SmtpServer(
        certificate=certificate, implicit_tls=security is Security.TLS, credentials=SIGNED_IN, offered=OFFERED
    ) as server:
        attempt = opening(secured(server, authority, security=security, ca_file=ca_file))
    assert attempt is not None
    assert attempt.trouble is Trouble.TLS
    assert attempt.phase is (Phase.CONNECT if security is Security.TLS else Phase.STARTTLS)
    assert "certificate" in attempt.error
    assert verdict(attempt).account is AccountOutcome.BACK_OFF
    assert not [command for command in server.commands if command.startswith(("AUTH", "MAIL"))]


def test_implicit_tls_against_a_plain_server_fails_at_once() -> None:
    with SmtpServer() as server:
        attempt = opening(account(server, security=Security.TLS))
    assert attempt is not None
    assert (attempt.phase, attempt.trouble) == (Phase.CONNECT, Trouble.TLS)


def test_trusted_certificates_that_cannot_be_read_pause_the_account(authority: Authority) -> None:
    with SmtpServer(certificate=authority.certificate(), credentials=SIGNED_IN) as server:
        attempt = opening(secured(server, authority, ca_file="/nowhere/authority.pem"))
    assert attempt is not None and attempt.trouble is Trouble.CONFIGURATION
    assert verdict(attempt).account is AccountOutcome.PAUSE
    assert not [command for command in server.commands if command.startswith("AUTH")]


def test_a_plain_client_and_a_server_that_waits_for_tls_part_after_the_limit(authority: Authority) -> None:
    with SmtpServer(certificate=authority.certificate(), implicit_tls=True) as server:
        attempt = opening(account(server, timeouts=limits(HANG, "GREETING")))
    assert attempt is not None
    assert attempt.phase is Phase.GREETING
