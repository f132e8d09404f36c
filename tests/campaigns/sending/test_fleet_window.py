"""The fleet on a server with CHUNKING: several messages in flight per connection, and the books still balance."""

from collections import Counter
from collections.abc import Callable

import pytest

from campaigns.sending.fleet import Ended, Fleet
from crm.mail.smtp import Attempt
from crm.mail.verdict import ItemOutcome, verdict
from tests.campaigns.sending.test_fleet import feed, fleet_of, run_dry
from tests.smtp_server import CHUNKED, DROP_ACCEPTED, Act, SmtpServer


def outcomes(ended: list[Ended]) -> Counter[ItemOutcome]:
    return Counter(verdict(one.attempt).item for one in ended if one.attempt is not None)


def all_sent(fleet: Fleet, count: int) -> Counter[int]:
    """Feed, and feed again what came back untouched, as a delivery does; how often each item was sent."""
    feed(fleet, count)
    ended, _turns = run_dry(fleet)
    ended += fleet.close()
    assert not fleet.lost
    return Counter(one.item for one in ended if one.attempt and verdict(one.attempt).item is ItemOutcome.SENT)


def test_every_item_is_sent_once_over_connections_that_are_used_up() -> None:
    with SmtpServer(offered=CHUNKED) as server:
        sent = all_sent(fleet_of(server, connections=3, messages_per_connection=50), 300)
    assert sent == dict.fromkeys(range(300), 1)
    assert len(server.messages) == 300
    assert {command.split()[0] for command in server.commands} == {"EHLO", "RSET", "MAIL", "RCPT", "BDAT", "QUIT"}
    assert server.violations == []


def test_a_lost_connection_leaves_its_window_in_doubt_and_nobody_else() -> None:
    with SmtpServer(offered=CHUNKED) as server:
        server.on("DOT", DROP_ACCEPTED, recipient="p20@example.com")
        fleet = fleet_of(server, connections=2)
        feed(fleet, 100)
        ended, _turns = run_dry(fleet)
        ended += fleet.close()
    found = outcomes(ended)
    assert 1 <= found[ItemOutcome.UNCERTAIN] <= 8
    assert found[ItemOutcome.SENT] == 100 - found[ItemOutcome.UNCERTAIN]


def test_a_no_at_the_dot_lets_what_is_in_flight_come_to_its_end() -> None:
    dots: list[int] = []
    answered: list[int] = []
    with SmtpServer(offered=CHUNKED) as server:
        server.on("DOT", Act(delay=0.02))
        fleet = fleet_of(server, on_dot=_refusing_at(30, dots), on_end=lambda item, _: answered.append(item))
        feed(fleet, 100)
        run_dry(fleet, seconds=5)
        fleet.close()
    assert isinstance(fleet.error, PermissionError)
    assert sorted(dots) == sorted(answered) == list(range(30))
    assert fleet.lost == {30}  # taken, with not one octet of it written
    assert len(server.messages) == 30


def _refusing_at(last: int, dots: list[int]) -> Callable[[int], None]:
    def on_dot(item: int) -> None:
        if item >= last:
            raise PermissionError("the lease is over")
        dots.append(item)

    return on_dot


def test_an_error_at_the_end_of_one_leaves_only_the_window_to_the_journal() -> None:
    dots: list[int] = []

    def on_end(item: int, attempt: Attempt) -> None:
        if item == 10:
            raise OSError("the journal is full")

    with SmtpServer(offered=CHUNKED) as server:
        fleet = fleet_of(server, on_dot=dots.append, on_end=on_end)
        feed(fleet, 100)
        run_dry(fleet, seconds=5)
        fleet.close()
    assert isinstance(fleet.error, OSError)
    assert len(fleet.lost) <= 8
    assert fleet.lost <= set(dots)


@pytest.mark.parametrize("connections", [1, 4])
def test_421_in_mid_window_costs_nobody_an_attempt(connections: int) -> None:
    with SmtpServer(offered=CHUNKED) as server:
        server.on("MAIL", Act("421 4.7.0 enough", drops=True), skip=25, times=1)
        fleet = fleet_of(server, connections=connections)
        feed(fleet, 60)
        ended, _turns = run_dry(fleet)
        ended += fleet.close()
    found = outcomes(ended)
    assert found[ItemOutcome.UNCERTAIN] == 0
    assert found[ItemOutcome.SENT] == len(server.messages) == 60 - found[ItemOutcome.PENDING]
    assert 1 <= found[ItemOutcome.PENDING] <= 8
