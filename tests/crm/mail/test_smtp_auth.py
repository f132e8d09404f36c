"""S16: signing in by PLAIN, LOGIN and XOAUTH2, inside TLS only (RFC 4954)."""

import pytest

from crm.mail.smtp import Phase, Security, Server, Timeouts, Trouble
from crm.mail.verdict import AccountOutcome, ItemOutcome, verdict
from tests.certificates import Authority
from tests.crm.mail.conversation import PATIENT, account, deliver, envelope, limits, opening
from tests.smtp_server import DROP, HANG, Act, SmtpServer

RIGHT = ("news@example.com", "pässword \U0001f511")


def signing_in(
    server: SmtpServer,
    authority: Authority,
    password: str = RIGHT[1],
    mechanism: str = "",
    timeouts: Timeouts = PATIENT,
) -> Server:
    return account(
        server,
        host="localhost",
        security=Security.STARTTLS,
        ca_file=str(authority.ca_file),
        username=RIGHT[0],
        password=password,
        mechanism=mechanism,
        timeouts=timeouts,
    )


@pytest.mark.parametrize("mechanism", ["", "PLAIN", "login", "XOAUTH2"])
def test_the_right_password_is_let_in(authority: Authority, mechanism: str) -> None:
    with SmtpServer(certificate=authority.certificate(), credentials=RIGHT) as server:
        deliver(signing_in(server, authority, mechanism=mechanism), envelope())
    assert len(server.messages) == 1
    assert server.violations == []


@pytest.mark.parametrize(
    ("offered", "used"),
    [(("LOGIN", "PLAIN"), "PLAIN"), (("CRAM-MD5", "LOGIN"), "LOGIN"), (("XOAUTH2", "LOGIN"), "LOGIN")],
)
def test_the_best_of_what_is_offered_is_used(authority: Authority, offered: tuple[str, ...], used: str) -> None:
    with SmtpServer(certificate=authority.certificate(), credentials=RIGHT, mechanisms=offered) as server:
        deliver(signing_in(server, authority), envelope())
    assert [command.split()[1] for command in server.commands if command.startswith("AUTH")] == [used]


def test_the_old_spelling_of_the_offer_is_understood(authority: Authority) -> None:
    with SmtpServer(certificate=authority.certificate(), credentials=RIGHT) as server:
        server.on("EHLO", Act("250-mx\r\n250 AUTH=LOGIN PLAIN"), skip=1)
        deliver(signing_in(server, authority), envelope())
    assert len(server.messages) == 1


@pytest.mark.parametrize("mechanism", ["PLAIN", "XOAUTH2"])
def test_a_token_too_long_for_the_command_line_follows_the_challenge(authority: Authority, mechanism: str) -> None:
    long = (RIGHT[0], "t" * 2000)
    with SmtpServer(certificate=authority.certificate(), credentials=long) as server:
        deliver(signing_in(server, authority, password=long[1], mechanism=mechanism), envelope())
    assert f"AUTH {mechanism}" in server.commands
    assert len(server.messages) == 1


@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN", "XOAUTH2"])
def test_a_wrong_password_pauses_the_account(authority: Authority, mechanism: str) -> None:
    with SmtpServer(certificate=authority.certificate(), credentials=RIGHT) as server:
        attempt = opening(signing_in(server, authority, password="wrong", mechanism=mechanism))
    assert attempt is not None and attempt.reply is not None
    assert (attempt.phase, attempt.reply.code) == (Phase.AUTH, 535)
    judged = verdict(attempt)
    assert (judged.item, judged.account, judged.charged) == (ItemOutcome.PENDING, AccountOutcome.PAUSE, False)
    assert "wrong" not in attempt.error


@pytest.mark.parametrize("act", [Act("454 4.7.0 later"), Act("421 4.3.2 closing"), DROP, HANG, Act(b"\xff\xfe\r\n")])
def test_any_other_trouble_at_auth_backs_off(authority: Authority, act: Act) -> None:
    with SmtpServer(certificate=authority.certificate(), credentials=RIGHT) as server:
        server.on("AUTH", act)
        attempt = opening(signing_in(server, authority, timeouts=limits(act, "AUTH")))
    assert attempt is not None and attempt.phase is Phase.AUTH
    assert verdict(attempt).account is AccountOutcome.BACK_OFF
    assert server.messages == []


def test_endless_challenges_are_ended(authority: Authority) -> None:
    with SmtpServer(certificate=authority.certificate(), credentials=RIGHT) as server:
        server.on("AUTH", Act("334 and another"))
        attempt = opening(signing_in(server, authority))
    assert attempt is not None and attempt.phase is Phase.AUTH
    # The polite QUIT behind it may come when the server is gone already.
    assert [command for command in server.commands if command != "QUIT"][-1] == "*"


def test_credentials_without_tls_are_refused_before_anything_is_said() -> None:
    with SmtpServer() as server:
        attempt = opening(account(server, username="news", password="canary", security=Security.NONE))
    assert attempt is not None
    assert (attempt.phase, attempt.trouble) == (Phase.AUTH, Trouble.CONFIGURATION)
    assert verdict(attempt).account is AccountOutcome.PAUSE
    assert server.commands == []
    assert server.connections == 0


def test_a_server_that_offers_no_way_to_sign_in_pauses_the_account(authority: Authority) -> None:
    with SmtpServer(certificate=authority.certificate(), credentials=RIGHT, mechanisms=("GSSAPI",)) as server:
        attempt = opening(signing_in(server, authority))
    assert attempt is not None and attempt.trouble is Trouble.CONFIGURATION
    assert verdict(attempt).account is AccountOutcome.PAUSE
    assert not [command for command in server.commands if command.startswith("AUTH")]


def test_the_password_is_in_no_representation() -> None:
    server = Server("mx", 465, Security.TLS, "news", "canary")
    assert "canary" not in f"{server!r} {server}"
