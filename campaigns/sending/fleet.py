"""Several connections of one account, SMTP or a provider's API, kept busy from one queue.

The connections are served by an event loop in a thread of its own, so that they go on sending while the caller's thread
asks the database for the next people and writes what became of the last ones. The caller's thread is the only one that
touches the database: nothing that runs in the loop (`make`, `on_dot`, `on_end`) may.
"""

import asyncio
import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Container, Iterable, Iterator
from contextlib import aclosing
from dataclasses import dataclass
from typing import cast

import uvloop

from campaigns.sending.busy import Busy
from campaigns.sending.errors import MessageError, described
from campaigns.sending.hand import Hand
from crm.mail.outlets import AnyConnection, AnyServer, open_connection
from crm.mail.smtp import Attempt, ConnectionFailed, Envelope, Phase, Trouble
from crm.mail.verdict import AccountOutcome, verdict

logger = logging.getLogger(__name__)

Make = Callable[[], Envelope]
MOST_FAILURES = 3  # in a row, per connection, before it gives up


@dataclass(slots=True)
class Ended:
    """How one item ended: with an attempt, or with the reason why its message could not be made. `beside`: what ended
    the connection was said to somebody else."""

    item: int
    attempt: Attempt | None
    unmakeable: str = ""
    beside: bool = False


