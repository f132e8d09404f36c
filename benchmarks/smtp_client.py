"""The SMTP client alone, against the compiled sink: messages per second, CPU per message, ratio to a plain loop.

    python -m benchmarks.smtp_client [--seconds 3] [--repeats 3]

One process, ready messages of 6 kB, servers 0, 5 and 50 ms away; with DATA and PIPELINING, where connections / delay is
the limit, and with CHUNKING, where `window` times as many are in flight. The plain loops use one connection: smtplib,
and a blocking socket that sends MAIL, RCPT and DATA of the next message behind each dot, the least that Python can do.
CPU is the sender's own.
"""

import asyncio
import smtplib
import socket
import sys
import time
from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import uvloop

from benchmarks.sink import sink
from benchmarks.table import Table, median_by
from crm.mail.smtp import Connection, Envelope, Phase, Security, Server
from crm.mail.smtp_protocol import WINDOW

SENDER = "bounces@news.example.com"
BODY = b"Subject: News\r\nFrom: news@example.com\r\n\r\n" + (b"x" * 74 + b"\r\n") * 78  # some 6 kB
DELAYS = (0, 5, 50)  # ms
CONNECTIONS = (20, 100)
LIMIT_SHARE = 0.85  # of connections / delay
FAST = {(5, 100): 12_000}  # messages/s: here the CPU is the limit
CPU_AIM = {False: 18, True: 9}  # µs per message with DATA, with CHUNKING


@dataclass(frozen=True)
class Result:
    per_second: float
    cpu: float  # µs per message


class Clock:
    """Runs from when the connections are open."""

    def __init__(self, seconds: float) -> None:
        self.began, self.cpu = time.monotonic(), time.process_time()
        self.until = self.began + seconds

    @property
    def over(self) -> bool:
        return time.monotonic() > self.until

    def result(self, count: int) -> Result:
        return Result(count / (time.monotonic() - self.began), (time.process_time() - self.cpu) / max(1, count) * 1e6)


def envelopes(clock: Clock) -> Iterator[tuple[int, Envelope]]:
    number = 0
    while not clock.over:
        for _ in range(16):  # the clock costs something too
            number += 1
            yield number, Envelope(SENDER, f"person{number}@example.org", BODY, wire_ready=True)


def by_client(connections: int, port: int, seconds: float) -> Result:
    return uvloop.run(_fleet(connections, port, seconds))  # the loop that sends in earnest too


async def _fleet(connections: int, port: int, seconds: float) -> Result:
    server = Server("127.0.0.1", port, Security.NONE, messages_per_connection=sys.maxsize)
    opened = await asyncio.gather(*[Connection.open(server) for _ in range(connections)])
    clock = Clock(seconds)
    counts = await asyncio.gather(*[_stream(connection, clock) for connection in opened])
    return clock.result(sum(counts))


async def _stream(connection: Connection, clock: Clock) -> int:
    count = 0
    async for _, attempt in connection.stream(envelopes(clock), lambda _: None):
        if attempt.phase is not Phase.ACCEPTED:
            raise RuntimeError(f"The sink did not accept a message: {attempt}")
        count += 1
    await connection.close()
    return count


def by_smtplib(port: int, seconds: float) -> Result:
    count = 0
    with smtplib.SMTP("127.0.0.1", port) as plain:
        clock = Clock(seconds)
        for number, message in envelopes(clock):
            plain.sendmail(SENDER, message.recipient, message.data)
            count = number
            if clock.over:
                break
    return clock.result(count)


def by_socket(port: int, seconds: float) -> Result:
    """The first of its messages has no reply to a dot before it, and the last one gets no content."""
    count = 0
    with socket.create_connection(("127.0.0.1", port)) as plain, plain.makefile("rb") as replies:
        plain.sendall(b"HELO localhost\r\n")
        _greeting, _hello = replies.readline(), replies.readline()
        content, clock = b"", Clock(seconds)
        for number, message in envelopes(clock):
            head = f"MAIL FROM:<{SENDER}>\r\nRCPT TO:<{message.recipient}>\r\nDATA\r\n"
            plain.sendall(b"".join((content, head.encode())))
            for _reply in range(4 if content else 3):
                replies.readline()
            content, count = message.data + b".\r\n", number
            if clock.over:
                break
    return clock.result(count)


def report(delay: int, seconds: float, repeats: int) -> None:
    table = Table(f"Server {delay} ms away", ["messages/s", "CPU µs", "% of limit", "× smtplib"])

    def run(
        name: str, send: Callable[[int, float], Result], window: int, connections: int, base: float | None
    ) -> Result:
        with sink(rtt_ms=delay, chunking=int(window > 1)) as server:
            runs = [send(server.port, seconds) for _ in range(repeats)]
        found = median_by(runs, key=lambda one: one.cpu)
        limit = connections * window / delay * 1000 if delay else None
        share = found.per_second / limit * 100 if limit else None
        aim, reached = aim_of(found, delay, connections, window) if base else ("", None)
        figures = [found.per_second, found.cpu, share, found.per_second / base if base else None]
        table.row(name, figures, aim=aim, reached=reached)
        return found

    plain = run("smtplib, 1 connection", by_smtplib, 1, 1, None).per_second
    run("blocking socket, pipelined, 1 connection", by_socket, 1, 1, None)
    for window, way in ((1, "DATA"), (WINDOW, f"CHUNKING, window {WINDOW}")):
        for connections in CONNECTIONS:
            send = partial(by_client, connections)
            run(f"{way}, {connections} connections", send, window, connections, plain)


def aim_of(found: Result, delay: int, connections: int, window: int) -> tuple[str, bool | None]:
    if not delay:
        cpu = CPU_AIM[window > 1]
        return f"≤ {cpu} µs", found.cpu <= cpu
    if window > 1:
        return "", None
    aim = FAST.get((delay, connections), connections / delay * 1000 * LIMIT_SHARE)
    return f"≥ {aim:,.0f}/s", found.per_second >= aim


def main() -> None:
    parser = ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--seconds", type=float, default=3, help="of each run, 3 unless told")
    parser.add_argument("--repeats", type=int, default=3, help="runs, of which the median counts, 3 unless told")
    chosen = parser.parse_args()
    for delay in DELAYS:
        report(delay, chosen.seconds, chosen.repeats)


if __name__ == "__main__":
    main()
