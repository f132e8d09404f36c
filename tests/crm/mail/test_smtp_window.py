"""Several messages in flight (RFC 3030): groups, their contradictions, what is known when a connection ends."""

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import aclosing
from typing import Any

import pytest

from crm.mail.smtp import Attempt, Connection, Envelope, Phase, Server, Timeouts, Trouble
from crm.mail.verdict import AccountOutcome, ItemOutcome, verdict
from tests.crm.mail.conversation import account, deliver, envelope, gone, limits, stream
from tests.smtp_server import CHUNKED, DROP, DROP_ACCEPTED, HANG, HANG_ACCEPTED, OFFERED, Act, SmtpServer

SENT, PENDING, DEFERRED, FAILED, UNCERTAIN = ItemOutcome
NAMES = [f"p{number}" for number in range(20)]


def outcomes(attempts: dict[str, Attempt]) -> list[ItemOutcome]:
    return [verdict(attempt).item for attempt in attempts.values()]


def everyone(names: list[str] = NAMES) -> list[Envelope]:
    return [envelope(name, b"Subject: hello\r\n\r\nTo %s\r\n.\r\n..\r\n" % name.encode()) for name in names]


def test_a_window_of_messages_is_sent_before_the_first_answer() -> None:
    """With every final reply 50 ms late in its turn, one at a time would leave gaps: here all 8 are there at once."""
    waiting: list[int] = []
    with SmtpServer(offered=CHUNKED) as server:
        server.on("DOT", Act(delay=0.2), times=1)

        async def run() -> None:
            connection = await Connection.open(account(server))
            messages = ((message.recipient, message) for message in everyone())
            dots: list[str] = []
            async with aclosing(connection.stream(messages, dots.append)) as answers:
                async for _ in answers:
                    waiting.append(len(dots))
            await connection.close()

        asyncio.run(run())
    assert waiting[0] == 8
    assert waiting[-1] == len(NAMES)
    assert server.violations == []


def test_messages_arrive_in_order_and_as_they_are() -> None:
    with SmtpServer(offered=CHUNKED) as server:
        attempts, dots = stream(account(server), everyone())
    assert [message.data for message in server.messages] == [message.data for message in everyone()]
    assert list(attempts) == dots == [f"{name}@example.com" for name in NAMES]
    assert {attempt.phase for attempt in attempts.values()} == {Phase.ACCEPTED}
    assert len({str(attempt.reply) for attempt in attempts.values()}) == len(NAMES)  # each its own queue id
    assert [command.split()[0] for command in server.commands] == [
        "EHLO",
        *["RSET", "MAIL", "RCPT", "BDAT"] * 20,
        "QUIT",
    ]
    assert server.violations == []


@pytest.mark.parametrize(
    ("offered", "window"), [(OFFERED, 8), (CHUNKED[1:], 8), (CHUNKED, 0)], ids=["not offered", "no pipelining", "off"]
)
def test_without_chunking_and_pipelining_data_is_used(offered: tuple[str, ...], window: int) -> None:
    with SmtpServer(offered=offered) as server:
        attempts, _ = stream(account(server, window=window), everyone())
    assert outcomes(attempts) == [SENT] * len(NAMES)
    assert "BDAT" not in {command.split()[0] for command in server.commands}
    assert server.violations == []


def test_a_window_of_one_is_one_at_a_time() -> None:
    with SmtpServer(offered=CHUNKED) as server:
        server.on("DOT", DROP, recipient="p5@example.com")
        attempts, dots = stream(account(server, window=1), everyone())
    assert outcomes(attempts) == [SENT] * 5 + [UNCERTAIN]
    assert len(dots) == 6


