"""One connection over its life: groups and their contradictions, resets, limits, silence, closing, on_dot."""

import asyncio
import socket
import time
from collections.abc import Callable
from dataclasses import replace

import pytest

from crm.mail import smtp
from crm.mail.smtp import Connection, ConnectionFailed, Envelope, Phase, Security, Server, Timeouts, Trouble
from crm.mail.smtp_protocol import Attempt
from tests.crm.mail.conversation import account, deliver, envelope, gone, limits, opening, stream
from tests.smtp_server import CHUNKED, DROP, HANG, OFFERED, Act, SmtpServer

NOTHING: Callable[[], None] = lambda: None  # noqa: E731


def verbs(server: SmtpServer) -> list[str]:
    return [command.split(" ")[0] for command in server.commands]


def phases(attempts: list[Attempt]) -> list[Phase]:
    return [attempt.phase for attempt in attempts]


def test_the_next_request_rides_behind_the_dot() -> None:
    """The body of each message but the last and the next MAIL, RCPT, DATA arrive while the dot is not answered yet."""
    with SmtpServer() as server:
        server.on("DOT", Act(delay=0.05))
        attempts, _ = stream(account(server), [envelope(name) for name in ("ana", "ben", "eva")])
    assert phases(list(attempts.values())) == [Phase.ACCEPTED] * 3
    assert verbs(server) == ["EHLO", *["MAIL", "RCPT", "DATA"] * 3, "QUIT"]
    assert server.violations == []


def test_without_pipelining_every_command_waits_for_its_reply() -> None:
    with SmtpServer(offered=OFFERED[1:]) as server:
        attempts, _ = stream(account(server), [envelope("ana"), envelope("ben")])
    assert phases(list(attempts.values())) == [Phase.ACCEPTED] * 2
    assert server.violations == []  # the server notes whatever comes before it has answered


@pytest.mark.parametrize("pipelining", [True, False])
def test_after_a_refused_recipient_the_session_is_reset(pipelining: bool) -> None:
    with SmtpServer(offered=OFFERED if pipelining else OFFERED[1:]) as server:
        server.on("RCPT", Act("550 5.1.1 gone"), recipient="gone@example.com")
        attempts = deliver(account(server), envelope("gone"), envelope("ana"))
    assert phases(attempts) == [Phase.RCPT, Phase.ACCEPTED]
    data = ["DATA"] if pipelining else []
    assert verbs(server) == ["EHLO", "MAIL", "RCPT", *data, "RSET", "MAIL", "RCPT", "DATA", "QUIT"]


def test_data_granted_to_a_refused_recipient_gets_a_lone_dot() -> None:
    """RFC 2920 section 3.1: some servers answer 354 although no recipient is left."""
    with SmtpServer(data_without_recipient="354 go on anyway") as server:
        server.on("RCPT", Act("550 5.1.1 gone"), recipient="gone@example.com")
        attempts, dots = stream(account(server), [envelope(name) for name in ("ana", "gone", "ben")])
    assert phases(list(attempts.values())) == [Phase.ACCEPTED, Phase.RCPT, Phase.ACCEPTED]
    assert [message.recipient for message in server.messages] == dots == ["ana@example.com", "ben@example.com"]
    assert server.connections == 1


@pytest.mark.parametrize("act", [HANG, DROP, Act(b"nonsense\r\n"), Act("421 bye")])
def test_a_refusal_stands_whatever_happens_behind_it(act: Act) -> None:
    with SmtpServer() as server:
        server.on("RCPT", Act("550 5.1.1 gone"), recipient="gone@example.com")
        server.on("DATA", act, recipient="gone@example.com")
        refused, after = deliver(account(server, timeouts=limits(act, "DATA")), envelope("gone"), envelope("ana"))
    assert refused.reply is not None
    assert (refused.phase, refused.reply.code) == (Phase.RCPT, 550)
    assert (after.phase, after.reply) == (Phase.MAIL, None)  # not a word of it was said
    assert server.messages == []


