"""The fleet of connections by itself: nothing spins, nothing leaks, nothing that ended is forgotten."""

import os
import time
from collections.abc import Callable, Iterator

import pytest

from campaigns.sending.fleet import Ended, Fleet
from campaigns.sending.message import MessageError
from crm.mail.smtp import Attempt, Envelope, Phase, Security, Server
from tests.smtp_server import DROP, HANG_ACCEPTED, Act, SmtpServer


@pytest.fixture
def server() -> Iterator[SmtpServer]:
    with SmtpServer() as running:
        yield running


def fleet_of(
    server: SmtpServer,
    connections: int = 1,
    on_dot: Callable[[int], None] = lambda item: None,
    on_end: Callable[[int, Attempt], None] = lambda item, attempt: None,
    per_second: int | None = None,
    messages_per_connection: int = 100,
) -> Fleet:
    account = Server(server.host, server.port, Security.NONE, messages_per_connection=messages_per_connection)
    return Fleet(account, connections, on_dot, on_end, per_second)


def envelope(item: int) -> Envelope:
    return Envelope("news@acme.example.com", f"p{item}@example.com", b"Subject: x\r\n\r\nx\r\n")


def feed(fleet: Fleet, count: int) -> None:
    for item in range(count):
        fleet.feed(item, lambda item=item: envelope(item))  # type: ignore[misc]


def run_dry(fleet: Fleet, seconds: float = 10) -> tuple[list[Ended], int]:
    """Run until nothing is left; what ended, and how many turns it took."""
    ended: list[Ended] = []
    turns = 0
    deadline = time.monotonic() + seconds
    while not fleet.idle and fleet.trouble is None and time.monotonic() < deadline:
        ended += fleet.run(0.2)
        turns += 1
    return ended, turns


def open_files() -> int:
    return len(os.listdir("/proc/self/fd"))


def test_waiting_for_the_last_reply_is_not_a_busy_loop(server: SmtpServer) -> None:
    """Connections without work must not wake whoever waits for those that have some."""
    server.on("DOT", Act(delay=1.5), recipient="p7@example.com")
    fleet = fleet_of(server, connections=4)
    feed(fleet, 8)
    ended, turns = run_dry(fleet)
    fleet.close()
    assert len(ended) == 8
    assert turns < 40, f"{turns} turns in two seconds"


def test_pacing_over_several_connections_keeps_the_rate_and_does_not_spin(server: SmtpServer) -> None:
    fleet = fleet_of(server, connections=4, per_second=10)
    feed(fleet, 15)
    begin, cpu = time.monotonic(), time.process_time()
    ended, turns = run_dry(fleet)
    took = time.monotonic() - begin
    ended += fleet.close()
    assert len(ended) == 15
    assert took >= 1.4
    assert turns < 60 and time.process_time() - cpu < took / 2


def test_an_unexpected_error_in_one_message_fails_this_person_alone(server: SmtpServer) -> None:
    def broken() -> Envelope:
        raise KeyError("no such field")

    fleet = fleet_of(server, connections=2)
    fleet.feed(100, broken)
    feed(fleet, 3)
    fleet.feed(101, broken)
    ended, _turns = run_dry(fleet)
    ended += fleet.close()
    assert {one.item for one in ended if one.attempt is None} == {100, 101}
    assert all("no such field" in one.unmakeable for one in ended if one.attempt is None)
    assert len(server.messages) == 3


def test_a_message_that_cannot_be_made_is_told(server: SmtpServer) -> None:
    def refused() -> Envelope:
        raise MessageError("To: not allowed")

    fleet = fleet_of(server)
    fleet.feed(1, refused)
    ended, _turns = run_dry(fleet)
    fleet.close()
    assert [(one.item, one.unmakeable) for one in ended] == [(1, "To: not allowed")]


class Stop(Exception):
    pass


def test_a_no_at_the_dot_stops_every_connection_and_leaks_nothing(server: SmtpServer) -> None:
    """What LeaseLost does: it may come from several connections at once, and again while closing."""

    def on_dot(item: int) -> None:
        raise Stop

    counts: list[int] = []
    for _round in range(4):
        fleet = fleet_of(server, connections=3, on_dot=on_dot)
        feed(fleet, 9)
        until = time.monotonic() + 30
        while fleet.error is None and time.monotonic() < until:
            fleet.run(0.2)
        fleet.close()
        assert isinstance(fleet.error, Stop)
        assert fleet.idle and fleet.lost, "only the journal can tell of these"
        time.sleep(0.2)  # the server is in this process too, and hangs up in its own time
        counts.append(open_files())
    assert server.messages == []
    until = time.monotonic() + 10
    while open_files() > counts[0] and time.monotonic() < until:
        time.sleep(0.02)
    assert open_files() <= counts[0], counts  # the first round opens what the event loop keeps for the whole process