@pytest.mark.parametrize("step", ["MAIL", "RCPT", "DOT"])
def test_a_refusal_touches_nobody_else(step: str) -> None:
    with SmtpServer(offered=CHUNKED) as server:
        for number in (3, 4, 9):
            server.on(step, Act(f"451 4.3.0 not p{number}"), **_at(step, number))  # type: ignore[arg-type]
        attempts, _ = stream(account(server), everyone())
    expected = [DEFERRED if number in (3, 4, 9) else SENT for number in range(20)]
    assert outcomes(attempts) == expected
    assert attempts["p4@example.com"].phase is Phase(step.lower())
    assert str(attempts["p4@example.com"].reply) == "451 4.3.0 not p4"
    assert [message.recipient for message in server.messages] == [
        f"p{number}@example.com" for number in range(20) if expected[number] is SENT
    ]
    assert server.violations == []


def _at(step: str, number: int) -> dict[str, object]:
    """MAIL does not say for whom: there each cue counts the occasions that earlier cues left it."""
    skips = {3: 3, 4: 3, 9: 7}
    return {"skip": skips[number], "times": 1} if step == "MAIL" else {"recipient": f"p{number}@example.com"}


def test_421_and_closing_leaves_all_that_follows_untouched() -> None:
    """S3, in mid-window: replies come in order, so nothing behind a 421 was looked at."""
    with SmtpServer(offered=CHUNKED) as server:
        server.on("MAIL", Act("421 4.7.0 enough", drops=True), skip=10)
        attempts, _ = stream(account(server), everyone())
    assert outcomes(attempts)[:10] == [SENT] * 10
    assert set(outcomes(attempts)[10:]) == {PENDING}
    assert len(attempts) < len(NAMES)  # nothing was taken after it
    assert {verdict(attempt).account for attempt in list(attempts.values())[10:]} == {AccountOutcome.BACK_OFF}
    assert len(server.messages) == 10


@pytest.mark.parametrize("step", ["RSET", "MAIL", "RCPT", "DOT"])
def test_421_is_the_last_word_at_every_command(step: str) -> None:
    with SmtpServer(offered=CHUNKED) as server:
        server.on(step, Act("421 4.3.2 closing", drops=True), skip=5)
        attempts, _ = stream(account(server), everyone())
    assert outcomes(attempts) == [SENT] * 5 + [PENDING] * (len(attempts) - 5)
    assert len(server.messages) == 5


def test_a_server_that_goes_on_after_421_is_believed_message_by_message() -> None:
    with SmtpServer(offered=CHUNKED) as server:
        server.on("RCPT", Act("421 4.7.0 slow down"), recipient="p2@example.com")
        attempts, _ = stream(account(server), everyone())
    assert outcomes(attempts) == [SENT, SENT, PENDING, *[SENT] * (len(attempts) - 3)]
    assert len(attempts) < len(NAMES)
    assert len(server.messages) == len(attempts) - 1


def test_silence_behind_421_is_no_knowledge() -> None:
    with SmtpServer(offered=CHUNKED) as server:
        server.on("DOT", Act("421 4.3.2 closing", hangs=True), recipient="p2@example.com")
        attempts, _ = stream(account(server, timeouts=limits(HANG, "RSET")), everyone(NAMES[:6]))
    assert outcomes(attempts) == [SENT, SENT, PENDING, UNCERTAIN, UNCERTAIN, UNCERTAIN]


@pytest.mark.parametrize("act", [DROP, HANG, Act(b"\x00garbage\r\n"), Act(b"250-half", drops=True)])
@pytest.mark.parametrize("step", ["RSET", "MAIL", "RCPT", "DOT"])
def test_without_a_usable_reply_what_is_in_flight_is_in_doubt(step: str, act: Act) -> None:
    with SmtpServer(offered=CHUNKED) as server:
        server.on(step, act, skip=4, times=1)
        attempts, dots = stream(account(server, timeouts=limits(act, step)), everyone())
    assert outcomes(attempts) == [SENT] * 4 + [UNCERTAIN] * (len(attempts) - 4)
    assert len(attempts) - 4 <= 8
    assert dots == list(attempts)


