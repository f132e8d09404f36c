"""What a provider answers, and what that means for the message, the account and the person."""

import asyncio
import socket
from collections.abc import Callable
from typing import Any

import pytest

from crm.mail.api.outlet import ApiConnection
from crm.mail.api.providers import PROVIDERS
from crm.mail.api.server import ApiServer
from crm.mail.smtp import Attempt, ConnectionFailed, Envelope, Phase, Timeouts
from crm.mail.verdict import AccountOutcome, AddressOutcome, ItemOutcome, verdict
from tests.provider_server import DROP, SILENT, Answer, ProviderServer

NONE, BACK_OFF, PAUSE = AccountOutcome.NONE, AccountOutcome.BACK_OFF, AccountOutcome.PAUSE
SENT, PENDING, DEFERRED, FAILED, UNCERTAIN = ItemOutcome
MAIL = Envelope(
    "bounce@acme.example.com",
    "ines@rocha.example.com",
    b"From: news@acme.example.com\r\nTo: ines@rocha.example.com\r\nSubject: Hello\r\n\r\nHello\r\n",
)


def send(
    provider: str, url: str, on_dot: Callable[[], None] = lambda: None, answer: float = 5.0, mail: Envelope = MAIL
) -> Attempt:
    async def run() -> Attempt:
        option = "acme" if PROVIDERS[provider].needs_option else ""
        server = ApiServer(provider, "key", "second", option, url, Timeouts(connect=2, dot=answer), may_be_inside=True)
        connection = await ApiConnection.open(server)
        try:
            return await connection.send(mail, on_dot)
        finally:
            await connection.close()

    return asyncio.run(run())


ANSWERS: list[tuple[str, Answer, ItemOutcome, AccountOutcome]] = [
    # The account: nobody is charged.
    ("postmark", Answer(401, {"ErrorCode": 10, "Message": "No Account or Server API tokens"}), PENDING, PAUSE),
    ("postmark", Answer(422, {"ErrorCode": 400, "Message": "The 'From' address is not a Sender Signature"}), PENDING,
     PAUSE),
    ("postmark", Answer(422, {"ErrorCode": 405, "Message": "Not allowed to send: you ran out of credits."}), PENDING,
     PAUSE),
    ("mandrill", Answer(500, {"status": "error", "code": -1, "name": "Invalid_Key", "message": "Invalid API key"}),
     PENDING, PAUSE),
    ("mandrill", Answer(500, {"status": "error", "code": 2, "name": "PaymentRequired", "message": "Pay"}), PENDING,
     PAUSE),
    ("postal", Answer(200, {"status": "error", "data": {"code": "InvalidServerAPIKey", "message": "no"}}), PENDING,
     PAUSE),
    ("resend", Answer(403, {"name": "validation_error", "message": "The acme.example.com domain is not verified."}),
     PENDING, PAUSE),
    ("brevo", Answer(402, {"code": "not_enough_credits", "message": "Not enough credits"}), PENDING, PAUSE),
    ("brevo", Answer(400, {"code": "invalid_parameter", "message": "Sending has been rejected because the sender you "
                           "used news@acme.example.com is not valid. Validate your sender or authenticate it"}),
     PENDING, PAUSE),
    ("mailgun", Answer(404, {"message": "Domain not found: acme.example.com"}), PENDING, PAUSE),
    ("mailgun", Answer(403, "Forbidden"), PENDING, PAUSE),
    ("sparkpost", Answer(400, {"errors": [{"message": "Invalid domain", "code": "7001",
                                           "description": "Unconfigured Sending Domain <acme.example.com>"}]}),
     PENDING, PAUSE),
    ("mailjet", Answer(401, {"ErrorMessage": "API key authentication/authorization failure."}), PENDING, PAUSE),
    ("postmark", Answer(302, None, {"Location": "http://127.0.0.1:1/elsewhere"}), PENDING, PAUSE),
    ("sendgrid", Answer(400, {"errors": [{"message": "The from address must be verified."}]}), PENDING, PAUSE),
    # Later: nobody is charged.
    ("sendgrid", Answer(429, {"errors": [{"message": "too many requests"}]}), PENDING, BACK_OFF),
    ("postmark", Answer(503, "down for maintenance"), PENDING, BACK_OFF),
    ("resend", Answer(502, "<html>Bad Gateway</html>"), PENDING, BACK_OFF),
    # This message.
    ("resend", Answer(422, {"name": "validation_error", "message": "Invalid `to` field."}), FAILED, NONE),
    ("mailgun", Answer(400, {"message": "to parameter is not a valid address. please check documentation"}), FAILED,
     NONE),
    ("brevo", Answer(413, "too large"), FAILED, NONE),
    ("postmark", Answer(500, "unexpected"), DEFERRED, NONE),
    ("postmark", Answer(422, {"ErrorCode": 406, "To": "ines@rocha.example.com", "Message": "You tried to send to "
                              "recipient(s) that have been marked as inactive. Found inactive addresses: "
                              "ines@rocha.example.com."}), FAILED, NONE),
    ("mandrill", Answer(200, [{"email": "ines@rocha.example.com", "status": "rejected", "_id": "a",
                               "reject_reason": "hard-bounce"}]), FAILED, NONE),
    ("mailjet", Answer(400, {"Messages": [{"Status": "error", "Errors": [{"ErrorCode": "mj-0013", "ErrorMessage":
                             "\"x\" is an invalid email address."}]}]}), FAILED, NONE),
    # Nobody knows.
    ("resend", Answer(409, {"name": "concurrent_idempotent_requests", "message": "in progress"}), UNCERTAIN, NONE),
    ("postmark", Answer(504, "gateway time-out"), UNCERTAIN, NONE),
    ("postmark", Answer(200, "<html>Welcome to the hotel's Wi-Fi</html>"), UNCERTAIN, NONE),
    ("postmark", Answer(DROP), UNCERTAIN, NONE),
    ("postmark", Answer(SILENT), UNCERTAIN, NONE),
]  # fmt: skip