def test_data_granted_to_a_refused_sender_ends_the_connection() -> None:
    """With a recipient left from who knows where, even an empty message could be delivered."""
    with SmtpServer() as server:
        server.on("MAIL", Act("550 5.7.1 not you"))
        server.on("DATA", Act("354 go on"))
        attempts = deliver(account(server), envelope("ana"), envelope("ben"))
    assert [(attempt.phase, attempt.trouble) for attempt in attempts] == [
        (Phase.MAIL, Trouble.NONE),
        (Phase.MAIL, Trouble.DROPPED),
    ]
    assert server.messages == []


@pytest.mark.parametrize("act", [Act("554 no reset"), Act("421 bye"), DROP, HANG])
def test_a_failed_reset_touches_no_message(act: Act) -> None:
    with SmtpServer() as server:
        server.on("RCPT", Act("550 5.1.1 gone"), recipient="gone@example.com")
        server.on("RSET", act)
        attempts = deliver(account(server, timeouts=limits(act, "RSET")), envelope("gone"), envelope("ana"))
    assert phases(attempts) == [Phase.RCPT, Phase.MAIL]
    assert attempts[1].reply is None
    assert server.messages == []


@pytest.mark.parametrize(
    ("act", "phase", "reply"),
    [
        (Act("552 5.3.4 too much", drops=True), Phase.BODY, 552),
        (Act("421 4.3.2 closing", drops=True), Phase.BODY, 421),
        (Act("250 what?", drops=True), Phase.BODY, None),
        (DROP, Phase.BODY, None),
        (HANG, Phase.BODY, None),
    ],
)
def test_what_happens_within_the_content_is_before_the_dot(act: Act, phase: Phase, reply: int | None) -> None:
    dots: list[str] = []
    with SmtpServer() as server:
        server.on("BODY", act)
        large = envelope("ana", b"Subject: large\r\n\r\n" + b"x" * 70 + b"\r\n" * 10_000_000)

        async def run() -> Attempt:
            connection = await Connection.open(account(server, timeouts=limits(act, "BODY")))
            return await connection.send(large, lambda: dots.append("dot"))

        attempt = asyncio.run(run())
    assert (attempt.phase, attempt.reply.code if attempt.reply else None) == (phase, reply)
    assert dots == []
    assert server.messages == []


def test_messages_per_connection_is_kept_and_nothing_is_announced_beyond_it() -> None:
    messages = iter([(number, envelope(f"p{number}")) for number in range(50)])

    async def run(server: Server) -> list[Attempt]:
        attempts: list[Attempt] = []
        while True:
            connection = await Connection.open(server)
            got = [attempt async for _, attempt in connection.stream(messages, lambda _: None)]
            await connection.close()
            if not got:
                return attempts
            attempts += got

    with SmtpServer() as server:
        attempts = asyncio.run(run(account(server, messages_per_connection=20)))
    assert phases(attempts) == [Phase.ACCEPTED] * 50
    per_connection = [message.connection for message in server.messages]
    assert [per_connection.count(number) for number in (1, 2, 3)] == [20, 20, 10]
    assert verbs(server).count("MAIL") == 50
    assert server.violations == []


@pytest.mark.parametrize("offered", [CHUNKED, OFFERED, OFFERED[1:]], ids=["chunked", "pipelined", "in steps"])
def test_421_after_every_twentieth_message_costs_nobody_anything(offered: tuple[str, ...]) -> None:
    """S3: whoever is pending is sent over the next connection; everyone gets one copy."""
    todo = {f"p{number}@example.com": envelope(f"p{number}") for number in range(200)}

    async def run(server: Server) -> None:
        while todo:
            connection = await Connection.open(server)
            async for key, attempt in connection.stream([(key, todo[key]) for key in todo], lambda _: None):
                if attempt.phase is Phase.ACCEPTED:
                    del todo[key]
            await connection.close()

    with SmtpServer(offered=offered) as server:
        for number in range(20, 200, 20):
            server.on("MAIL", Act("421 4.7.0 enough", drops=True), skip=number, times=1)
        asyncio.run(run(account(server)))
    copies = [message.recipient for message in server.messages]
    assert (len(copies), len(set(copies))) == (200, 200)


