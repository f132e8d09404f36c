"""One TCP connection as a sequence of replies, with a limit on every wait.

Not a StreamReader: at tens of thousands of messages per second the time goes into wake-ups and timers. Here the octets
are parsed in the callback that brings them, a task wakes once per group of replies that arrived together, and one lazy
timer per connection stands in for a timer per wait.
"""

import asyncio
import os
import socket
import ssl
from collections import deque
from collections.abc import Sequence
from typing import cast

from crm.mail.smtp_protocol import Reply, Trouble
from crm.mail.smtp_replies import GarbledReply, ReplyParser

UNREAD_LIMIT = 256  # replies nobody asked for; a window of 32 messages asks for 128
LAST_WORDS = 4096  # octets: more than any reply a server says goodbye with
UNSENT = {"high": 1, "low": 0}  # octets: `clogged` means that not everything has left; TLS would take 0 for always
TLS_GOODBYE = 1.0  # seconds that a closed connection may wait for the peer's close_notify


class WireBroken(Exception):
    """The connection is of no use any more: dropped, silent for too long, or not speaking SMTP."""

    def __init__(self, trouble: Trouble, text: str) -> None:
        super().__init__(text)
        self.trouble = trouble
        self.text = text


class Wire(asyncio.Protocol):
    """Replies come out one by one, in order. One task uses it at a time."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport
        self._parser = ReplyParser()
        self._replies: deque[Reply] = deque()
        self._broken: tuple[Trouble, str] | None = None
        self._waiter: asyncio.Future[None] | None = None
        self._patience = 0.0  # seconds allowed for the wait that is on
        self._deadline = 0.0  # when they are over, in the loop's time
        self._watch: asyncio.TimerHandle | None = None
        self._clogged = False
        self._heard = self._loop.time()

    @property
    def broken(self) -> bool:
        return self._broken is not None

    @property
    def quiet(self) -> bool:
        """No reply, nor part of one, is waiting to be read."""
        return not self._replies and not self._parser.unfinished

    @property
    def clogged(self) -> bool:
        """Octets that were written have not left; when the connection is lost, they never did."""
        return self._clogged

    @property
    def silent_for(self) -> float:
        """Seconds since the server was heard."""
        return self._loop.time() - self._heard

    @property
    def peer(self) -> str:
        """The IP address at the other end, "" if it was lost too early to know."""
        return str((self._transport.get_extra_info("peername") or [""])[0])

    def check(self) -> None:
        """Raises WireBroken if the connection is known to be gone."""
        if self._broken is not None:
            raise WireBroken(*self._broken)

    def write(self, octets: bytes) -> None:
        """Hand octets to the transport. Raises WireBroken if it is known to be gone, with nothing written."""
        self.check()
        self._transport.write(octets)

    def expected(self, digits: Sequence[int]) -> list[Reply] | None:
        """The next replies, if they have arrived and have these first digits; else None, and none is taken."""
        waiting = self._replies
        if len(waiting) < len(digits):
            return None
        for reply, digit in zip(waiting, digits, strict=False):
            if reply.code // 100 != digit:
                return None
        return [waiting.popleft() for _ in digits]

    async def reply(self, seconds: float) -> Reply:
        """The next reply. What arrived before the connection broke is still given. Raises WireBroken."""
        if not self._replies:
            self._allow(seconds)
            while not self._replies:
                await self._woken()
        return self._replies.popleft()

    async def drain(self, seconds: float) -> None:
        """Wait until the transport takes more, or the server has something to say. Raises WireBroken."""
        await asyncio.sleep(0)  # a transport that is never full would keep the loop from noticing a lost connection
        self._allow(seconds)
        while self._clogged and not self._replies:
            await self._woken()

    async def start_tls(self, context: ssl.SSLContext, host: str, seconds: float) -> None:
        """Everything after this is inside TLS and from the verified `host`. Raises WireBroken."""
        if not self.quiet:
            # Plain text that waits behind the STARTTLS reply would be read as if it had come through TLS.
            raise WireBroken(Trouble.TLS, "the server spoke where TLS had to start")
        try:
            transport = await self._loop.start_tls(
                self._transport,
                self,
                context,
                server_hostname=host,
                ssl_handshake_timeout=seconds,
                ssl_shutdown_timeout=TLS_GOODBYE,
            )
        except (OSError, ValueError) as error:  # ssl.SSLError is an OSError; a host name may be no host name at all
            raise WireBroken(Trouble.TLS, f"TLS failed: {_described(error)}") from error
        if transport is None:
            raise WireBroken(Trouble.TLS, "TLS failed: the connection was closed")
        self._transport = transport
        self._transport.set_write_buffer_limits(**UNSENT)

    def close(self) -> None:
        """Close after what is written has left."""
        self._break(Trouble.DROPPED, "the connection is closed")
        self._transport.close()

    def abort(self, trouble: Trouble = Trouble.DROPPED, text: str = "the connection is closed") -> None:
        """Close now, whatever is still unsent or unread: the way to take back content whose end is not written."""
        self._break(trouble, text)
        self._replies.clear()
        self._transport.abort()

    # -- called by the event loop -----------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._transport.set_write_buffer_limits(**UNSENT)

    def data_received(self, data: bytes) -> None:
        self._heard = self._loop.time()
        try:
            self._replies.extend(self._parser.feed(data))
        except GarbledReply as error:
            self._break(Trouble.GARBLED, str(error))
        if len(self._replies) > UNREAD_LIMIT:
            self._break(Trouble.GARBLED, "more replies than commands")
        self._wake()

    def connection_lost(self, exc: Exception | None) -> None:
        if exc is not None:
            self._hear_last_words()
        reason = f"connection lost: {_described(exc)}" if exc else "the server closed the connection"
        self._break(Trouble.DROPPED, reason)

    def pause_writing(self) -> None:
        self._clogged = True

    def resume_writing(self) -> None:
        self._clogged = False
        self._wake()

    def _hear_last_words(self) -> None:
        """Read what the server said before it hung up on us.

        A server that refuses in the middle of the content says why and closes. When our next write meets the reset
        first, asyncio drops the connection with that reply unread in the socket, and a clear 552 would look like a
        lost connection. What is still there inside TLS cannot be had: the transport keeps the key.
        """
        sock = self._transport.get_extra_info("socket")
        if sock is None or self._transport.get_extra_info("ssl_object") is not None or self._broken is not None:
            return
        try:
            octets = os.read(sock.fileno(), LAST_WORDS)
        except OSError:
            return  # nothing was said: the loss itself is the news
        self.data_received(octets)

    # -- waiting ----------------------------------------------------------------------------------------------------

    def _allow(self, seconds: float) -> None:
        """The limit holds for the whole wait: a server that dribbles octets gets no more time by it."""
        self._patience = seconds
        self._deadline = self._loop.time() + seconds

    async def _woken(self) -> None:
        self.check()
        if self._watch is None or self._watch.when() > self._deadline:
            self._watch_over()
        self._waiter = self._loop.create_future()
        try:
            await self._waiter
        finally:
            self._waiter = None

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def _watch_over(self) -> None:
        """See to it that somebody looks at the deadline; an earlier look that finds time left looks again."""
        if self._watch is not None and self._watch.when() > self._deadline:
            self._watch.cancel()
            self._watch = None
        if self._watch is None:
            self._watch = self._loop.call_at(self._deadline, self._look)

    def _look(self) -> None:
        self._watch = None
        if self._waiter is None or self._broken is not None:
            return
        if self._loop.time() < self._deadline:
            self._watch_over()
            return
        self._break(Trouble.TIMEOUT, f"no answer within {self._patience:g} s")
        self._transport.abort()

    def _break(self, trouble: Trouble, text: str) -> None:
        """The first reason stays: what follows it is only its echo."""
        if self._broken is None:
            self._broken = (trouble, text)
        if self._watch is not None:
            self._watch.cancel()
            self._watch = None
        self._wake()


async def dial(host: str, port: int, seconds: float) -> Wire:
    """A TCP connection to the first address of `host` that answers. Raises WireBroken."""
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(seconds):
            found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            return await _first_to_answer([str(address[0]) for *_, address in found], port, seconds / len(found))
    except TimeoutError as error:
        raise WireBroken(Trouble.TIMEOUT, f"no connection within {seconds:g} s") from error
    except (socket.gaierror, UnicodeError) as error:
        raise WireBroken(Trouble.DNS, f"{host} was not found: {_described(error)}") from error


async def _first_to_answer(addresses: list[str], port: int, seconds: float) -> Wire:
    """Each address gets its share of the time, so that one black hole cannot eat that of its neighbours."""
    trouble = WireBroken(Trouble.DNS, "no address")
    for address in addresses:
        try:
            async with asyncio.timeout(seconds):
                _, wire = await asyncio.get_running_loop().create_connection(Wire, address, port)
            return wire
        except TimeoutError:
            trouble = WireBroken(Trouble.TIMEOUT, f"{address} did not answer within {seconds:g} s")
        except OSError as error:
            trouble = WireBroken(Trouble.CONNECT, f"{address}: {_described(error)}")
    raise trouble


def _described(error: Exception) -> str:
    return str(error) or type(error).__name__
