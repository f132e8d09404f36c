"""Several messages in flight over one connection: CHUNKING (RFC 3030) behind PIPELINING (RFC 2920).

BDAT names the size of the content in front of it, so nothing has to be waited for: RSET, MAIL, RCPT, BDAT n LAST and
the n octets of one message leave together, and those of the next messages behind them, up to `Server.window`. The rate
is window / round trip instead of 1 / round trip. The replies come in the order of the commands, four to a message.

- The server takes the n octets of a BDAT whatever it answers, so a refusal costs the messages behind it nothing: after
  a refused RCPT the BDAT gets a 503 or 554, and the first refusal of the group is the outcome.
- "The resulting state from a BDAT command error is indeterminate. A RSET command MUST be sent" (RFC 3030 section 2). As
  the next transaction is on its way when that error comes, every one of them begins with RSET. Without it a recipient
  could end up in the transaction, and with the return path, of the person before.
- The price: a message is in doubt as soon as it is written. A lost connection makes uncertain what was in flight,
  `window` messages instead of one. Three things are still known. A refusal that arrived stands. Replies come in order:
  where 421 was the last word before the server closed, nothing behind it was looked at (RFC 5321 section 3.8), and it
  is as if it had never been sent. And what never left this machine was not accepted: nothing is written while there
  are octets that the kernel has not taken, so when these are lost, they are the end of the last message.
"""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import Generic, TypeVar

from crm.mail.smtp_commands import hindrance, lines, mail_command, rcpt_command
from crm.mail.smtp_protocol import BLOCK, GO_ON, SHUTTING_DOWN, Attempt, Envelope, Phase, Reply, Trouble
from crm.mail.smtp_session import Session
from crm.mail.smtp_wire import WireBroken

Key = TypeVar("Key")

YES = (2, 2, 2, 2)  # to RSET, MAIL, RCPT and BDAT
NOT_RESET = "the server refused to start anew (RSET)"