def test_an_idle_connection_that_the_server_closed_is_not_alive() -> None:
    async def run(server: Server) -> bool:
        connection = await Connection.open(server)
        await connection.send(envelope(), NOTHING)
        return await gone(connection)

    for act in (Act(drops=True), Act(b"250 ok\r\n421 4.4.2 idle too long\r\n", accepts=True)):
        with SmtpServer() as server:
            server.on("DOT", act)
            assert asyncio.run(run(account(server)))


@pytest.mark.parametrize("offered", [CHUNKED, OFFERED])
@pytest.mark.parametrize(
    ("act", "sent"), [(Act(), 3), (Act("502 what?"), 3), (Act("421 bye"), 1), (DROP, 1), (HANG, 1)]
)
def test_after_a_long_silence_the_server_is_asked_first(offered: tuple[str, ...], act: Act, sent: int) -> None:
    """A connection that was lost unnoticed, in some router, must not take a window of messages along."""

    async def run(server: Server) -> list[str]:
        connection = await Connection.open(server)
        await connection.send(envelope("ana"), NOTHING)
        connection._wire._heard -= smtp.SILENCE  # so long ago
        dots: list[str] = []
        messages = [(name, envelope(name)) for name in ("ben", "eva")]
        answers = [key async for key, _ in connection.stream(messages, dots.append)]
        assert answers == dots
        await connection.close()
        return answers

    with SmtpServer(offered=offered) as server:
        server.on("NOOP", act)
        assert len(asyncio.run(run(account(server, timeouts=limits(act, "NOOP"))))) == sent - 1
    assert verbs(server).count("NOOP") == 1
    assert len(server.messages) == sent
    assert server.violations == []


def test_on_dot_comes_before_the_dot_and_its_error_keeps_the_dot_back() -> None:
    async def run(server: Server) -> None:
        def on_dot() -> None:
            assert not _server.messages
            raise OSError("the journal cannot be written")

        connection = await Connection.open(server)
        with pytest.raises(OSError, match="journal"):
            await connection.send(envelope(), on_dot)
        assert not connection.alive
        assert connection.phase is Phase.BODY

    with SmtpServer() as _server:
        asyncio.run(run(account(_server)))
        time.sleep(0.1)
    assert _server.messages == []


def test_cancelling_closes_the_connection() -> None:
    async def run(server: Server) -> None:
        connection = await Connection.open(server)
        sending = asyncio.create_task(connection.send(envelope(), NOTHING))
        async with asyncio.timeout(20):
            while connection.phase is not Phase.DOT:
                await asyncio.sleep(0.01)
        sending.cancel()
        with pytest.raises(asyncio.CancelledError):
            await sending
        assert not connection.alive
        assert connection.phase is Phase.DOT
        await connection.close()

    with SmtpServer() as server:
        server.on("DOT", HANG)
        asyncio.run(run(account(server)))


def test_closing_with_a_message_announced_sends_no_quit_into_its_content() -> None:
    async def run(server: Server) -> None:
        connection = await Connection.open(server)
        await connection.send(envelope("ana"), NOTHING, following=envelope("ben"))
        await connection.close()
        assert not connection.alive

    with SmtpServer() as server:
        asyncio.run(run(account(server)))
        time.sleep(0.1)
    assert [message.recipient for message in server.messages] == ["ana@example.com"]
    assert "QUIT" not in verbs(server)


def test_another_message_than_the_announced_one_is_a_mistake_of_the_caller() -> None:
    async def run(server: Server) -> None:
        connection = await Connection.open(server)
        await connection.send(envelope("ana"), NOTHING, following=envelope("ben"))
        with pytest.raises(ValueError, match="announced"):
            await connection.send(envelope("eva"), NOTHING)
        assert not connection.alive

    with SmtpServer() as server:
        asyncio.run(run(account(server)))
    assert [message.recipient for message in server.messages] == ["ana@example.com"]


@pytest.mark.parametrize("act", [DROP, HANG, Act("500 stay"), Act(b"\xff\r\n")])
def test_trouble_at_quit_says_nothing_about_the_message(act: Act) -> None:
    with SmtpServer() as server:
        server.on("QUIT", act)
        assert phases(deliver(account(server, timeouts=limits(act, "QUIT")), envelope())) == [Phase.ACCEPTED]


