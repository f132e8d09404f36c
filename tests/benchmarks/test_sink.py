"""The sink speaks SMTP correctly wherever its input is cut, tells what it did, and misbehaves when it is told to."""

import random
import smtplib
import socket
from collections.abc import Iterator
from contextlib import AbstractContextManager, suppress

import pytest

from benchmarks.sink import Line, Sink, compiled, sink
from scripts.servers import Missing
from tests.missing import lacking

HELLO = b"EHLO client.example.com\r\n"
BODY = b"Subject: News\r\nMessage-ID: <%d@acme.example.com>\r\n\r\nHello\r\n..dots\r\n"


@pytest.fixture(scope="module", autouse=True)
def _compiler() -> None:
    try:
        compiled()
    except Missing as missing:
        lacking(missing)


@pytest.fixture
def logging_sink() -> Iterator[Sink]:
    with sink(log=True) as running:
        yield running


def _envelope(number: int) -> bytes:
    return b"MAIL FROM:<news@acme.example.com> BODY=8BITMIME SIZE=500\r\nRCPT TO:<p%d@example.com>\r\n" % number


def _by_data(number: int) -> bytes:
    return _envelope(number) + b"DATA\r\n" + BODY % number + b".\r\n"


def _by_chunks(number: int) -> bytes:
    content = BODY % number
    return _envelope(number) + b"BDAT 10\r\n%bBDAT %d LAST\r\n%b" % (content[:10], len(content) - 10, content[10:])


def _talk(port: int, octets: bytes, cuts: list[int]) -> bytes:
    """Everything that the sink says to `octets`, which are sent in pieces."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as channel:
        channel.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        edges = [0, *sorted(cuts), len(octets)]
        for begin, end in zip(edges, edges[1:], strict=False):
            channel.sendall(octets[begin:end])
        said = b""
        while piece := channel.recv(65536):
            said += piece
    return said


def _codes(said: bytes) -> list[str]:
    return [line[:3] for line in said.decode().splitlines() if line[3] == " "]


@pytest.mark.parametrize("by", [_by_data, _by_chunks])
def test_input_may_be_cut_anywhere(logging_sink: Sink, by: object) -> None:
    octets = HELLO + b"".join(by(n) for n in range(3)) + b"QUIT\r\n"  # type: ignore[operator]
    inner = ["250", "250", "354", "250"] if by is _by_data else ["250", "250", "250", "250"]
    chance = random.Random(3)
    ways = [[], list(range(1, len(octets)))] + [sorted(chance.sample(range(1, len(octets)), 9)) for _ in range(60)]
    for way in ways:
        assert _codes(_talk(logging_sink.port, octets, way)) == ["220", "250", *inner * 3, "221"]
    expected = [Line("sent", f"p{n}@example.com", f"<{n}@acme.example.com>") for n in range(3)]
    assert logging_sink.lines() == expected * len(ways)
    totals = logging_sink.stop()
    sizes = sum(len(BODY % n) for n in range(3))
    assert (totals["messages"], totals["octets"], totals["wrong"]) == (3 * len(ways), sizes * len(ways), 0)


def test_a_chunk_of_nothing_may_be_the_last(logging_sink: Sink) -> None:
    octets = HELLO + _envelope(1) + b"BDAT 5\r\nx\r\n\r\nBDAT 0 LAST\r\nQUIT\r\n"
    assert _codes(_talk(logging_sink.port, octets, [])) == ["220", "250", "250", "250", "250", "250", "221"]
    assert logging_sink.totals()["octets"] == 5


def test_the_standard_library_sends_to_it(logging_sink: Sink) -> None:
    with smtplib.SMTP("127.0.0.1", logging_sink.port, timeout=10) as client:
        client.sendmail("news@acme.example.com", ["p1@example.com"], b"Message-ID:\r\n <folded@acme>\r\n\r\n.dot\r\n")
    assert logging_sink.lines() == [Line("sent", "p1@example.com", "<folded@acme>")]


def test_no_content_without_a_recipient(logging_sink: Sink) -> None:
    said = _talk(logging_sink.port, HELLO + b"MAIL FROM:<a@b.example>\r\nDATA\r\nRSET\r\nDATA\r\nNOPE\r\nQUIT\r\n", [])
    assert _codes(said) == ["220", "250", "250", "554", "250", "503", "500", "221"]


def _mail(client: smtplib.SMTP, number: int) -> None:
    client.sendmail("news@acme.example.com", [f"p{number}@example.com"], BODY % number)


def _connected(running: Sink) -> AbstractContextManager[smtplib.SMTP]:
    return smtplib.SMTP("127.0.0.1", running.port, timeout=0.5)


def test_it_misbehaves_as_told() -> None:
    with sink(log=True, drop_after_rate=1) as running:
        with suppress(smtplib.SMTPServerDisconnected), _connected(running) as client:
            _mail(client, 1)
        assert running.lines() == [Line("dropped", "p1@example.com", "<1@acme.example.com>")]
        running.steer(drop_after_rate=0, reject_rate=1)
        with _connected(running) as client, pytest.raises(smtplib.SMTPRecipientsRefused, match="550"):
            _mail(client, 2)
        running.steer(reject_rate=0, drop_before_rate=1)
        with pytest.raises(smtplib.SMTPServerDisconnected), _connected(running) as client:
            _mail(client, 3)
        running.steer(drop_before_rate=0, goodbye_every=1)
        with pytest.raises(smtplib.SMTPSenderRefused, match="421"), _connected(running) as client:
            _mail(client, 4)
            _mail(client, 5)
        running.steer(goodbye_every=0, hang_rate=1)
        with pytest.raises((TimeoutError, smtplib.SMTPServerDisconnected)), _connected(running) as client:
            _mail(client, 6)
        running.steer(hang_rate=0, greylist_ms=50)
        with _connected(running) as client, pytest.raises(smtplib.SMTPRecipientsRefused, match="450"):
            _mail(client, 7)
        assert running.copies() == ["p1@example.com", "p4@example.com"]


def test_it_refuses_connections_and_listens_again() -> None:
    with sink(fsync=1, log=True) as running:
        running.steer(refuse=1)
        with pytest.raises(ConnectionRefusedError):
            smtplib.SMTP("127.0.0.1", running.port)
        running.steer(refuse=0)
        with _connected(running) as client:
            _mail(client, 1)
        assert (running.stop()["fsyncs"], running.copies()) == (1, ["p1@example.com"])