@pytest.mark.parametrize(
    ("step", "first"), [("RSET", UNCERTAIN), ("MAIL", PENDING), ("RCPT", PENDING), ("DOT", UNCERTAIN)]
)
def test_asking_for_more_where_there_is_no_more_ends_the_connection(step: str, first: ItemOutcome) -> None:
    with SmtpServer(offered=CHUNKED) as server:
        server.on(step, Act("354 what?"), skip=4, times=1)
        attempts, _ = stream(account(server), everyone())
    assert outcomes(attempts) == [SENT] * 4 + [first] + [UNCERTAIN] * (len(attempts) - 5)
    assert attempts["p4@example.com"].trouble is Trouble.GARBLED


@pytest.mark.parametrize("act", [DROP_ACCEPTED, HANG_ACCEPTED])
def test_accepted_without_a_reply_is_uncertain(act: Act) -> None:
    with SmtpServer(offered=CHUNKED) as server:
        server.on("DOT", act, recipient="p1@example.com")
        attempts, _ = stream(account(server, timeouts=limits(act, "DOT")), everyone(NAMES[:4]))
    assert outcomes(attempts) == [SENT, UNCERTAIN, UNCERTAIN, UNCERTAIN]
    assert [message.recipient for message in server.messages] == ["p0@example.com", "p1@example.com"]


@pytest.mark.parametrize("act", [DROP, HANG, Act(b"\x00garbage\r\n")])
def test_a_refusal_that_arrived_stands(act: Act) -> None:
    with SmtpServer(offered=CHUNKED) as server:
        server.on("RCPT", Act("550 5.1.1 gone", hangs=act.hangs, drops=act.drops), recipient="p1@example.com")
        if isinstance(act.reply, bytes):
            server.on("RSET", act, skip=2)
        attempts, _ = stream(account(server, timeouts=limits(act, "DOT")), everyone(NAMES[:4]))
    assert outcomes(attempts) == [SENT, FAILED, UNCERTAIN, UNCERTAIN]
    assert attempts["p1@example.com"].reply is not None


def test_content_taken_for_a_refused_recipient_is_believed_in_nothing() -> None:
    with SmtpServer(offered=CHUNKED, content_without_recipient="250 2.0.0 thanks") as server:
        server.on("RCPT", Act("550 5.1.1 gone"), recipient="p1@example.com")
        attempts, _ = stream(account(server), everyone(NAMES[:4]))
    assert outcomes(attempts)[:2] == [SENT, UNCERTAIN]
    assert attempts["p1@example.com"].trouble is Trouble.GARBLED
    assert FAILED not in outcomes(attempts)


def test_a_refused_reset_is_nobodys_fault() -> None:
    """The transaction before may still be open: what is said about MAIL and RCPT then is not about this person."""
    with SmtpServer(offered=CHUNKED) as server:
        server.on("RSET", Act("500 5.5.2 never heard of it"), skip=1, times=1)
        server.on("MAIL", Act("503 5.5.1 nested"), skip=1, times=1)
        attempts, _ = stream(account(server), everyone(NAMES[:3]))
    assert outcomes(attempts) == [SENT, PENDING, SENT]
    assert verdict(attempts["p1@example.com"]).account is AccountOutcome.BACK_OFF


def test_what_must_not_be_offered_is_answered_in_its_place() -> None:
    messages = [
        envelope("ana"),
        Envelope("b@x.example", "a b@c", b"S: x\r\n"),
        envelope("ben", b"x" * 1001),
        envelope("eva"),
    ]
    with SmtpServer(offered=("PIPELINING", "CHUNKING", "SIZE 1000")) as server:
        attempts, dots = stream(account(server), messages)
    assert [attempt.trouble for attempt in attempts.values()] == [
        Trouble.NONE,
        Trouble.BAD_ADDRESS,
        Trouble.TOO_LARGE,
        Trouble.NONE,
    ]
    assert dots == [message.recipient for message in server.messages] == ["ana@example.com", "eva@example.com"]
    assert server.messages[1].mail.endswith(f" SIZE={len(messages[3].data)}")


