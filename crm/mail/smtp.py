"""The SMTP client: one connection, message after message, and it always knows how far each one came.

A message is one transaction: MAIL, RCPT, DATA, content, final dot. What it costs in round trips depends on the server:

- PIPELINING offered (RFC 2920): MAIL, RCPT and DATA leave in one write, content and dot in the next: two round trips.
  When the caller names the message that follows, its MAIL, RCPT and DATA ride behind the dot of this one (section 3.1
  allows content as the first "command" of a group): one round trip per message.
- PIPELINING and CHUNKING: several messages in flight, see smtp_window.
- neither: each command waits for its reply: four round trips.

A reply decides by its first digit. Where replies of a group contradict each other, the first refusal is the outcome and
`_settle` brings the session back in step, or ends it. Content without its final dot is never accepted (RFC 5321 section
4.1.1.4), so a connection that is aborted before the dot leaves nothing behind. After the dot only the reply tells;
without one the attempt ends at Phase.DOT, and nobody may send that message again unasked.
"""

from collections.abc import AsyncGenerator, Callable, Iterable, Iterator
from contextlib import closing, suppress
from functools import partial
from itertools import chain, islice
from typing import Self, TypeVar

from crm.mail.smtp_commands import dotted_lines, hindrance, mail_command, rcpt_command
from crm.mail.smtp_protocol import (
    BLOCK,
    GO_ON,
    SHUTTING_DOWN,
    Attempt,
    ConnectionFailed,
    Envelope,
    Phase,
    Reply,
    Security,
    Server,
    Timeouts,
    Trouble,
)
from crm.mail.smtp_replies import Extensions
from crm.mail.smtp_session import Session, open_session
from crm.mail.smtp_window import Window
from crm.mail.smtp_wire import WireBroken

__all__ = [
    "Attempt",
    "Connection",
    "ConnectionFailed",
    "Envelope",
    "Extensions",
    "Phase",
    "Reply",
    "Security",
    "Server",
    "Timeouts",
    "Trouble",
]

SILENCE = 10.0  # seconds after which a connection is asked whether it is still there
GRANTED = (2, 2, 3)  # MAIL, RCPT and DATA: the content may come

Key = TypeVar("Key")


