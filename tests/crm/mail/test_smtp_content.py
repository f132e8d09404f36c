"""What goes over the wire is what came in, and nothing but that message: S18, M2, M3, SIZE, SMTPUTF8."""

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm.mail.smtp import Envelope, Phase, Trouble
from crm.mail.smtp_commands import dotted_lines
from crm.mail.verdict import AccountOutcome, AddressOutcome, ItemOutcome, verdict
from tests.crm.mail.conversation import account, deliver, envelope, stream
from tests.examples import examples
from tests.smtp_server import SmtpServer

# Bodies made of exactly what breaks clients: dots, line ends, and a little text.
TRICKY = st.lists(st.sampled_from([b".", b"..", b"\r\n", b"\r\n.", b"\r\n.\r\n", b"a", b"QUIT\r\n"])).map(b"".join)
LONE = st.lists(st.sampled_from([b".", b"\r", b"\n", b"\r\n", b"a", b"\r\n.\r", b"\n.\n"])).map(b"".join)


@given(TRICKY)
def test_dot_stuffing_is_undone_by_undoing_it(data: bytes) -> None:
    stuffed = dotted_lines(Envelope("", "ana@example.com", data))
    assert re.sub(rb"(?m)^\.", b"", stuffed) in (data, data + b"\r\n")
    assert not re.search(rb"(?m)^\.(?!\.)", stuffed)
    assert not stuffed or stuffed.endswith(b"\r\n")


@given(LONE)
def test_no_lone_line_end_and_no_end_of_content_gets_through(data: bytes) -> None:
    stuffed = dotted_lines(Envelope("", "ana@example.com", data))
    assert not re.search(rb"(?<!\r)\n|\r(?!\n)", stuffed)
    assert b"\r\n.\r\n" not in b"\r\n" + stuffed
    lines = re.split(rb"\r\n|\r|\n", data)
    if not lines[-1]:  # the data ended with its last line
        lines.pop()
    assert stuffed == b"".join((b"." if line.startswith(b".") else b"") + line + b"\r\n" for line in lines)


@settings(max_examples=examples(20), suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.lists(TRICKY, min_size=1, max_size=8))
def test_bodies_arrive_as_they_are(bodies: list[bytes]) -> None:
    with SmtpServer() as server:
        messages = [envelope(f"p{number}", b"S: x\r\n\r\n" + body) for number, body in enumerate(bodies)]
        attempts, _ = stream(account(server), messages)
    assert {attempt.phase for attempt in attempts.values()} == {Phase.ACCEPTED}
    assert [message.data.removesuffix(b"\r\n") for message in server.messages] == [
        message.data.removesuffix(b"\r\n") for message in messages
    ]
    assert server.violations == []


@pytest.mark.parametrize("data", [b"", b".", b".\r\n", b"\r\n.\r\n", b"S: x\r\n\r\nsmuggled\n.\nMAIL FROM:<x@y>\n"])
def test_odd_bodies_are_one_message(data: bytes) -> None:
    with SmtpServer() as server:
        deliver(account(server), envelope("ana", data), envelope("ben"))
    assert [message.recipient for message in server.messages] == ["ana@example.com", "ben@example.com"]
    assert server.violations == []


def test_a_large_message_arrives_whole_in_the_middle_of_a_stream() -> None:
    large = b"Subject: large\r\n\r\n" + b"".join(b".%075d\r\n" % number for number in range(130_000))
    with SmtpServer() as server:
        attempts, _ = stream(account(server), [envelope("ana"), envelope("ben", large), envelope("eva")])
    assert {attempt.phase for attempt in attempts.values()} == {Phase.ACCEPTED}
    assert server.messages[1].data == large
    assert len(server.messages) == 3


