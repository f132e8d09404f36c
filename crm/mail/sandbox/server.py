"""The sandbox's SMTP door: aiosmtpd answers by the table of behaviours and keeps what it accepts.

For loopback only: no TLS, no sign-in, everybody may send anything to any domain, and nothing ever leaves.
"""

import asyncio
import logging
import re
from collections import OrderedDict
from datetime import UTC, datetime
from typing import Any, Self

from aiosmtpd.smtp import SMTP, Envelope, Session, syntax

from crm.mail.sandbox.behaviours import ORDINARY, Behaviour, behaviour_of
from crm.mail.sandbox.bounce import MTA, Undelivered, bounce_message
from crm.mail.sandbox.keeper import Keeper

SIZE_LIMIT = 64 * 1024 * 1024  # octets of a message
REMEMBERED = 20_000  # first attempts that greylisting remembers
PARTING_CODES = ("221", "421")  # behind them aiosmtpd closes
PARTING = 3.0  # seconds that messages on their way get when the server stops

_PLAIN_PATH = re.compile(r"<([\w.+=-]+@[\w.-]+)> ?(.*)")

log = logging.getLogger(__name__)
logging.getLogger("mail.log").setLevel(logging.WARNING)  # aiosmtpd logs every command at INFO


class SandboxServer:
    """Runs within the event loop of the caller. `port` is the real one, also where 0 was asked for."""

    def __init__(self, host: str, port: int, keeper: Keeper | None = None) -> None:
        self.host = host
        self.port = port
        self._rules = _Rules(keeper or Keeper())
        self._doors: set[_Door] = set()

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        self._listening = await loop.create_server(lambda: _Door(self._rules, self._doors), self.host, self.port)
        self.port = self._listening.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        """Take no new messages, let those on their way arrive, go."""
        self._listening.close()
        self._rules.closing = True
        deadline = asyncio.get_running_loop().time() + PARTING
        while any(door.busy for door in self._doors) and asyncio.get_running_loop().time() < deadline:
            await asyncio.sleep(0.02)
        for door in list(self._doors):
            door.cut()


class _Door(SMTP):
    """One session. It knows whether it is in the middle of a message, and can be cut.

    Three of aiosmtpd's ways are replaced because they take most of its time: it reads content line by line, it sends
    each reply of a pipelined group by itself, and it parses the plainest address by the full grammar of RFC 5322.
    """

    line_length_limit = SIZE_LIMIT + 1024  # of the reader: content is read in one piece; longer: 552 and the end

    def __init__(self, rules: "_Rules", doors: "set[_Door]") -> None:
        super().__init__(
            rules,
            hostname=MTA,
            ident="Herald sandbox",
            data_size_limit=SIZE_LIMIT,
            enable_SMTPUTF8=True,
            loop=asyncio.get_running_loop(),
        )
        self._doors = doors
        self._unsent: list[str] = []

    @property
    def busy(self) -> bool:
        return self.envelope is not None and bool(self.envelope.rcpt_tos)

    def _getaddr(self, arg: str) -> tuple[str | None, str | None]:
        plain = _PLAIN_PATH.fullmatch(arg)
        return (plain[1], plain[2]) if plain else super()._getaddr(arg)

    async def push(self, status: str | bytes) -> None:
        """Replies to commands that arrived together leave together, as soon as all of them are answered."""
        text = status if isinstance(status, str) else status.decode()
        if not self._unsent:
            asyncio.get_running_loop().call_soon(self._flush)
        self._unsent.append(f"{text}\r\n")
        if text.startswith(PARTING_CODES):
            self._flush()

    def _flush(self) -> None:
        octets, self._unsent = "".join(self._unsent).encode(), []
        if octets and not self._writer.is_closing():
            self._writer.write(octets)

    @syntax("DATA")
    async def smtp_DATA(self, arg: str) -> None:
        if self.envelope is None or not self.envelope.rcpt_tos:
            await self.push("503 5.5.1 Need RCPT first")
            return
        await self.push("354 End data with <CR><LF>.<CR><LF>")
        try:
            data = await self._content()
        except asyncio.LimitOverrunError:
            await self.push("421 4.3.4 Message too large for the sandbox")
            self.cut()
            return
        self.envelope.content = data.replace(b"\r\n.", b"\r\n").removeprefix(b".")
        status = await self.event_handler.handle_DATA(self, self.session, self.envelope)
        self.envelope = Envelope()
        await self.push(status)

    async def _content(self) -> bytes:
        """Up to the final dot, without it (RFC 5321 section 4.5.2). Most lines that end in a dot are not it."""
        data = b""
        while not (data.endswith(b"\r\n.\r\n") or data == b".\r\n"):
            data += await self._reader.readuntil(b".\r\n")
        return data[:-3]

    def cut(self) -> None:
        if isinstance(self.transport, asyncio.Transport):
            self.transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._doors.add(self)
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        self._doors.discard(self)
        super().connection_lost(error)