class Fleet:
    """`feed` it, `run` it, `close` it.

    `trouble` says why no connection is left, None while there is one; it is `stopped` where it came to light elsewhere,
    and no server said it. `error` is what `on_dot` or `on_end` raised: it
    ends the fleet. `lost` are the items that were in hand when a connection was ended by us: whether their dot was
    written only the journal tells.
    """

    def __init__(
        self,
        server: AnyServer,
        connections: int,
        on_dot: Callable[[int], None],
        on_end: Callable[[int, Attempt], None],
        per_second: int | None = None,
        busy: Busy | None = None,
    ) -> None:
        self._server = server
        self._busy = busy or Busy()
        self._on_dot = on_dot
        self._on_end = on_end
        self._pace = 1 / per_second if per_second else 0.0
        self._next_start = 0.0
        # Deques are what the two threads share: their ends may be taken from and added to at the same time.
        self._queue: deque[tuple[int, Make]] = deque()
        self._ended: deque[Ended] = deque()
        self._news = threading.Event()  # for the caller: something ended for good, or more work is wanted
        self._fed = 0  # counted by the caller's thread
        self._dropped = 0  # too
        self._answered = 0  # counted by the loop's thread
        self._closing = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._work = asyncio.Event()  # for connections without work
        self._changed = asyncio.Event()  # for `_manage`
        self._wanted = self._allowed = max(1, connections)
        self._live = 0  # connections that are open
        self._has_taken = False  # the server took a message since somebody's was not taken
        self._unseen = False  # a message could not be made, and the caller has not looked yet
        self._tasks: set[asyncio.Task[None]] = set()
        self._leaving: set[asyncio.Task[None]] = set()
        self.low_water = self._wanted  # when fewer than this wait, the caller is woken
        self._trouble: tuple[AnyServer, Attempt] | None = None
        self.stopped: Attempt | None = None
        self.error: Exception | None = None
        self.lost: set[int] = set()

    # -- from outside ------------------------------------------------------------------------------------------------

    @property
    def waiting(self) -> int:
        """Items that no connection has taken yet."""
        return len(self._queue)

    @property
    def idle(self) -> bool:
        """Everything that was fed has ended, was dropped, or is lost."""
        return self._answered + self._dropped >= self._fed

    def feed(self, item: int, make: Make) -> None:
        """`make` is called when a connection is ready for the message. What it raises fails this item alone."""
        self.feed_all([(item, make)])

    def feed_all(self, work: Iterable[tuple[int, Make]]) -> None:
        work = list(work)
        self._fed += len(work)
        self._queue.extend(work)
        self._tell(self._wake)

    @property
    def connections(self) -> int:
        """How many are open, or about to be."""
        return len(self._tasks)

    def allow(self, connections: int) -> None:
        """From now on at most so many; with none everybody waits. Those that are too many leave after their message."""
        if connections != self._allowed:
            self._allowed = connections
            self._tell(self._wake)

    @property
    def trouble(self) -> Attempt | None:
        """A no to a token that was replaced meanwhile is none: it may come late, from another connection."""
        server, attempt = self._trouble or (None, None)
        return self.stopped or (attempt if server == self._server else None)

    @property
    def server(self) -> AnyServer:
        """What connections are opened with."""
        return self._server

    def use(self, server: AnyServer) -> None:
        """Later connections are opened with it: the same server, with a new token."""
        self._server = server
        self._tell(self._wake)

    def stop(self, attempt: Attempt) -> None:
        """Trouble of the account that came to light elsewhere: nothing more is begun."""
        self.stopped = attempt
        self._tell(self._wake)

    def run(self, seconds: float) -> list[Ended]:
        """Wait for at most `seconds`, less when the queue is nearly empty. Answers what ended since the last call."""
        if not self.idle:
            self._start()
            if self._unseen:
                self._tell(self._wake)  # the caller saw what could not be made, and goes on
            self._news.wait(seconds)
        self._news.clear()
        return self._take()

    def drop_waiting(self, which: Container[int] | None = None) -> list[int]:
        """Do not begin with these items, or with any. What is in hand is finished; the answered were never touched."""
        dropped = []
        kept: list[tuple[int, Make]] = []
        while (work := self._pop()) is not None:
            if which is None or work[0] in which:
                dropped.append(work[0])
            else:
                kept.append(work)
        self._dropped += len(dropped)
        self._queue.extend(kept)
        self._tell(self._wake)
        return dropped

    def close(self, patience: float | None = None) -> list[Ended]:
        """Finish what is in hand, for at most `patience` seconds, say QUIT, and answer what ended."""
        self.drop_waiting()
        self._closing = True
        if self._thread is not None:
            self._tell(self._wake)
            self._thread.join(patience)
            if self._thread.is_alive():
                self._tell(self._cancel)
                self._thread.join()
        return self._take()

    def _pop(self) -> tuple[int, Make] | None:
        """The next that waits. Either thread may take the last one from under the other's eyes."""
        try:
            return self._queue.popleft()
        except IndexError:
            return None

    def _take(self) -> list[Ended]:
        ended = []
        while self._ended:
            ended.append(self._ended.popleft())
        return ended

    def _start(self) -> None:
        if self._thread is None:
            self._loop = uvloop.new_event_loop()
            self._thread = threading.Thread(target=self._run, args=[self._loop], name="fleet", daemon=True)
            self._thread.start()

    def _tell(self, act: Callable[[], None]) -> None:
        """Have the loop's thread do something, if it is there."""
        if self._loop is not None and self._thread is not None and self._thread.is_alive():
            try:
                self._loop.call_soon_threadsafe(act)
            except RuntimeError:  # the loop was closed this very moment: nobody is left to be told
                logger.debug("the fleet has ended")

    # -- in the loop's thread ----------------------------------------------------------------------------------------

    def _run(self, loop: asyncio.AbstractEventLoop) -> None:
        try:
            loop.run_until_complete(self._manage())
            loop.run_until_complete(loop.shutdown_default_executor())
        except Exception as error:
            logger.exception("The fleet was ended")
            self.error = self.error or error
        finally:
            loop.close()
            self._news.set()

    async def _manage(self) -> None:
        """Open connections as there is work for them, until the fleet is closed."""
        while True:
            self._launch()
            if self._closing and not self._tasks:
                return
            await self._changed.wait()
            self._changed.clear()

    def _wake(self) -> None:
        self._unseen = False
        self._work.set()
        self._changed.set()

    def _cancel(self) -> None:
        for task in self._tasks:
            task.cancel()

    def _launch(self) -> None:
        """One connection first: a server that refuses it is not asked twenty times at once."""
        if self.trouble is not None or self.error is not None or not self._queue:
            return
        most = min(self._wanted if self._live else 1, self._allowed)
        wanted = min(most, self._fed - self._dropped - self._answered)
        while len(self._tasks) - len(self._leaving) < wanted:
            task = asyncio.ensure_future(self._guarded())
            self._tasks.add(task)
            task.add_done_callback(self._gone)

    def _gone(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._leaving.discard(task)
        self._changed.set()
        self._news.set()

    async def _guarded(self) -> None:
        """An error of ours ends the fleet and is kept for the caller: what else is in hand still comes to its end."""
        try:
            await self._serve()
        except Exception as error:
            logger.exception("A connection of the fleet was ended")
            self.error = self.error or error
            while self._pop() is not None:
                self._answered += 1

    async def _serve(self) -> None:
        """One connection after the other until there is no more work; gives up after failures in a row."""
        failures = 0
        while self._goes_on() and failures < MOST_FAILURES:
            if not self._queue:
                await self._more_work()
                continue
            server = self._server
            try:
                connection = await open_connection(server)
            except ConnectionFailed as failed:
                failures = self._failed(server, failed.attempt, failures)
                continue
            self._live += 1
            self._changed.set()  # it answers: the others may be opened
            try:
                blamed, progress = await self._send_over(connection)
            finally:
                self._live -= 1
            failures = 0 if progress else failures
            if blamed is not None and not self._busy.excuses(blamed):
                failures = self._failed(server, blamed, failures)

    def _goes_on(self) -> bool:
        """Whether the task that asks may open a connection, now or when there is more work."""
        return self.trouble is None and self.error is None and self._has_work()

    def _has_work(self) -> bool:
        return not self._is_surplus() and (bool(self._queue) or not self._closing)

    def _is_surplus(self) -> bool:
        """Whether the connection that asks is one too many. Who hears yes, leaves."""
        if len(self._tasks) <= self._allowed and not self._leaving:
            return False
        task = cast("asyncio.Task[None]", asyncio.current_task())
        if len(self._tasks) - len(self._leaving) > self._allowed:
            self._leaving.add(task)
        return task in self._leaving

    async def _more_work(self) -> None:
        self._work.clear()
        self._news.set()
        if not self._closing:  # else nobody would set it any more
            await self._work.wait()

    def _failed(self, server: AnyServer, attempt: Attempt, failures: int) -> int:
        """Count one failure in a row. The last connection that gives up, or a final no, is trouble of the account."""
        failures += 1
        hopeless = failures >= MOST_FAILURES or attempt.phase in (Phase.CONNECT, Phase.GREETING)
        if verdict(attempt).account is AccountOutcome.PAUSE or (hopeless and not self._live):
            self._trouble = (server, attempt)
            self._wake()
        elif hopeless:
            self._wanted = max(1, self._wanted - 1)  # the server takes fewer connections than we would like
            return MOST_FAILURES
        return failures

    async def _send_over(self, connection: AnyConnection) -> tuple[Attempt | None, bool]:
        """Send over one connection until it or the work ends.

        Answers the attempt that ended it too early, if one did, and whether any message was settled on it.
        """
        hand = Hand()
        try:
            while hand.blamed is None and connection.alive and self._has_work():
                async with aclosing(connection.stream(self._messages(hand), self._on_dot)) as answers:
                    async for item, attempt in answers:
                        hand.items.discard(item)
                        if attempt.phase is Phase.ACCEPTED:
                            hand.progress = self._has_taken = True
                            self._settle(item, attempt)
                        else:
                            attempt = self._busy.judged(item, attempt, self._has_taken)
                            self._has_taken = False
                            hand.refused(attempt)
                            self._settle(item, attempt, hand.is_beside(attempt))
                await self._keep_pace()
                if hand.blamed is None and (self._unseen or not self._queue):
                    await self._more_work()
        finally:
            self.lost |= hand.items
            self._answered += len(hand.items)
            await connection.close()
        if hand.blamed is None and not connection.sent and self._queue:
            told = "the server ended the connection before any message"
            hand.blamed = Attempt(Phase.MAIL, None, told, Trouble.DROPPED)
        return hand.blamed, hand.progress

    def _messages(self, hand: Hand) -> Iterator[tuple[int, Envelope]]:
        while self._queue and hand.blamed is None and not self._is_surplus():
            if self._pace and time.monotonic() < self._next_start:
                return
            if (work := self._pop()) is None:
                return
            item, make = work
            if len(self._queue) < self.low_water and not self._news.is_set():
                self._news.set()
            envelope = self._made(item, make)
            if envelope is None:
                self._unseen = True  # the caller looks at each of them: when they are many, it stops
                return
            hand.items.add(item)
            self._next_start = time.monotonic() + self._pace if self._pace else 0.0
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
        self._answered += 1
        return None

    async def _keep_pace(self) -> None:
        await asyncio.sleep(max(0.0, self._next_start - time.monotonic()) if self._pace else 0)

    def _settle(self, item: int, attempt: Attempt, beside: bool = False) -> None:
        try:
            self._on_end(item, attempt)
        finally:  # the journal may be full: this is known all the same
            # Last, because the caller's thread is done with the item as soon as it sees it here.
            self._ended.append(Ended(item, attempt, "", beside))
            self._answered += 1
            if self.idle:
                self._news.set()