def test_size_is_announced_and_a_message_over_the_limit_is_not_offered() -> None:
    with SmtpServer(offered=("PIPELINING", "SIZE 1000")) as server:
        attempts, dots = stream(account(server), [envelope("ana"), envelope("ben", b"x" * 1001), envelope("eva")])
    attempt = attempts["ben@example.com"]
    assert (attempt.phase, attempt.trouble) == (Phase.MAIL, Trouble.TOO_LARGE)
    judged = verdict(attempt)
    assert (judged.item, judged.account, judged.address) == (
        ItemOutcome.FAILED,
        AccountOutcome.NONE,
        AddressOutcome.NONE,
    )
    assert [message.recipient for message in server.messages] == dots == ["ana@example.com", "eva@example.com"]
    assert f" SIZE={len(envelope().data)}" in server.messages[0].mail


EIGHT_BIT = b"Subject: x\r\nContent-Transfer-Encoding: 8bit\r\n\r\n\xc3\xa9\r\n"


def test_8bit_content_is_declared_where_that_is_offered() -> None:
    with SmtpServer() as server:
        deliver(account(server), envelope("ana", EIGHT_BIT), envelope("ben"))
    assert ["BODY=8BITMIME" in message.mail for message in server.messages] == [True, False]
    assert server.messages[0].data == EIGHT_BIT


def test_8bit_content_is_not_sent_where_it_is_not_offered() -> None:
    with SmtpServer(offered=("PIPELINING",)) as server:
        attempt, second = deliver(account(server), envelope("ana", EIGHT_BIT), envelope("ben"))
    assert (attempt.phase, attempt.trouble) == (Phase.MAIL, Trouble.UNSUPPORTED)
    assert verdict(attempt).account is AccountOutcome.PAUSE
    assert second.phase is Phase.ACCEPTED
    assert "MAIL FROM:<bounces@news.example.com>\r\n".strip() in server.commands  # no parameter that was not offered


@pytest.mark.parametrize("offered", [True, False])
def test_a_non_ascii_address_needs_smtputf8(offered: bool) -> None:
    extensions = ("PIPELINING", "SMTPUTF8", "8BITMIME") if offered else ("PIPELINING", "8BITMIME")
    with SmtpServer(offered=extensions) as server:
        [attempt] = deliver(account(server), envelope("почта"))
    if offered:
        assert server.messages[0].recipient == "почта@example.com"
        assert server.messages[0].mail.endswith(" SMTPUTF8")
    else:
        assert (attempt.phase, attempt.trouble) == (Phase.RCPT, Trouble.UNSUPPORTED)
        assert verdict(attempt).item is ItemOutcome.FAILED
        assert not [command for command in server.commands if command.startswith("MAIL")]


@pytest.mark.parametrize(
    "address",
    ["", "a@b>\r\nRCPT TO:<c@d", "a b@c", "<a@b>", "a@b\x00", "a@b\n", "a\ud800@b", "x" * 250 + "@b.example", "\t@b"],
)
def test_an_address_that_would_break_the_command_is_refused(address: str) -> None:
    with SmtpServer() as server:
        attempt, good = deliver(account(server), Envelope("b@x.example", address, b"S: x\r\n"), envelope())
    assert (attempt.phase, attempt.trouble) == (Phase.RCPT, Trouble.BAD_ADDRESS)
    judged = verdict(attempt)
    assert (judged.item, judged.address, judged.reason) == (
        ItemOutcome.FAILED,
        AddressOutcome.NONE,
        "address_unsupported",
    )
    assert good.phase is Phase.ACCEPTED
    assert len([command for command in server.commands if command.startswith("MAIL")]) == 1


def test_a_sender_that_would_break_the_command_pauses_the_account() -> None:
    with SmtpServer() as server:
        [attempt] = deliver(account(server), Envelope("a@b>\r\nRSET", "ana@example.com", b"S: x\r\n"))
    assert verdict(attempt).account is AccountOutcome.PAUSE
    assert server.commands[1:] == ["QUIT"]


def test_the_null_sender_is_sent() -> None:
    with SmtpServer() as server:
        deliver(account(server), Envelope("", "ana@example.com", b"S: x\r\n"))
    assert server.messages[0].mail.startswith("MAIL FROM:<>")