def test_8bit_and_smtputf8_are_declared_in_the_window_too() -> None:
    eight_bit = b"Subject: x\r\nContent-Transfer-Encoding: 8bit\r\n\r\n\xc3\xa9\r\n"
    with SmtpServer(offered=CHUNKED) as server:
        stream(account(server), [envelope("ana", eight_bit), envelope("почта"), envelope("ben")])
    told = [message.mail.partition("> ")[2].split()[1:] for message in server.messages]
    assert told == [["BODY=8BITMIME"], ["SMTPUTF8"], []]
    assert server.violations == []


@pytest.mark.parametrize("data", [b"", b".", b".\r\n", b"no end", b"S: x\r\n\r\nsmuggled\n.\nMAIL FROM:<x@y>\n"])
def test_odd_bodies_are_one_message(data: bytes) -> None:
    with SmtpServer(offered=CHUNKED) as server:
        attempts, _ = stream(account(server), [envelope("ana", data), envelope("ben")])
    assert outcomes(attempts) == [SENT, SENT]
    assert len(server.messages) == 2
    assert server.violations == []


def test_large_messages_go_by_data_which_tells_a_refusal_before_the_content() -> None:
    large = b"Subject: large\r\n\r\n" + b"".join(b".%075d\r\n" % number for number in range(20_000))
    with SmtpServer(offered=CHUNKED) as server:
        attempts, _ = stream(account(server), [envelope("ana", large), envelope("ben", large)])
    assert outcomes(attempts) == [SENT, SENT]
    assert [message.data for message in server.messages] == [large, large]
    assert "DATA" in server.commands


def test_a_large_message_among_small_ones_arrives_whole() -> None:
    large = b"Subject: large\r\n\r\n" + b"".join(b".%075d\r\n" % number for number in range(200_000))
    with SmtpServer(offered=CHUNKED) as server:
        attempts, _ = stream(account(server), [envelope("ana"), envelope("ben", large), *everyone()])
    assert outcomes(attempts) == [SENT] * 22
    assert server.messages[1].data == large
    assert server.violations == []


def test_what_never_left_was_not_accepted() -> None:
    large = b"Subject: large\r\n\r\n" + b"x" * 70 + b"\r\n" * 20_000_000
    with SmtpServer(offered=("PIPELINING", "CHUNKING")) as server:
        server.on("BODY", DROP, recipient="ben@example.com")
        attempts, dots = stream(account(server), [envelope("ana"), envelope("ben", large), envelope("eva")])
    assert outcomes(attempts) == [SENT, PENDING]
    assert attempts["ben@example.com"].phase is Phase.BODY
    assert dots == ["ana@example.com", "ben@example.com"]


def test_messages_per_connection_is_kept() -> None:
    with SmtpServer(offered=CHUNKED) as server:
        attempts, _ = stream(account(server, messages_per_connection=10), everyone())
    assert len(attempts) == len(server.messages) == 10


def test_single_messages_and_streams_share_a_connection() -> None:
    async def run(server: Server) -> list[Phase]:
        connection = await Connection.open(server)
        first = await connection.send(envelope("ana"), lambda: None)
        messages = [(name, envelope(name)) for name in ("ben", "gone")]
        streamed = [attempt async for _, attempt in connection.stream(messages, lambda _: None)]
        last = await connection.send(envelope("eva"), lambda: None)
        await connection.close()
        return [attempt.phase for attempt in (first, *streamed, last)]

    with SmtpServer(offered=CHUNKED) as server:
        server.on("RCPT", Act("550 5.1.1 gone"), recipient="gone@example.com")
        phases = asyncio.run(run(account(server)))
    assert phases == [Phase.ACCEPTED, Phase.ACCEPTED, Phase.RCPT, Phase.ACCEPTED]
    assert server.connections == 1
    assert server.violations == []


class Stop(Exception):
    pass


def _stopping_at(name: str, dots: list[str]) -> Callable[[str], None]:
    def on_dot(key: str) -> None:
        if key == name:
            raise Stop
        dots.append(key)

    return on_dot