@pytest.mark.parametrize(
    ("provider", "answer", "item", "account"), ANSWERS, ids=[f"{one[0]}-{one[1].status}" for one in ANSWERS]
)
@pytest.mark.filterwarnings("ignore::anymail.exceptions.AnymailNotSupportedWarning")
def test_an_answer_has_one_meaning(provider: str, answer: Answer, item: ItemOutcome, account: AccountOutcome) -> None:
    with ProviderServer(provider) as server:
        server.on(answer)
        judged = verdict(send(provider, server.url, answer=0.5))
    assert (judged.item, judged.account) == (item, account)
    assert judged.address is not AddressOutcome.HARD
    assert judged.charged is (item is not PENDING)


def test_an_address_that_the_provider_calls_invalid_is_invalid() -> None:
    with ProviderServer("mandrill") as server:
        server.on(Answer(200, [{"email": "ines@rocha.example.com", "status": "invalid", "_id": "a"}]))
        judged = verdict(send("mandrill", server.url))
    assert (judged.item, judged.address, judged.reason) == (FAILED, AddressOutcome.HARD, "address_invalid")


@pytest.mark.parametrize(("asked", "seconds"), [(17, 17), (7200, 7200), (999999, 86400)])
def test_the_wait_that_was_asked_for_is_told_up_to_a_day(asked: int, seconds: int) -> None:
    with ProviderServer("postmark") as server:
        server.on(Answer(429, None, {"Retry-After": str(asked)}))
        assert send("postmark", server.url).retry_after == seconds


def test_the_providers_words_are_kept() -> None:
    with ProviderServer("postmark") as server:
        server.on(Answer(422, {"ErrorCode": 300, "Message": "Zero\nrecipients"}))
        assert "Zero\\nrecipients" in str(send("postmark", server.url))


def test_a_port_where_nobody_listens_touches_no_message() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(ConnectionFailed) as failure:
        send("postmark", f"http://127.0.0.1:{port}/")
    assert failure.value.attempt.phase is Phase.CONNECT
    assert verdict(failure.value.attempt).account is BACK_OFF


def test_a_server_without_tls_behind_https_touches_no_message() -> None:
    with ProviderServer("postmark") as server, pytest.raises(ConnectionFailed) as failure:
        send("postmark", server.url.replace("http:", "https:"))
    assert failure.value.attempt.phase is Phase.CONNECT
    assert server.messages == []