class _Rules:
    """aiosmtpd's handler: one for all sessions. The names of its methods are aiosmtpd's."""

    def __init__(self, keeper: Keeper) -> None:
        self.closing = False
        self._keeper = keeper
        self._tried: OrderedDict[tuple[str, str], int] = OrderedDict()

    async def handle_EHLO(
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        return [*responses[:-1], "250-PIPELINING", "250-ENHANCEDSTATUSCODES", responses[-1]]

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.closing:
            return "421 4.3.2 The sandbox is shutting down"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 Sender ok"

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        behaviour = behaviour_of(address)
        if behaviour.refusal and self._still_refuses(behaviour, str(envelope.mail_from), address):
            return behaviour.refusal.format(address=address)
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 Recipient ok"

    async def handle_DATA(self, server: "_Door", session: Session, envelope: Envelope) -> str:
        sender = str(envelope.mail_from).removeprefix("<>")  # aiosmtpd's way to write the null sender
        recipients, data = [str(recipient) for recipient in envelope.rcpt_tos], _octets(envelope)
        behaviours = [behaviour_of(recipient) for recipient in recipients]
        special = next((behaviour for behaviour in behaviours if behaviour is not ORDINARY), ORDINARY)
        await asyncio.sleep(special.seconds)
        if special.verdict:
            return special.verdict
        key = self._keeper.keep(sender, recipients, special.name, data)
        for recipient, behaviour in zip(recipients, behaviours, strict=True):
            self._bounce(behaviour, sender, recipient, data)
        if special.silent:
            server.cut()
        return f"250 2.0.0 Ok: queued as {key}"

    async def handle_exception(self, error: Exception) -> str:
        """A full disk is no verdict on a message: it may be tried again."""
        log.exception("the sandbox could not take a message")
        return "451 4.3.0 The sandbox has a problem of its own"

    def _still_refuses(self, behaviour: Behaviour, sender: str, address: str) -> bool:
        """Greylisting knows sender and recipient together, as real ones do."""
        if not behaviour.times:
            return True
        tried = self._tried[sender, address] = self._tried.pop((sender, address), 0) + 1
        if len(self._tried) > REMEMBERED:
            self._tried.popitem(last=False)
        return tried <= behaviour.times

    def _bounce(self, behaviour: Behaviour, sender: str, recipient: str, data: bytes) -> None:
        """Nothing comes back to the null sender: bounces must not bounce (RFC 5321 section 6.1)."""
        if behaviour.bounce and sender:
            diagnostic = behaviour.diagnostic.format(address=recipient)
            undelivered = Undelivered(sender, recipient, behaviour.bounce, diagnostic, data, datetime.now(UTC))
            self._keeper.bounce(bounce_message(undelivered))


def _octets(envelope: Envelope) -> bytes:
    content: Any = envelope.content
    return content if isinstance(content, bytes) else b""