def _broken_source() -> Iterator[tuple[str, Envelope]]:
    for name in NAMES[:5]:
        yield name, envelope(name)
    raise Stop


@pytest.mark.parametrize("broken", ["on_dot", "messages"])
def test_an_error_of_the_caller_comes_after_the_answers_of_what_is_in_flight(broken: str) -> None:
    dots: list[str] = []
    got: list[str] = []

    async def run(server: Server) -> None:
        connection = await Connection.open(server)
        messages = ((name, envelope(name)) for name in NAMES) if broken == "on_dot" else _broken_source()
        try:
            async for key, attempt in connection.stream(messages, _stopping_at("p5", dots)):
                assert attempt.phase is Phase.ACCEPTED
                got.append(key)
        finally:
            await connection.close()

    with SmtpServer(offered=CHUNKED) as server, pytest.raises(Stop):
        asyncio.run(run(account(server)))
    assert got == dots == NAMES[:5]
    assert [message.recipient for message in server.messages] == [f"{name}@example.com" for name in NAMES[:5]]
    assert server.commands[-1] == "QUIT"


def test_leaving_early_closes_the_connection_and_on_dot_tells_who_is_in_doubt() -> None:
    dots: list[str] = []

    async def run(server: Server) -> bool:
        connection = await Connection.open(server)
        messages = ((name, envelope(name)) for name in NAMES)
        async with aclosing(connection.stream(messages, dots.append)) as answers:
            async for _ in answers:
                break
        return connection.alive

    with SmtpServer(offered=CHUNKED) as server:
        assert asyncio.run(run(account(server))) is False
        time.sleep(0.1)
    assert {message.recipient.partition("@")[0] for message in server.messages} <= set(dots)


def test_cancelling_closes_the_connection() -> None:
    dots: list[str] = []

    async def consume(connection: Connection) -> None:
        async for _ in connection.stream(((name, envelope(name)) for name in NAMES), dots.append):
            pass

    async def run(server: Server) -> bool:
        connection = await Connection.open(server)
        streaming = asyncio.create_task(consume(connection))
        async with asyncio.timeout(20):
            while len(dots) < 3:
                await asyncio.sleep(0.01)
        streaming.cancel()
        with pytest.raises(asyncio.CancelledError):
            await streaming
        return connection.alive

    with SmtpServer(offered=CHUNKED) as server:
        server.on("DOT", HANG, skip=2)
        assert asyncio.run(run(account(server))) is False
    assert len(server.messages) <= 3 <= len(dots)


def test_a_goodbye_before_the_window_is_noticed() -> None:
    async def run(server: Server) -> list[Any]:
        connection = await Connection.open(server)
        await connection.send(envelope(), lambda: None)
        assert await gone(connection)
        return [answer async for answer in connection.stream([("ben", envelope("ben"))], lambda _: None)]

    with SmtpServer(offered=CHUNKED) as server:
        server.on("DOT", Act(b"250 ok\r\n421 4.4.2 idle too long\r\n", accepts=True))
        assert asyncio.run(run(account(server))) == []


@pytest.mark.parametrize("step", ["RSET", "MAIL", "RCPT", "DOT"])
def test_silence_ends_at_the_limit_of_its_command(step: str) -> None:
    name = "mail" if step == "RSET" else step.lower()
    limits = Timeouts(**dict.fromkeys(Timeouts.__slots__, 60.0) | {name: 0.6})
    started = time.monotonic()
    with SmtpServer(offered=CHUNKED) as server:
        server.on(step, HANG)
        attempts, _ = stream(account(server, timeouts=limits), everyone(NAMES[:3]))
        took = time.monotonic() - started
    assert {attempt.trouble for attempt in attempts.values()} == {Trouble.TIMEOUT}
    assert 0.5 < took < 60


def test_sent_one_by_one_data_is_used() -> None:
    with SmtpServer(offered=CHUNKED) as server:
        [attempt] = deliver(account(server), envelope())
    assert attempt.phase is Phase.ACCEPTED
    assert server.violations == []