def test_what_the_journal_says_no_to_is_not_sent() -> None:
    def full() -> None:
        raise OSError("no space left")

    with ProviderServer("postmark") as server, pytest.raises(OSError, match="no space"):
        send("postmark", server.url, full)
    assert server.messages == []


def test_a_recipient_that_no_provider_takes_fails_before_anything_leaves() -> None:
    called: list[Any] = []

    async def run() -> Attempt:
        connection = await ApiConnection.open(ApiServer("postmark", "key", url=server.url, may_be_inside=True))
        try:
            return await connection.send(MAIL._replace(recipient="a@b@c"), lambda: called.append(1))
        finally:
            await connection.close()

    with ProviderServer("postmark") as server:
        judged = verdict(asyncio.run(run()))
    assert (judged.item, judged.account, called, server.messages) == (FAILED, NONE, [], [])


def test_a_key_that_no_request_can_carry_is_the_accounts_trouble() -> None:
    async def run() -> Attempt:
        connection = await ApiConnection.open(
            ApiServer("postmark", "schlüssel-\u2026", url=server.url, may_be_inside=True)
        )
        try:
            return await connection.send(MAIL, lambda: None)
        finally:
            await connection.close()

    with ProviderServer("postmark") as server:
        attempt = asyncio.run(run())
    assert (verdict(attempt).item, verdict(attempt).account, server.messages) == (PENDING, PAUSE, [])
    assert "schl" not in attempt.error


STATUS_IS_ENOUGH = {"sendgrid"}  # says nothing beside it
NOBODY = ["null", "[]", "{}", "[null]", "[[]]", '"OK"', "1", '{"data": null}', '{"Messages": []}', '{"emails": []}',
          '{"Messages": [{"Status": "success"}]}']  # fmt: skip


@pytest.mark.parametrize("provider", sorted(set(PROVIDERS) - STATUS_IS_ENOUGH))
@pytest.mark.filterwarnings("ignore::anymail.exceptions.AnymailNotSupportedWarning")
def test_a_yes_that_names_nobody_is_uncertain(provider: str) -> None:
    with ProviderServer(provider) as server:
        for body in NOBODY:
            server.on(Answer(200, body), times=1)
            judged = verdict(send(provider, server.url))
            assert (judged.item, judged.account) == (UNCERTAIN, NONE), body


@pytest.mark.parametrize(
    ("provider", "body"),
    [
        ("mailjet", {"Messages": [{"Status": "error", "Errors": [{"ErrorMessage": "no"}]}]}),
        ("unisender_go", {"status": "success", "job_id": "1", "emails": [],
                          "failed_emails": {"ines@rocha.example.com": "unsubscribed"}}),
        ("mailersend", {"warnings": [{"type": "ALL_SUPPRESSED", "recipients": [{"email": "ines@rocha.example.com",
                                                                               "reason": ["hard_bounced"]}]}]}),
    ],
)  # fmt: skip
@pytest.mark.filterwarnings("ignore::anymail.exceptions.AnymailNotSupportedWarning")
def test_a_no_that_comes_with_200_and_names_the_recipient_is_a_no(provider: str, body: object) -> None:
    with ProviderServer(provider) as server:
        server.on(Answer(200, body))
        assert verdict(send(provider, server.url)).item is FAILED


@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("", "sender-not-verified@evil.example.com"),
        ("", "ines@domain-not-verified.example.com"),
        ('Your "sender" must be verified', "ines@evil.example.com"),
        ("invalid api key", "ines@evil.example.com"),
    ],
)
def test_what_a_recipient_calls_itself_does_not_pause_the_account(name: str, address: str) -> None:
    quoted = name.replace('"', '\\"')
    mail = Envelope("", address, f'From: a@b.example\r\nTo: "{quoted}" <{address}>\r\n\r\nHello\r\n'.encode())
    domain = address.rpartition("@")[2]
    with ProviderServer("postmark") as server:
        said = f"Cannot mail {name} <{address.upper()}>: {domain} has no mail server."
        server.on(Answer(422, {"ErrorCode": 300, "Message": said}))
        attempt = send("postmark", server.url, mail=mail)
    assert (verdict(attempt).item, verdict(attempt).account) == (FAILED, NONE)
    assert address.upper() in str(attempt.reply)