def test_a_reply_that_the_journal_cannot_take_is_not_forgotten(server: SmtpServer) -> None:
    """The disk is full between the dot and the reply: the message went out, and the memory still says so."""

    def on_end(item: int, attempt: Attempt) -> None:
        raise OSError(28, "No space left on device")

    fleet = fleet_of(server, on_end=on_end)
    feed(fleet, 3)
    ended, _turns = run_dry(fleet)
    ended += fleet.close()
    assert isinstance(fleet.error, OSError)
    told = {one.item: one.attempt.phase for one in ended if one.attempt is not None}
    assert {f"p{item}@example.com" for item, phase in told.items() if phase == Phase.ACCEPTED} == {
        message.recipient for message in server.messages
    }


def test_a_server_that_hangs_up_after_the_greeting_is_trouble_and_not_asked_for_ever(server: SmtpServer) -> None:
    server.on("EHLO", Act("250-mx.example.com\r\n250 PIPELINING\r\n421 4.3.2 go away", drops=True))
    fleet = fleet_of(server, connections=2)
    feed(fleet, 5)
    run_dry(fleet, seconds=2)
    fleet.close()
    assert fleet.trouble is not None
    assert server.connections <= 6


def test_connections_that_end_after_some_messages_are_replaced(server: SmtpServer) -> None:
    fleet = fleet_of(server, connections=3, messages_per_connection=2)
    feed(fleet, 25)
    ended, turns = run_dry(fleet)
    ended += fleet.close()
    assert len(ended) == 25 and len(server.messages) == 25
    assert 13 <= server.connections <= 18
    assert turns < 60


def test_a_server_that_answers_slowly_is_proven_by_one_connection_first(server: SmtpServer) -> None:
    server.on("GREETING", Act(None, delay=1.0, drops=True))
    fleet = fleet_of(server, connections=10)
    feed(fleet, 50)
    run_dry(fleet)
    fleet.close()
    assert fleet.trouble is not None
    assert server.connections == 1


def test_trouble_of_the_last_connection_ends_the_fleet(server: SmtpServer) -> None:
    server.on("MAIL", DROP)
    fleet = fleet_of(server, connections=3)
    feed(fleet, 20)
    run_dry(fleet)
    fleet.close()
    assert fleet.trouble is not None and fleet.trouble.phase == Phase.MAIL
    assert server.connections <= 9


def test_closing_an_unused_fleet_does_no_harm(server: SmtpServer) -> None:
    before = open_files()
    fleet = fleet_of(server)
    assert fleet.close() == []
    assert open_files() <= before


def test_closing_does_not_wait_longer_than_asked_for_a_server_that_hangs(server: SmtpServer) -> None:
    """Whether these were accepted, nobody knows: they are left to the journal, not called unsent."""
    server.on("DOT", HANG_ACCEPTED, recipient="p1@example.com")
    fleet = fleet_of(server)
    feed(fleet, 2)
    ended: list[Ended] = []
    while not ended or len(server.messages) < 2:
        ended += fleet.run(0.1)
    begin = time.monotonic()
    ended += fleet.close(patience=0.5)
    assert time.monotonic() - begin < 60
    assert [one.item for one in ended] == [0] and fleet.lost == {1}


def test_many_messages_that_cannot_be_made_come_to_light_one_by_one(server: SmtpServer) -> None:
    """So that the caller can stop before all of them are spent."""

    def refused() -> Envelope:
        raise MessageError("To: not allowed")

    fleet = fleet_of(server, connections=2)
    for item in range(200):
        fleet.feed(item, refused)
    ended: list[Ended] = []
    while len(ended) < 20:
        ended += fleet.run(0.2)
    fleet.drop_waiting()
    ended += fleet.close()
    assert len(ended) < 40


def test_nothing_is_handed_out_before_its_end_was_noted(server: SmtpServer) -> None:
    """The caller forgets an item as soon as it gets it, and the journal still has to find it."""
    noted: set[int] = set()

    def on_end(item: int, attempt: Attempt) -> None:
        time.sleep(0.002)  # long enough for the other thread to be quicker
        noted.add(item)

    fleet = fleet_of(server, connections=2, on_end=on_end)
    feed(fleet, 60)
    while not fleet.idle:
        assert {one.item for one in fleet.run(0.01)} <= noted
    fleet.close()
    assert len(noted) == 60