@pytest.mark.parametrize("step", ["GREETING", "EHLO", "MAIL", "RCPT", "DATA", "DOT"])
def test_silence_ends_at_the_limit_of_its_phase_and_not_before(step: str) -> None:
    name = step.lower()
    limits = replace(Timeouts(**dict.fromkeys(Timeouts.__slots__, 60.0)), **{name: 0.6})
    started = time.monotonic()
    with SmtpServer() as server:
        server.on(step, HANG)
        attempt = _fate(account(server, timeouts=limits))
        took = time.monotonic() - started
    assert (attempt.phase, attempt.trouble) == (Phase(name), Trouble.TIMEOUT)
    assert "0.6 s" in attempt.error
    assert 0.5 < took < 60


@pytest.mark.slow
@pytest.mark.parametrize("step", ["GREETING", "EHLO", "MAIL", "RCPT", "DATA", "DOT"])
def test_a_slow_server_within_the_limits_is_waited_for(step: str) -> None:
    limits = Timeouts(**dict.fromkeys(Timeouts.__slots__, 2.0) | {step.lower(): 60.0})
    with SmtpServer() as server:
        server.on(step, Act(delay=2.2))
        attempt = _fate(account(server, timeouts=limits))
    assert attempt.phase is Phase.ACCEPTED
    assert len(server.messages) == 1


def test_a_server_that_dribbles_gets_no_more_time_by_it() -> None:
    with SmtpServer() as server:
        for number in range(20):
            server.on("DOT", Act(b"250-still\r\n", delay=0.1), skip=number, times=1)
        server.on("RCPT", Act(b"250-a\r\n", hangs=True))
        [attempt] = deliver(account(server, timeouts=replace(Timeouts(), rcpt=0.5)), envelope())
    assert (attempt.phase, attempt.trouble) == (Phase.RCPT, Trouble.TIMEOUT)
    assert "0.5 s" in attempt.error


def test_endless_replies_end_the_connection() -> None:
    with SmtpServer() as server:
        server.on("MAIL", Act(b"250 ok\r\n" * 5000))
        [attempt] = deliver(account(server), envelope())
    assert attempt.trouble is Trouble.GARBLED
    assert server.messages == []


def test_the_address_that_answered_is_known() -> None:
    async def run(server: Server) -> str:
        connection = await Connection.open(server)
        await connection.close()
        return connection.peer

    with SmtpServer() as server:
        assert asyncio.run(run(account(server, host="localhost"))) == "127.0.0.1"


def test_an_old_server_is_greeted_with_helo() -> None:
    with SmtpServer() as server:
        server.on("EHLO", Act("500 what?"))
        assert phases(deliver(account(server), envelope("ana"), envelope("ben"))) == [Phase.ACCEPTED] * 2
    assert verbs(server)[:2] == ["EHLO", "HELO"]
    assert server.messages[0].mail == "MAIL FROM:<bounces@news.example.com>"


def test_the_configured_name_is_said() -> None:
    with SmtpServer() as server:
        deliver(account(server), envelope())
    assert server.commands[0] == "EHLO news.example.com"


@pytest.mark.parametrize(
    ("host", "trouble"), [("127.0.0.1", Trouble.CONNECT), ("nowhere.invalid", Trouble.DNS), ("a..b", Trouble.DNS)]
)
def test_where_nobody_listens_the_connection_fails(host: str, trouble: Trouble) -> None:
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]
    attempt = opening(Server(host, port, Security.NONE))
    assert attempt is not None
    assert (attempt.phase, attempt.trouble) == (Phase.CONNECT, trouble)


def test_a_host_that_swallows_packets_is_given_up_in_time() -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full:
        port = full.getsockname()[1]
        fillers = [socket.socket() for _ in range(4)]
        for filler in fillers:
            filler.setblocking(False)
            filler.connect_ex(("127.0.0.1", port))
        attempt = opening(Server("127.0.0.1", port, Security.NONE, timeouts=Timeouts(connect=2)))
        for filler in fillers:
            filler.close()
    assert attempt is not None
    assert attempt.trouble is Trouble.TIMEOUT
    assert "within 2 s" in attempt.error


def _fate(server: Server, message: Envelope | None = None) -> Attempt:
    try:
        return deliver(server, message or envelope())[0]
    except ConnectionFailed as failed:
        return failed.attempt
