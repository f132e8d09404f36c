"""Runs Herald's processes as children of one command: prefixed logs, restarts, and an orderly stop.

All children share one process group, led by a guard: a shell that waits for the end of a pipe from this process. When
this process is killed, however hard, the pipe ends and the guard stops the whole group, grandchildren too.
"""

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from types import FrameType

STOP_SECONDS = 27.0  # everything is down within 30 s
LONGEST_PAUSE = 30.0  # seconds between two starts of a child that keeps crashing
STEADY_SECONDS = 60.0  # a child that ran this long did not crash at start: its next pause is short again
WANTED_EVERY = 10.0  # seconds between two questions whether an optional child is still wanted
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

# The guard ignores the group's TERM; its last line ends what would not stop by itself.
GUARD = "trap '' TERM INT HUP; read _; kill -TERM 0; sleep 20; kill -KILL 0"

Say = Callable[[str, str], None]  # name of a child, one line of its log


def _always() -> bool:
    return True


@dataclass(slots=True)
class Child:
    """One process that is kept running while it is wanted. Those with the lowest `stop_order` are stopped first."""

    name: str
    command: Sequence[str]
    stop_order: int = 0
    wanted: Callable[[], bool] = _always
    is_wanted: bool = False
    process: subprocess.Popen[str] | None = None
    forwarder: threading.Thread | None = None
    started_at: float = 0.0
    start_at: float = 0.0  # not before this moment of time.monotonic()
    pause: float = 0.5  # seconds before the last restart; doubles with every crash

    @property
    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def start(self, group: int, environment: Mapping[str, str], say: Say) -> None:
        self.started_at = time.monotonic()
        self.process = subprocess.Popen(
            self.command,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            process_group=group,
        )
        self.forwarder = threading.Thread(target=_forward, args=[self.name, self.process, say], daemon=True)
        self.forwarder.start()

    def take_crash(self, code: int) -> str:
        """Forget the process that ended and set the time of the next start; what there is to say about it."""
        self.process = None
        now = time.monotonic()
        self.pause = 1.0 if now - self.started_at >= STEADY_SECONDS else min(self.pause * 2, LONGEST_PAUSE)
        self.start_at = now + self.pause
        return f"{describe_exit(code)}; starting it again in {self.pause:.0f} s"

    def terminate(self) -> None:
        if self.process is not None:
            self.process.terminate()


@dataclass(slots=True)
class Supervisor:
    """Keeps `children` running until SIGINT, SIGTERM or SIGHUP, or until `stopping` is set."""

    children: Sequence[Child]
    environment: Mapping[str, str]
    say: Say
    stopping: threading.Event = field(default_factory=threading.Event)
    asked_at: float = float("-inf")

    def run(self, meanwhile: Callable[[], None]) -> int:
        """The exit code: 0 after an orderly stop, 1 when the guard was lost.

        `meanwhile` runs beside in a thread of its own, for instance to wait until the children answer.
        """
        with self._signals(), _guard() as guard:
            threading.Thread(target=meanwhile, daemon=True).start()
            while not self.stopping.wait(0.1) and guard.poll() is None:
                self._look_after(guard.pid)
            guard_lost = guard.poll() is not None
            self._stop()
        for child in self.children:
            if child.forwarder is not None:
                child.forwarder.join(1)
        self.say("herald", "stopped")
        return int(guard_lost)

    @contextmanager
    def _signals(self) -> Iterator[None]:
        def stop(_signal: int, _frame: FrameType | None) -> None:
            self.stopping.set()

        before = {number: signal.signal(number, stop) for number in SIGNALS}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _look_after(self, group: int) -> None:
        now = time.monotonic()
        if now - self.asked_at >= WANTED_EVERY:
            self.asked_at = now
            for child in self.children:
                child.is_wanted = child.wanted()
        for child in self.children:
            if child.is_running:
                if not child.is_wanted:
                    child.terminate()
            elif not child.is_wanted:
                child.process = None
            elif child.process is not None:
                self.say(child.name, child.take_crash(child.process.returncode))
            elif child.start_at <= now:
                child.start(group, self.environment, self.say)

    def _stop(self) -> None:
        """Stop the children order by order; each order gets what is left of the time."""
        self.stopping.set()
        self.say("herald", "stopping")
        deadline = time.monotonic() + STOP_SECONDS
        for order in sorted({child.stop_order for child in self.children}):
            these = [child for child in self.children if child.stop_order == order]
            for child in these:
                child.terminate()
            while any(child.is_running for child in these) and time.monotonic() < deadline:
                time.sleep(0.05)
        for child in self.children:
            if child.is_running:
                self.say(child.name, "did not stop in time, killing it")


@contextmanager
def _guard() -> Iterator[subprocess.Popen[str]]:
    """The leader of the children's process group. At the end the whole group is killed: nothing may be left of it."""
    guard = subprocess.Popen(["/bin/sh", "-c", GUARD], stdin=subprocess.PIPE, text=True, process_group=0)
    try:
        yield guard
    finally:
        with suppress(ProcessLookupError):
            os.killpg(guard.pid, signal.SIGKILL)
        guard.wait()


def _forward(name: str, process: subprocess.Popen[str], say: Say) -> None:
    for line in process.stdout or ():
        say(name, line.rstrip())


def describe_exit(code: int) -> str:
    """`ended with code 3` or `ended by SIGKILL`."""
    return f"ended by {signal.Signals(-code).name}" if code < 0 else f"ended with code {code}"
