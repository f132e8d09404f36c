"""A scripted SMTP server on loopback: says, delays, drops and hangs exactly where a test wants it.

    with SmtpServer() as server:
        server.on("RCPT", Act("550 5.1.1 nobody here"), recipient="gone@example.com")
        server.on("DOT", DROP_ACCEPTED, times=1)
        ... send to server.host, server.port ...
        assert [message.recipient for message in server.messages] == [...]
        assert server.violations == []

Steps: GREETING EHLO HELO STARTTLS AUTH MAIL RCPT DATA BODY DOT RSET NOOP QUIT. BODY comes when the first octets of
content have arrived. Where CHUNKING is offered, DOT is also the end of a BDAT LAST (RFC 3030). The server runs in a
thread of its own, so the code under test may be synchronous, asynchronous or another process. It is as strict as a
server can be: what a client must not do is answered somehow and noted in `violations`.
"""

import asyncio
import base64
import re
import ssl
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

OFFERED = ("PIPELINING", "8BITMIME", "SMTPUTF8", "ENHANCEDSTATUSCODES", "SIZE 33554432")
CHUNKED = (*OFFERED, "CHUNKING")
NORMAL = {
    "GREETING": "220 mx.example.com ESMTP",
    "HELO": "250 mx.example.com",
    "STARTTLS": "220 2.0.0 go ahead",
    "AUTH": "235 2.7.0 welcome",
    "MAIL": "250 2.1.0 sender ok",
    "RCPT": "250 2.1.5 recipient ok",
    "DATA": "354 go on",
    "RSET": "250 2.0.0 reset",
    "NOOP": "250 2.0.0 ok",
    "QUIT": "221 2.0.0 bye",
}


@dataclass(frozen=True, slots=True)
class Act:
    """What happens at a step. `reply`: "" is the normal one, None is none at all, octets go out as they are.

    `accepts` says whether the message of a DOT is kept; None: when the reply is a 2yz. With `drops`, `parts` listens
    until the client has closed as well: a server that closes first may take its last reply back.
    """

    reply: str | bytes | None = ""
    delay: float = 0.0
    drops: bool = False
    parts: bool = False
    hangs: bool = False
    accepts: bool | None = None


NORMALLY = Act()
DROP = Act(None, drops=True)
HANG = Act(None, hangs=True)
DROP_ACCEPTED = Act(None, drops=True, accepts=True)
HANG_ACCEPTED = Act(None, hangs=True, accepts=True)


@dataclass(slots=True)
class _Cue:
    step: str
    act: Act
    recipient: str
    skip: int
    times: int | None

    def applies(self, step: str, recipient: str) -> bool:
        """Whether this is the cue; counts down skips and repetitions on the way."""
        if step != self.step or self.times == 0 or (self.recipient and self.recipient != recipient):
            return False
        if self.skip:
            self.skip -= 1
            return False
        if self.times is not None:
            self.times -= 1
        return True


@dataclass(frozen=True, slots=True)
class Received:
    """One accepted message, as it came: `data` is un-dotted; `mail` is the MAIL command with its parameters."""

    sender: str
    recipients: tuple[str, ...]
    data: bytes
    mail: str
    tls: bool
    connection: int

    @property
    def recipient(self) -> str:
        return self.recipients[0]