class Connection:
    """One TCP connection to one server, for one task at a time.

    `phase` is that of the message in hand, where there is one at a time.
    """

    def __init__(self, session: Session) -> None:
        self.server = session.server
        self.extensions = session.extensions
        self.phase = Phase.MAIL
        self._session = session
        self._wire = session.wire
        self._announced: Envelope | None = None  # its MAIL, RCPT, DATA are written, their replies not read
        self._reset_due = False  # a transaction is open that nobody will finish
        self._reset_sent = False
        seconds = session.server.timeouts
        self._request_steps = ((Phase.MAIL, seconds.mail), (Phase.RCPT, seconds.rcpt), (Phase.DATA, seconds.data))

    @classmethod
    async def open(cls, server: Server) -> Self:
        """Connect, secure, sign in. Raises ConnectionFailed, whose attempt a verdict judges like any other."""
        return cls(await open_session(server))

    @property
    def sent(self) -> int:
        """Transactions begun, refused ones too: that is what servers limit."""
        return self._session.sent

    @property
    def alive(self) -> bool:
        """Whether another message should be sent over this connection."""
        if self._wire.broken or self.sent >= self.server.messages_per_connection and self._announced is None:
            return False
        # A server that speaks while nothing was asked says goodbye: 421 after its idle limit.
        return self._announced is not None or self._wire.quiet

    @property
    def peer(self) -> str:
        """The address that answered, for the record of an attempt."""
        return self._wire.peer

    async def send(self, message: Envelope, on_dot: Callable[[], None], following: Envelope | None = None) -> Attempt:
        """Send one message and say how it ended; SMTP and network trouble is an answer here, never an exception.

        `on_dot` is called once, immediately before the octets with the final dot are written, and not at all when it
        does not come to that. What it raises is passed on, with the dot unwritten and the connection closed.
        `following` may be announced to the server behind this message's dot: the next call must then bring that very
        object, or the connection has to be closed. Cancelling closes the connection: a message whose on_dot was called
        may have been accepted.
        """
        self.phase = Phase.MAIL
        try:
            return await self._transaction(message, on_dot, following)
        except WireBroken as broken:
            self._wire.abort()
            return Attempt(self.phase, None, broken.text, broken.trouble)
        except BaseException:
            self._wire.abort()
            raise

    async def stream(
        self, messages: Iterable[tuple[Key, Envelope]], on_dot: Callable[[Key], None]
    ) -> AsyncGenerator[tuple[Key, Attempt], None]:
        """Send messages one behind the other, as long as the connection is alive: several at a time where the server
        offers CHUNKING, else at one round trip each.

        Each message taken from `messages` is answered exactly once, in order; what is not taken was not touched.
        `on_dot` gets the key. Leaving early leaves messages that were taken and not answered, and a connection that can
        only be closed; only those that on_dot was called for may have been accepted.
        """
        source = islice(messages, max(0, self.server.messages_per_connection - self.sent))
        item = next(source, None) if self.alive and await self._still_there() else None
        if item is not None and self._fits_window(item[1]):
            window = self._window(chain([item], source), on_dot)
            try:
                while (answer := await window.answer()) is not None:
                    yield answer
            except Exception:  # on_dot said no, or the next message cannot be had: what is in flight is answered first
                window.take_no_more()
                while (answer := await window.answer()) is not None:
                    yield answer
                raise
            finally:
                window.leave()
            return
        while item is not None:
            key, message = item
            item = next(source, None) if self.alive else None
            yield key, await self.send(message, partial(on_dot, key), item[1] if item else None)

    async def _still_there(self) -> bool:
        """Ask by NOOP after a long silence: a connection that was lost unnoticed must not take messages along."""
        if self._announced is not None or self._wire.silent_for < SILENCE:
            return True
        try:
            self._wire.write(b"NOOP\r\n")
            return (await self._reply(self.server.timeouts.quit)).code != SHUTTING_DOWN
        except WireBroken:
            self._wire.abort()
            return False

    def _fits_window(self, message: Envelope) -> bool:
        """The messages of a stream are of one kind. Large ones go by DATA, which tells a refusal before the content."""
        offered = self.extensions.chunking and self.extensions.pipelining
        return offered and self.server.window > 0 and len(message.data) <= BLOCK and self._announced is None

    def _window(self, messages: Iterator[tuple[Key, Envelope]], on_dot: Callable[[Key], None]) -> Window[Key]:
        self._reset_due = True  # whoever comes after the window
        return Window(self._session, messages, on_dot)

    async def close(self) -> None:
        """QUIT where that is possible, and be gone. Never raises; an error here says nothing about any message."""
        if self._wire.broken:
            return
        if self._announced is not None or not self._wire.quiet:
            self._wire.abort()  # the server waits for content: QUIT would be its first line
            return
        self.phase = Phase.QUIT
        with closing(self._wire), suppress(WireBroken):
            self._wire.write(b"QUIT\r\n")
            await self._wire.reply(self.server.timeouts.quit)

    async def _transaction(self, message: Envelope, on_dot: Callable[[], None], following: Envelope | None) -> Attempt:
        if self._announced is None:
            ended = hindrance(message, self.extensions)
        elif self._announced is message:  # it had none when it was announced
            ended = None
        else:
            raise ValueError("another message was announced as the one that follows")
        if ended is None:
            ended = await (self._request_at_once if self.extensions.pipelining else self._request_in_steps)(message)
        if ended is None:
            ended = await self._deliver(message, on_dot, following)
        return ended

    # -- MAIL, RCPT, DATA: may the message come? ----------------------------------------------------------------------

    async def _request_in_steps(self, message: Envelope) -> Attempt | None:
        """One command, one reply. None when the server asked for the content (RFC 5321 section 3.3)."""
        self._session.sent += 1
        if self._reset_due:
            self._wire.write(b"RSET\r\n")
            self._reset_due, self._reset_sent = False, True
            await self._reset_done()
        commands = (mail_command(message, self.extensions), rcpt_command(message), "DATA\r\n")
        for (phase, seconds), command in zip(self._request_steps, commands, strict=True):
            self.phase = phase
            self._wire.write(command.encode())
            reply = await self._reply(seconds)
            if self._refuses(reply):
                self._reset_due = phase is not Phase.MAIL
                return Attempt(phase, reply)
        return None

    async def _request_at_once(self, message: Envelope) -> Attempt | None:
        """Three commands in one write, unless they are already on their way; then the replies, in the same order."""
        if self._announced is None:
            self._wire.write(self._announcement(message))
        self._announced = None  # from here on it is the message in hand
        await self._reset_done()
        if self._wire.expected(GRANTED) is not None:
            return None
        for step, (phase, seconds) in enumerate(self._request_steps, start=1):
            self.phase = phase
            reply = await self._reply(seconds)
            if self._refuses(reply):
                await self._settle(phase, self._request_steps[step:])
                return Attempt(phase, reply)
        return None

    def _announcement(self, message: Envelope) -> bytes:
        """The group that opens a transaction. DATA may only stand last in it (RFC 2920 section 3.1)."""
        reset, self._reset_sent, self._reset_due = "RSET\r\n" if self._reset_due else "", self._reset_due, False
        self._announced = message
        self._session.sent += 1
        return f"{reset}{mail_command(message, self.extensions)}{rcpt_command(message)}DATA\r\n".encode()

    async def _reset_done(self) -> None:
        if self._reset_sent:
            self._reset_sent = False
            if self._refuses(await self._reply(self.server.timeouts.mail)):
                raise WireBroken(Trouble.DROPPED, "the server refused to start anew (RSET)")

    def _refuses(self, reply: Reply) -> bool:
        """Whether a command got a no. Raises WireBroken for an answer that is neither yes nor no at this phase."""
        if reply.digit >= 4:
            return True
        if reply.digit != (GO_ON if self.phase is Phase.DATA else 2):
            raise WireBroken(Trouble.GARBLED, f"unexpected reply to {self.phase.upper()}: {reply}")
        return False

    async def _settle(self, refused: Phase, rest: tuple[tuple[Phase, float], ...]) -> None:
        """Read what still comes of a group that was refused at `refused`; the outcome stands, whatever happens here.

        DATA can be granted all the same, and then wants content. If it was the recipient who was refused, a lone dot is
        harmless: there is nobody to deliver to (RFC 2920 section 3.1). In any other contradiction the connection ends.
        """
        try:
            replies = [await self._reply(seconds) for _, seconds in rest]
            if replies and replies[-1].digit == GO_ON and refused is Phase.RCPT:
                self._wire.write(b".\r\n")
                await self._reply(self.server.timeouts.data)
            elif replies and replies[-1].digit < 4:
                self._wire.abort()
            self._reset_due = refused is not Phase.MAIL
        except WireBroken:
            self._wire.abort()

    # -- content and final dot: was it taken? -------------------------------------------------------------------------

    async def _deliver(self, message: Envelope, on_dot: Callable[[], None], following: Envelope | None) -> Attempt:
        self.phase = Phase.BODY
        last = dotted_lines(message)
        if len(last) > BLOCK:
            last = await self._all_but_last_block(last)
        if not self._wire.quiet:
            return await self._interrupted()
        ending = b"".join((last, b".\r\n", self._announcement_behind_dot(following)))
        self._wire.check()
        on_dot()
        self.phase = Phase.DOT
        self._wire.write(ending)
        reply = await self._reply(self.server.timeouts.dot)
        if not self._refuses(reply):
            self.phase = Phase.ACCEPTED
        return Attempt(self.phase, reply)

    async def _all_but_last_block(self, octets: bytes) -> bytes:
        """Write a large content block by block, so that the dot is only put behind what has really left."""
        start = 0
        while len(octets) - start > BLOCK and self._wire.quiet:
            self._wire.write(octets[start : start + BLOCK])
            await self._wire.drain(self.server.timeouts.block)
            start += BLOCK
        return octets[start:]

    async def _interrupted(self) -> Attempt:
        """The server spoke before the end of the content. A no is final: without the dot nothing was accepted."""
        reply = await self._reply(self.server.timeouts.block)
        self._wire.abort()
        if not self._refuses(reply):
            raise WireBroken(Trouble.GARBLED, f"unexpected reply within the content: {reply}")
        return Attempt(self.phase, reply)

    def _announcement_behind_dot(self, following: Envelope | None) -> bytes:
        if following is None or not self.extensions.pipelining:
            return b""
        if self.sent >= self.server.messages_per_connection or hindrance(following, self.extensions) is not None:
            return b""
        return self._announcement(following)

    async def _reply(self, seconds: float) -> Reply:
        reply = await self._wire.reply(seconds)
        if reply.code == SHUTTING_DOWN:
            self._wire.close()
        return reply
