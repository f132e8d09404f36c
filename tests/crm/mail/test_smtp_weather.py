"""Mixed weather: every kind of refusal, goodbye, drop and silence at random, and the books must still balance."""

import asyncio
import random
from collections import Counter
from collections.abc import Iterator

import pytest

from crm.mail.smtp import Attempt, Connection, Envelope, Server, Timeouts
from crm.mail.verdict import ItemOutcome, verdict
from tests.crm.mail.conversation import account, envelope
from tests.smtp_server import CHUNKED, DROP, DROP_ACCEPTED, HANG, HANG_ACCEPTED, OFFERED, Act, SmtpServer

NUMBER = 250
IMPATIENT = Timeouts(mail=0.15, rcpt=0.15, data=0.15, block=0.15, dot=0.15)  # a false alarm is one more kind of weather
NOES = ["450 4.2.1 later", "451 4.7.1 greylisted", "550 5.1.1 gone", "554 5.7.1 no", "421 4.3.2 bye"]
COPIES = {
    ItemOutcome.SENT: {1},
    ItemOutcome.PENDING: {0},
    ItemOutcome.DEFERRED: {0},
    ItemOutcome.FAILED: {0},
    ItemOutcome.UNCERTAIN: {0, 1},
}


def _scripted(server: SmtpServer, chance: random.Random) -> None:
    gone = [DROP, Act("421 4.3.2 bye", drops=True)]
    weather = {
        "RCPT": [*map(Act, NOES), *gone, Act("250 ok", drops=True), Act(b"\xff\xff\r\n")],
        "DATA": [*map(Act, NOES), *gone, Act("250 no, 354"), Act("354 go on", drops=True)],
        "BODY": [*gone, Act("552 5.3.4 too much", drops=True)],
        "DOT": [
            *map(Act, NOES),
            *gone,
            Act("250 ok", drops=True),
            Act(b"25", drops=True),
            DROP_ACCEPTED,
            HANG_ACCEPTED,
        ],
    }
    for number in range(NUMBER):
        if chance.random() < 0.3:
            step = chance.choice(list(weather))
            server.on(step, chance.choice([*weather[step], HANG]), recipient=f"p{number}@example.com")


async def _all_sent_once(
    server: Server, messages: Iterator[tuple[str, Envelope]]
) -> tuple[dict[str, Attempt], set[str]]:
    """Every message is tried exactly once, over as many connections as it takes."""
    attempts: dict[str, Attempt] = {}
    dots: set[str] = set()
    while len(attempts) < NUMBER:
        connection = await Connection.open(server)
        async for key, attempt in connection.stream(messages, dots.add):
            assert key not in attempts
            attempts[key] = attempt
        await connection.close()
    return attempts, dots


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("offered", [CHUNKED, OFFERED, OFFERED[1:]], ids=["chunked", "pipelined", "in steps"])
def test_every_outcome_agrees_with_what_the_server_has(offered: tuple[str, ...], seed: int) -> None:
    everyone = [f"p{number}@example.com" for number in range(NUMBER)]
    messages = iter([(address, envelope(address.partition("@")[0])) for address in everyone])
    with SmtpServer(offered=offered, data_without_recipient=("354 go", "554 5.5.1 nobody")[seed % 2]) as server:
        _scripted(server, random.Random(seed))
        attempts, dots = asyncio.run(_all_sent_once(account(server, timeouts=IMPATIENT), messages))
    copies = Counter(message.recipient for message in server.messages)
    outcomes = {address: verdict(attempts[address]).item for address in everyone}
    assert {address for address in everyone if copies[address] not in COPIES[outcomes[address]]} == set()
    assert {address for address in everyone if copies[address] and address not in dots} == set()
    share = 4 if "CHUNKING" in offered else 2  # a lost connection leaves its whole window in doubt
    assert Counter(outcomes.values())[ItemOutcome.SENT] > NUMBER / share
    assert server.violations == []
