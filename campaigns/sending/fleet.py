"""Several SMTP connections of one account, kept busy from one queue.

Synchronous outside, asyncio inside: `run(seconds)` lets the connections work and hands back what ended. The database is
used between the calls, never inside, so the event loop never waits for it in mid-message.
"""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import aclosing
from dataclasses import dataclass

from campaigns.sending.errors import MessageError, described
from crm.mail.smtp import Attempt, Connection, ConnectionFailed, Envelope, Phase, Server, Trouble
from crm.mail.verdict import AccountOutcome, verdict

logger = logging.getLogger(__name__)

Make = Callable[[], Envelope]
MOST_FAILURES = 3  # in a row, per connection, before it gives up


@dataclass(frozen=True, slots=True)
class Ended:
    """How one item ended: with an attempt, or with the reason why its message could not be made."""

    item: int
    attempt: Attempt | None
    unmakeable: str = ""


class Fleet:
    """`feed` it, `run` it, `close` it.

    `trouble` says why no connection is left, None while there is one. `error` is what `on_dot` or `on_end` raised: it
    ends the fleet. `lost` are the items that were in hand when a connection was ended by us: whether their dot was
    written only the journal tells.
    """

    def __init__(
        self,
        server: Server,
        connections: int,
        on_dot: Callable[[int], None],
        on_end: Callable[[int, Attempt], None],
        per_second: int | None = None,
    ) -> None:
        self._server = server
        self._on_dot = on_dot
        self._on_end = on_end
        self._pace = 1 / per_second if per_second else 0.0
        self._next_start = 0.0
        self._queue: deque[tuple[int, Make]] = deque()
        self._ended: list[Ended] = []
        self._in_hand = 0
        self._closing = False
        self._loop = asyncio.new_event_loop()
        self._work = asyncio.Event()
        self._hungry = asyncio.Event()
        self._wanted = max(1, connections)
        self._live = 0  # connections that are open
        self._tasks: set[asyncio.Task[None]] = set()
        self.trouble: Attempt | None = None
        self.error: Exception | None = None
        self.lost: set[int] = set()

    # -- from outside ------------------------------------------------------------------------------------------------

    @property
    def waiting(self) -> int:
        """Items that no connection has taken yet."""
        return len(self._queue)

    @property
    def idle(self) -> bool:
        return not self._queue and not self._in_hand

    def feed(self, item: int, make: Make) -> None:
        """`make` is called when a connection is ready for the message. What it raises fails this item alone."""
        self._queue.append((item, make))

    def run(self, seconds: float) -> list[Ended]:
        """Work for at most `seconds`, less when the queue is nearly empty. Answers what ended since the last call."""
        self._loop.run_until_complete(self._turn(seconds))
        ended, self._ended = self._ended, []
        return ended

    def drop_waiting(self) -> None:
        """Take nothing more: what is in hand is finished, the rest was never touched."""
        self._queue.clear()

    def close(self, patience: float | None = None) -> list[Ended]:
        """Finish what is in hand, for at most `patience` seconds, say QUIT, and answer what ended."""
        self._queue.clear()
        self._closing = True
        try:
            self._loop.run_until_complete(self._wind_up(patience))
        finally:
            self._loop.close()
        ended, self._ended = self._ended, []
        return ended

    # -- inside the loop ---------------------------------------------------------------------------------------------

    async def _turn(self, seconds: float) -> None:
        self._hungry.clear()
        if self._queue:  # else whoever wakes goes hungry at once, and the caller would turn without end
            self._work.set()
        self._launch()
        if self.idle or not self._tasks:
            return
        hungry = self._loop.create_task(self._hungry.wait())
        await asyncio.wait({hungry, *self._tasks}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        hungry.cancel()
        self._reap()

    async def _wind_up(self, patience: float | None) -> None:
        self._work.set()
        if self._tasks:
            _done, late = await asyncio.wait(self._tasks, timeout=patience)
            for task in late:
                task.cancel()
            await asyncio.wait(self._tasks)
        self._reap()

    def _launch(self) -> None:
        """One connection first: a server that refuses it is not asked twenty times at once."""
        if self.trouble is not None or self.error is not None or not self._queue:
            return
        wanted = min(self._wanted if self._live else 1, len(self._queue) + self._in_hand)
        while len(self._tasks) < wanted:
            self._tasks.add(self._loop.create_task(self._guarded()))

    def _reap(self) -> None:
        for task in [task for task in self._tasks if task.done()]:
            self._tasks.discard(task)
            if not task.cancelled():
                task.result()

    async def _guarded(self) -> None:
        """An error of ours ends the fleet and is kept for the caller: what else is in hand still comes to its end."""
        try:
            await self._serve()
        except Exception as error:
            logger.exception("A connection of the fleet was ended")
            self.error = self.error or error
            self._queue.clear()

    async def _serve(self) -> None:
        """One connection after the other until there is no more work; gives up after failures in a row."""
        failures = 0
        while (self._queue or not self._closing) and failures < MOST_FAILURES and not (self.trouble or self.error):
            if not self._queue:
                await self._more_work()
                continue
            try:
                connection = await Connection.open(self._server)
            except ConnectionFailed as failed:
                failures = self._failed(failed.attempt, failures)
                continue
            self._live += 1
            try:
                blamed, progress = await self._send_over(connection)
            finally:
                self._live -= 1
            failures = 0 if progress else failures
            if blamed is not None:
                failures = self._failed(blamed, failures)

    async def _more_work(self) -> None:
        self._work.clear()
        self._hungry.set()
        await self._work.wait()

    def _failed(self, attempt: Attempt, failures: int) -> int:
        """Count one failure in a row. The last connection that gives up, or a final no, is trouble of the account."""
        failures += 1
        hopeless = failures >= MOST_FAILURES or attempt.phase in (Phase.CONNECT, Phase.GREETING)
        if verdict(attempt).account is AccountOutcome.PAUSE or (hopeless and not self._live):
            self.trouble = attempt
        elif hopeless:
            self._wanted = max(1, self._wanted - 1)  # the server takes fewer connections than we would like
            return MOST_FAILURES
        return failures

    async def _send_over(self, connection: Connection) -> tuple[Attempt | None, bool]:
        """Send over one connection until it or the work ends.

        Answers the attempt that was the account's fault, if one was, and whether any message was settled before it.
        """
        blamed, progress = None, False
        hand: set[int] = set()
        try:
            while blamed is None and connection.alive and not (self._closing and not self._queue):
                async with aclosing(connection.stream(self._messages(hand), self._on_dot)) as answers:
                    async for item, attempt in answers:
                        hand.discard(item)
                        self._settle(item, attempt)
                        if verdict(attempt).account is AccountOutcome.NONE:
                            progress = True
                        else:
                            blamed = attempt
                await self._keep_pace()
                if not self._queue and not self._closing and blamed is None:
                    await self._more_work()
        finally:
            self.lost |= hand
            self._in_hand -= len(hand)
            await connection.close()
        if blamed is None and not connection.sent and self._queue:
            blamed = Attempt(Phase.MAIL, None, "the server ended the connection before any message", Trouble.DROPPED)
        return blamed, progress

    def _messages(self, hand: set[int]) -> Iterator[tuple[int, Envelope]]:
        while self._queue:
            if self._pace and time.monotonic() < self._next_start:
                return
            item, make = self._queue.popleft()
            if len(self._queue) < self._wanted:
                self._hungry.set()
            envelope = self._made(item, make)
            if envelope is None:
                self._hungry.set()  # the caller looks at each of them: when they are many, it stops
                return
            hand.add(item)
            self._in_hand += 1
            self._next_start = time.monotonic() + self._pace
            yield item, envelope

    def _made(self, item: int, make: Make) -> Envelope | None:
        """None when this one message cannot be made. Whatever one person's data may do, the others get their mail."""
        try:
            return make()
        except MessageError as error:
            why = str(error)
        except Exception as error:
            logger.exception("The message of item %s cannot be made", item)
            why = described(error)
        self._ended.append(Ended(item, None, why))
        return None

    async def _keep_pace(self) -> None:
        await asyncio.sleep(max(0.0, self._next_start - time.monotonic()) if self._pace else 0)

    def _settle(self, item: int, attempt: Attempt) -> None:
        self._in_hand -= 1
        self._ended.append(Ended(item, attempt))  # before the journal, which may be full: this is known
        self._on_end(item, attempt)
