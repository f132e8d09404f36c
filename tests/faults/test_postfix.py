"""A real Postfix takes what the client pipelines and chunks: each message is delivered once, unchanged."""

import asyncio
import time
from collections import Counter
from collections.abc import Iterator

import pytest

from crm.mail.smtp import Attempt, Connection, Envelope, Phase, Security, Server
from crm.mail.verdict import AddressOutcome, ItemOutcome, verdict
from scripts.servers import Missing
from tests.missing import lacking
from tests.postfix import Postfix, postfix

NUMBER = 400
GONE_EVERY = 40  # twenty errors on one connection, and Postfix says 421
WAYS = {"chunked": 8, "pipelined": 0}
COMMANDS = {"chunked": ("bdat", "data"), "pipelined": ("data", "bdat")}


@pytest.fixture(scope="module")
def running() -> Iterator[Postfix]:
    try:
        with postfix() as started:
            yield started
    except Missing as missing:
        lacking(missing)


def body(number: int) -> bytes:
    """Lines of dots, empty lines, and some 4 kB."""
    lines = [b".", b"..", b"", b". QUIT", *[b"%d of message %d" % (line, number) for line in range(200)], b"."]
    return b"\r\n".join(lines) + b"\r\n"


def message(way: str, number: int) -> Envelope:
    recipient = "gone" if number % GONE_EVERY == GONE_EVERY - 1 else f"{way}{number}"
    header = f"From: news@acme.example.com\r\nSubject: {way} {number}\r\n\r\n".encode()
    return Envelope(f"bounces+{number}@acme.example.com", f"{recipient}@example.com", header + body(number))


async def _send(server: Server, way: str) -> dict[int, Attempt]:
    """Over four connections at once, each message offered once."""
    source = iter([(number, message(way, number)) for number in range(NUMBER)])
    attempts: dict[int, Attempt] = {}

    async def worker() -> None:
        while len(attempts) < NUMBER:
            connection = await Connection.open(server)
            async for number, attempt in connection.stream(source, lambda _: None):
                assert number not in attempts
                attempts[number] = attempt
            taken = connection.sent
            await connection.close()
            if not taken:
                return

    await asyncio.gather(*[worker() for _ in range(4)])
    return attempts


@pytest.mark.parametrize("way", WAYS)
def test_every_message_is_delivered_once_and_as_it_was(running: Postfix, way: str) -> None:
    server = Server("127.0.0.1", running.port, Security.NONE, ehlo_name="news.acme.example.com", window=WAYS[way])
    attempts = asyncio.run(_send(server, way))
    gone = {number for number in range(NUMBER) if number % GONE_EVERY == GONE_EVERY - 1}
    assert {number for number in attempts if attempts[number].phase is Phase.ACCEPTED} == set(range(NUMBER)) - gone
    for number in gone:
        judged = verdict(attempts[number])
        assert (judged.item, judged.address) == (ItemOutcome.FAILED, AddressOutcome.HARD)

    before = sum(1 for path in running.inbox.glob("new/*") if way not in path.read_text(errors="replace"))
    delivered = [mail for mail in running.delivered(before + NUMBER - len(gone)) if way in mail["Subject"]]
    copies = Counter(str(mail["Delivered-To"]) for mail in delivered)
    assert copies == {f"{way}{number}@example.com": 1 for number in range(NUMBER) if number not in gone}
    for mail in delivered:
        number = int(mail["Subject"].split()[1])
        assert mail["Delivered-To"] == f"{way}{number}@example.com"
        assert mail["Return-Path"] == f"<bounces+{number}@acme.example.com>"
        assert mail.get_payload() == body(number).decode().replace("\r\n", "\n")
    assert was_gone(running, *COMMANDS[way])
    assert running.log_lines("improper command pipelining") == []
    assert running.log_lines("nested MAIL") == []


def was_gone(running: Postfix, command: str, other: str, seconds: float = 30.0) -> bool:
    """Postfix counts the commands of every session when it ends: whether one had this command and not the other."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        sessions = running.log_lines(" disconnect from ")
        if any(f" {command}=" in line and f" {other}=" not in line for line in sessions):
            return True
        time.sleep(0.1)
    return False
