"""Talks to a scripted server with the real client, the way the tests read best."""

import asyncio
import time
from collections.abc import Iterable
from typing import Any

from crm.mail.smtp import Attempt, Connection, ConnectionFailed, Envelope, Security, Server, Timeouts
from tests.smtp_server import Act, SmtpServer

SHORT = 0.5  # seconds
PATIENT = Timeouts()
# Which limit is that of the silence at a step.
LIMITS = {
    "GREETING": "greeting", "EHLO": "ehlo", "STARTTLS": "ehlo", "AUTH": "auth", "RSET": "mail", "MAIL": "mail",
    "RCPT": "rcpt", "DATA": "data", "BODY": "block", "DOT": "dot", "NOOP": "quit", "QUIT": "quit",
}  # fmt: skip
DATA = b"Subject: hello\r\n\r\nBody\r\n"


def account(server: SmtpServer, **options: Any) -> Server:
    options.setdefault("security", Security.NONE)
    options.setdefault("timeouts", Timeouts())
    return Server(options.pop("host", server.host), server.port, ehlo_name="news.example.com", **options)


def limits(act: Act, step: str) -> Timeouts:
    """A short one only for the silence that the test is about: a busy machine must not fail at the other steps."""
    return Timeouts(**dict.fromkeys(Timeouts.__slots__, 30.0) | ({LIMITS[step]: SHORT} if act.hangs else {}))


async def gone(connection: Connection, seconds: float = 10.0) -> bool:
    """Whether the connection notices within this time that its server has said goodbye."""
    until = time.monotonic() + seconds
    while connection.alive and time.monotonic() < until:
        await asyncio.sleep(0.01)
    return not connection.alive


def envelope(name: str = "ana", data: bytes = DATA) -> Envelope:
    return Envelope("bounces@news.example.com", f"{name}@example.com", data)


def deliver(server: Server, *messages: Envelope) -> list[Attempt]:
    """Over one connection, one after the other, each asked for only when the last is done."""

    async def run() -> list[Attempt]:
        connection = await Connection.open(server)
        attempts = [await connection.send(message, lambda: None) for message in messages]
        await connection.close()
        return attempts

    return asyncio.run(run())


def stream(server: Server, messages: Iterable[Envelope]) -> tuple[dict[str, Attempt], list[str]]:
    """Over one connection with look-ahead: attempts by recipient, and whose dots were written."""
    dots: list[str] = []

    async def run() -> dict[str, Attempt]:
        connection = await Connection.open(server)
        source = ((message.recipient, message) for message in messages)
        attempts = {key: attempt async for key, attempt in connection.stream(source, dots.append)}
        await connection.close()
        return attempts

    return asyncio.run(run()), dots


def opening(server: Server) -> Attempt | None:
    """How the opening of a connection failed; None when it did not."""
    try:
        deliver(server)
    except ConnectionFailed as failed:
        return failed.attempt
    return None