@dataclass
class SmtpServer:
    """Options are those of the whole server; `on()` scripts single steps."""

    offered: tuple[str, ...] = OFFERED
    certificate: Path | None = None  # PEM with key and certificate: enables TLS
    implicit_tls: bool = False
    credentials: tuple[str, str] | None = None
    mechanisms: tuple[str, ...] = ("PLAIN", "LOGIN", "XOAUTH2")
    data_without_recipient: str = "554 5.5.1 no valid recipients"  # or a 354, as some servers do
    content_without_recipient: str = "554 5.5.1 no valid recipients"
    on_accept: Callable[[Received], None] | None = None  # called before the 250: a place for an fsync

    host: str = "127.0.0.1"
    port: int = 0
    messages: list[Received] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)
    connections: int = 0
    _cues: list[_Cue] = field(default_factory=list)

    def on(self, step: str, act: Act, recipient: str = "", skip: int = 0, times: int | None = None) -> None:
        """At `step` do `act`: for this recipient only, after `skip` occasions, at most `times`. Earlier cues win."""
        self._cues.append(_Cue(step, act, recipient, skip, times))

    def act(self, step: str, recipient: str) -> Act:
        return next((cue.act for cue in self._cues if cue.applies(step, recipient)), NORMALLY)

    def __enter__(self) -> Self:
        started = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve(started)), daemon=True)
        self._thread.start()
        assert started.wait(10), "the server did not start"
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(10)

    async def _serve(self, started: threading.Event) -> None:
        self._loop, self._stop, self._open = asyncio.get_running_loop(), asyncio.Event(), set[asyncio.Task[None]]()
        server = await asyncio.start_server(
            self._connected, self.host, self.port, ssl=self.context() if self.implicit_tls else None, limit=2**20
        )
        self.port = server.sockets[0].getsockname()[1]
        started.set()
        await self._stop.wait()
        server.close()
        for task in list(self._open):
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._open.add(task)
        task.add_done_callback(self._open.discard)
        self.connections += 1
        try:
            await _Session(self, self.connections, reader, writer).run()
        except (ConnectionError, ssl.SSLError, asyncio.IncompleteReadError, asyncio.CancelledError):
            return  # the client went, or the test is over
        finally:
            writer.transport.abort()

    def context(self) -> ssl.SSLContext:
        assert self.certificate is not None, "TLS needs a certificate"
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate)
        return context


class _Dropped(ConnectionError):
    pass