class Window(Generic[Key]):
    """Sends `messages` over one session. Each that it takes is answered once, in order."""

    def __init__(
        self, session: Session, messages: Iterator[tuple[Key, Envelope]], on_dot: Callable[[Key], None]
    ) -> None:
        self._session = session
        self._wire = session.wire
        self._messages = messages
        self._on_dot = on_dot
        self._room = session.server.window
        # Taken and not answered. With an attempt where it was known without the server how it ends.
        self._flights: deque[tuple[Key, Attempt | None]] = deque()
        self._sound = True  # the connection is fit for further messages
        self._last: Reply | None = None  # the server's last word
        seconds = session.server.timeouts
        self._limits = (seconds.mail, seconds.mail, seconds.rcpt, seconds.dot)

    async def answer(self) -> tuple[Key, Attempt] | None:
        """How the next message ended; None when nothing is in flight and nothing more is taken.

        What `on_dot` or `messages` raises is passed on, with nothing of that message written; what is in flight can
        still be asked for.
        """
        if len(self._flights) <= self._room // 2:  # in half windows: fewer and larger writes
            while self._may_write() and self._write_block():
                pass
        if not self._flights:
            return None
        key, attempt = self._flights[0]
        if attempt is None:
            accepted = self._wire.expected(YES)
            attempt = Attempt(Phase.ACCEPTED, accepted[-1]) if accepted else await self._attempt()
        self._flights.popleft()
        return key, attempt

    def take_no_more(self) -> None:
        self._messages = iter(())

    def leave(self) -> None:
        """What is still in flight is in doubt, and its replies must not be taken for those of others.

        A server that has answered everything and takes no more octets is not worth waiting for either.
        """
        if self._flights or self._wire.clogged:
            self._wire.abort()
        elif not self._sound:
            self._wire.close()

    # -- out ----------------------------------------------------------------------------------------------------------

    def _write_block(self) -> bool:
        """Take what there is room for, a block at most, and write it at once. False when there was nothing to take.

        on_dot is called for each message of it, and nothing can happen between that and the write.
        """
        written: list[bytes] = []  # commands and content by turns: put together once, when all of them are there
        octets = 0
        try:
            # Nothing is awaited in here, so of all that `_may_write` looks at only the room can change.
            while octets < BLOCK and len(self._flights) < self._room:
                item = next(self._messages, None)
                if item is None:
                    return False
                key, message = item
                attempt = hindrance(message, self._session.extensions)
                if attempt is None:
                    content = lines(message)
                    commands = self._commands(message, len(content))
                    self._on_dot(key)
                    written += (commands, content)
                    octets += len(commands) + len(content)
                self._flights.append((key, attempt))
        finally:
            if written:
                self._session.sent += len(written) // 2
                self._wire.write(b"".join(written))
        return True

    def _may_write(self) -> bool:
        if not self._sound or self._wire.broken or self._wire.clogged or len(self._flights) >= self._room:
            return False
        return bool(self._flights) or self._wire.quiet  # else the server speaks unasked: it says goodbye

    def _commands(self, message: Envelope, size: int) -> bytes:
        mail, rcpt = mail_command(message, self._session.extensions), rcpt_command(message)
        return f"RSET\r\n{mail}{rcpt}BDAT {size} LAST\r\n".encode()

    # -- in -----------------------------------------------------------------------------------------------------------

    async def _attempt(self) -> Attempt:
        """Read the replies to the first flight's RSET, MAIL, RCPT and BDAT, and judge them."""
        replies: list[Reply] = []
        try:
            for seconds in self._limits:
                reply = await self._wire.reply(seconds)
                replies.append(reply)
                if reply.code == SHUTTING_DOWN:
                    self._sound = False
        except WireBroken as broken:
            return self._cut_short(replies, broken)
        self._last = replies[-1]
        attempt = judged(replies)
        if attempt.trouble is not Trouble.NONE:
            self._sound = False
        if attempt.trouble is Trouble.GARBLED:
            self._wire.abort(attempt.trouble, attempt.error)
        return attempt

    def _cut_short(self, replies: list[Reply], broken: WireBroken) -> Attempt:
        """How a message ended whose last reply did not come."""
        self._sound = False
        self._wire.abort()
        if replies:
            self._last = replies[-1]
        refused = refusal(replies)
        if refused is not None:
            return refused
        if self._last is not None and self._last.code == SHUTTING_DOWN and broken.trouble is Trouble.DROPPED:
            return Attempt(Phase.MAIL, self._last)
        never_left = self._wire.clogged and len(self._flights) == 1
        return Attempt(Phase.BODY if never_left else Phase.DOT, None, broken.text, broken.trouble)


def judged(replies: Sequence[Reply]) -> Attempt:
    """How a message ended, by the replies to its RSET, MAIL, RCPT and BDAT. Only four times yes is a yes.

    A server that asks for more where there is no more (3yz), or takes the content of a message that it refused, is not
    believed in anything: Trouble.GARBLED.
    """
    reset, *_, taken = replies
    digits = tuple(reply.digit for reply in replies)
    if digits == YES:
        return Attempt(Phase.ACCEPTED, taken)
    if taken.digit < 4 or GO_ON in digits:
        said = ", ".join(str(reply.code) for reply in replies)
        phase = Phase.MAIL if taken.digit >= 4 else Phase.DOT
        return Attempt(phase, None, f"replies that contradict each other: {said}", Trouble.GARBLED)
    if reset.code == SHUTTING_DOWN:
        return Attempt(Phase.MAIL, reset)
    if reset.digit != 2:
        return Attempt(Phase.MAIL, None, NOT_RESET, Trouble.DROPPED)
    return refusal(replies) or Attempt(Phase.DOT, taken)


def refusal(replies: Sequence[Reply]) -> Attempt | None:
    """The no to MAIL or RCPT, if there was one: without them no content can be accepted, whatever else was lost.

    It is not believed where RSET failed: then it may speak of the transaction before.
    """
    if not replies or replies[0].digit != 2:
        return None
    steps = zip((Phase.MAIL, Phase.RCPT), replies[1:3], strict=False)
    return next((Attempt(phase, reply) for phase, reply in steps if reply.digit >= 4), None)
