"""A real Postfix takes what the client pipelines and chunks: each message is delivered once, unchanged."""

import asyncio
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
pytestmark = pytest.mark.xdist_group("postfix")  # the last test looks at what the others have done


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


def test_each_way_was_really_gone(running: Postfix) -> None:
    """Postfix counts the commands of every session when it ends."""
    sessions = running.log_lines(" disconnect from ")
    assert [line for line in sessions if " bdat=" in line and " data=" not in line]
    assert [line for line in sessions if " data=" in line and " bdat=" not in line]
    assert running.log_lines("improper command pipelining") == []
    assert running.log_lines("nested MAIL") == []