class _Session:
    def __init__(
        self, server: SmtpServer, number: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.server, self.number, self.reader, self.writer = server, number, reader, writer
        self.buffer = b""
        self.tls = server.implicit_tls
        self.pipelining = "PIPELINING" in server.offered
        self.reset_owed = False  # a BDAT failed: only RSET clears what is left (RFC 3030 section 2)
        self._forget()

    def _forget(self) -> None:
        self.mail = ""
        self.sender: str | None = None
        self.recipients: list[str] = []
        self.asked = ""  # the recipient in hand, refused or not: later steps are scripted by it

    async def run(self) -> None:
        await self.do("GREETING", NORMAL["GREETING"])
        while line := await self.line():
            self.server.commands.append(line)
            verb = line.split(" ", 1)[0].upper().rstrip(":")
            if self.buffer and not (self.pipelining and verb in ("MAIL", "RCPT", "RSET", "BDAT", ".")):
                self.note(f"sent on behind {verb}")
            handler = getattr(self, f"_{verb.lower()}", None)
            if handler is None:
                await self.say("500 5.5.2 unknown command")
            elif await handler(line):
                return

    # -- commands; True ends the session ------------------------------------------------------------------------------

    async def _ehlo(self, line: str) -> None:
        offered = [*self.server.offered]
        if self.server.certificate and not self.tls:
            offered.append("STARTTLS")
        if self.server.credentials and self.tls:
            offered.append(f"AUTH {' '.join(self.server.mechanisms)}")
        lines = ["mx.example.com", *offered]
        self._forget()
        await self.do("EHLO", "\r\n".join(f"250{'-' if n < len(lines) else ' '}{x}" for n, x in enumerate(lines, 1)))

    async def _helo(self, line: str) -> None:
        await self.do("HELO", NORMAL["HELO"])

    async def _starttls(self, line: str) -> None:
        if (await self.do("STARTTLS", NORMAL["STARTTLS"])).startswith("220"):
            await self.writer.start_tls(self.server.context())
            self.tls = True
            self._forget()

    async def _auth(self, line: str) -> None:
        if not self.tls:
            self.note("AUTH outside TLS")
        _, mechanism, *initial = line.split(" ")
        given = await self._credentials(mechanism.upper(), initial)
        right = given == self.server.credentials
        if mechanism.upper() == "XOAUTH2" and not right:
            await self.answer_to(base64.b64encode(b'{"status":"401"}').decode())
        await self.do("AUTH", NORMAL["AUTH"] if right else "535 5.7.8 wrong")

    async def _credentials(self, mechanism: str, initial: list[str]) -> tuple[str, str]:
        challenge = "VXNlcm5hbWU6" if mechanism == "LOGIN" else ""
        first = _decoded(initial[0] if initial else await self.answer_to(challenge))
        if mechanism == "LOGIN":
            return first, _decoded(await self.answer_to("UGFzc3dvcmQ6"))
        if mechanism == "PLAIN":
            _, user, password = first.split("\0")
            return user, password
        match = re.fullmatch("user=(.*)\x01auth=Bearer (.*)\x01\x01", first)
        return (match[1], match[2]) if match else ("", "")

    async def _mail(self, line: str) -> None:
        if self.sender is not None:
            self.note("MAIL inside a transaction")
            await self.say("503 5.5.1 nested MAIL")
            return
        if self.reset_owed:
            self.note("MAIL behind a failed BDAT without RSET")
        self._check_parameters(line)
        if (await self.do("MAIL", NORMAL["MAIL"])).startswith("2"):
            self.mail, self.sender = line, _path(line)

    def _check_parameters(self, line: str) -> None:
        needed = {"SIZE": "SIZE", "BODY": "8BITMIME", "SMTPUTF8": "SMTPUTF8"}
        offered = {keyword.split()[0] for keyword in self.server.offered}
        for parameter in line.partition("> ")[2].split():
            if needed.get(parameter.partition("=")[0]) not in offered:
                self.note(f"{parameter} was not offered")
        if not line.isascii() and not line.endswith(" SMTPUTF8"):
            self.note("non-ASCII address without SMTPUTF8")

    async def _rcpt(self, line: str) -> None:
        self.asked = _path(line)
        if self.sender is None:
            await self.say("503 5.5.1 need MAIL")
        elif (await self.do("RCPT", NORMAL["RCPT"])).startswith("2"):
            self.recipients.append(self.asked)

    async def _data(self, line: str) -> None:
        if self.sender is None:
            said = await self.do("DATA", "503 5.5.1 need MAIL")
        else:
            said = await self.do("DATA", NORMAL["DATA"] if self.recipients else self.server.data_without_recipient)
        if said.startswith("3"):
            await self._content()

    async def _bdat(self, line: str) -> None:
        """The octets are taken whatever the answer is, and belong to no command (RFC 3030 sections 2 and 4.2)."""
        match = re.fullmatch(r"BDAT (\d{1,9}) LAST", line)
        if match is None or "CHUNKING" not in self.server.offered:
            self.note(f"not offered or not the only chunk: {line}")
            await self.say("501 5.5.4 one BDAT LAST")
            return
        size = int(match[1])
        if size and not self.buffer:
            await self._fill()
        interruption = self.server.act("BODY", self.asked)
        if interruption is not NORMALLY:
            await self.perform(interruption, "")
        while len(self.buffer) < size:
            await self._fill()
        data, self.buffer = self.buffer[:size], self.buffer[size:]
        self._check_lines(data)
        self.reset_owed = not (await self._end_of_content(data)).startswith("2")
        if not self.reset_owed:
            self._forget()

    async def _rset(self, line: str) -> None:
        self._forget()
        self.reset_owed = False
        await self.do("RSET", NORMAL["RSET"])

    async def _noop(self, line: str) -> None:
        await self.do("NOOP", NORMAL["NOOP"])

    async def _quit(self, line: str) -> bool:
        await self.do("QUIT", NORMAL["QUIT"])
        return True

    async def _content(self) -> None:
        """Read up to the final dot, answer it, keep the message. A lone dot for nobody gets a 554."""
        if not self.buffer:
            await self._fill()
        interruption = self.server.act("BODY", self.asked)
        if interruption is not NORMALLY:
            await self.perform(interruption, "")
        while not (self.buffer.startswith(b".\r\n") or b"\r\n.\r\n" in self.buffer):
            await self._fill()
        if self.buffer.startswith(b".\r\n"):
            data, self.buffer = b"", self.buffer[3:]
        else:
            data, _, self.buffer = self.buffer.partition(b"\r\n.\r\n")
            data += b"\r\n"
        self._check_content(data)
        data = re.sub(rb"^\.", b"", data.replace(b"\r\n.", b"\r\n"))
        await self._end_of_content(data)
        self._forget()

    async def _end_of_content(self, data: bytes) -> str:
        if not self.recipients:
            await self.say(self.server.content_without_recipient)
            return self.server.content_without_recipient
        act = self.server.act("DOT", self.asked)
        normal = f"250 2.0.0 queued as {len(self.server.messages) + 1:06d}"
        reply = normal if act.reply == "" else str(act.reply)
        if act.accepts if act.accepts is not None else reply.startswith("2"):
            self._keep(data)
        return await self.perform(act, normal)

    def _keep(self, data: bytes) -> None:
        message = Received(self.sender or "", tuple(self.recipients), data, self.mail, self.tls, self.number)
        if self.server.on_accept is not None:
            self.server.on_accept(message)
        self.server.messages.append(message)

    def _check_content(self, data: bytes) -> None:
        self._check_lines(data)
        if re.search(rb"(?m)^\.[^.]", data):
            self.note("dot that is not stuffed")

    def _check_lines(self, data: bytes) -> None:
        if re.search(rb"[^\r]\n|\r[^\n]", data):
            self.note("lone CR or LF in content")
        if not data.isascii() and "BODY=8BITMIME" not in self.mail:
            self.note("8-bit content without BODY=8BITMIME")
        if any(len(line) > 999 for line in data.split(b"\r\n")):  # 998 and a stuffed dot
            self.note("content line over 998 octets")

    # -- the wire -----------------------------------------------------------------------------------------------------

    async def do(self, step: str, normal: str) -> str:
        """Answer a step as the script or nature wants; gives what was said."""
        return await self.perform(self.server.act(step, self.asked), normal)

    async def perform(self, act: Act, normal: str) -> str:
        if act.delay:
            await asyncio.sleep(act.delay)
        reply = normal if act.reply == "" else act.reply
        if isinstance(reply, bytes):
            self.writer.write(reply)
        elif reply:
            await self.say(reply)
        if act.hangs:
            await asyncio.sleep(3600)
        if act.drops:
            await self.writer.drain()
            if act.parts:
                await self._hear_out()
            self.writer.close()
            raise _Dropped
        return reply if isinstance(reply, str) else ""

    async def _hear_out(self) -> None:
        self.writer.write_eof()
        with suppress(ConnectionError):
            while await self.reader.read(65536):
                pass

    async def say(self, reply: str) -> None:
        self.writer.write(reply.encode() + b"\r\n")
        await self.writer.drain()

    async def answer_to(self, challenge: str) -> str:
        await self.say(f"334 {challenge}")
        return await self.line()

    async def line(self) -> str:
        """The next command line; "" at the end of the connection, and for an empty line."""
        while b"\r\n" not in self.buffer:
            try:
                await self._fill()
            except asyncio.IncompleteReadError:
                return ""
        line, _, self.buffer = self.buffer.partition(b"\r\n")
        return line.decode("utf-8", "backslashreplace")

    async def _fill(self) -> None:
        octets = await self.reader.read(65536)
        if not octets:
            raise asyncio.IncompleteReadError(self.buffer, None)
        self.buffer += octets

    def note(self, violation: str) -> None:
        self.server.violations.append(violation)


def _path(line: str) -> str:
    match = re.search("<(.*)>", line)
    return match[1] if match else ""


def _decoded(text: str) -> str:
    return base64.b64decode(text).decode()
