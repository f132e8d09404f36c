"""A Herald that really runs: `manage.py up` on free ports with its data in a folder of its own."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from scripts.servers import die_with_parent, free_port

ROOT = Path(__file__).resolve().parents[1]
PASSWORD = "correct horse battery staple"
START_SECONDS = 300.0
# What would lead a started Herald to another database or another port.
FOREIGN = {"DATABASE_URL", "REDIS_URL", "SITE_URL", "HOST", "PORT", "SECRET_KEY", "DEBUG", "LOG_LEVEL"}


@dataclass
class Stack:
    """Where a running Herald is, how to sign in, and what its sandbox mail server has taken."""

    data: Path
    environment: dict[str, str]
    url: str
    sandbox_port: int
    username: str = "admin"
    password: str = PASSWORD
    process: subprocess.Popen[str] | None = None
    log: list[str] = field(default_factory=list)
    ready: threading.Event = field(default_factory=threading.Event)

    def start(self, *options: str) -> None:
        """Raises AssertionError with the log when Herald is not ready in time."""
        self.ready.clear()
        self.process = subprocess.Popen(
            [sys.executable, "manage.py", "up", *options],
            cwd=ROOT,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            preexec_fn=die_with_parent,
        )
        threading.Thread(target=self._read, args=[self.process], daemon=True).start()
        deadline = time.monotonic() + START_SECONDS
        while not self.ready.wait(0.1):
            assert self.process.poll() is None and time.monotonic() < deadline, "\n".join(self.log)

    def stop(self, number: int = signal.SIGTERM, seconds: float = 35) -> int:
        """The exit code of `manage.py up`; killed when it takes longer than it may."""
        assert self.process is not None
        self.process.send_signal(number)
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise

    def manage(self, *arguments: str) -> str:
        """The output of a management command that runs beside the stack."""
        command = [sys.executable, "manage.py", *arguments]
        return subprocess.run(
            command, cwd=ROOT, env=self.environment, check=True, stdout=subprocess.PIPE, text=True
        ).stdout

    def shell(self, code: str) -> str:
        return self.manage("shell", "--verbosity", "0", "--command", code)

    def messages(self, recipient: str = "") -> list[EmailMessage]:
        """What the sandbox has accepted, oldest first; for one envelope recipient when given."""
        folder = self.data / "sandbox" / "messages" / "new"
        files = sorted(folder.iterdir()) if folder.exists() else []
        found = [message_from_bytes(path.read_bytes(), policy=policy.default) for path in files]
        return [message for message in found if recipient in {"", *message.get_all("Delivered-To", [])}]

    def wait_for_message(self, recipient: str, count: int = 1, seconds: float = 60) -> EmailMessage:
        """The newest message to `recipient` as soon as there are `count` of them."""
        deadline = time.monotonic() + seconds
        while len(found := self.messages(recipient)) < count:
            assert time.monotonic() < deadline, f"{len(found)} messages to {recipient}\n" + "\n".join(self.log[-40:])
            time.sleep(0.2)
        return found[-1]

    @staticmethod
    def wait_for(has_happened: Callable[[], bool], seconds: float = 60) -> None:
        """Until it has; raises AssertionError when it has not in time."""
        deadline = time.monotonic() + seconds
        while not has_happened():
            assert time.monotonic() < deadline
            time.sleep(0.1)

    def _read(self, process: subprocess.Popen[str]) -> None:
        for line in process.stdout or ():
            self.log.append(line.rstrip())
            if "Stop it with Ctrl-C" in line:
                self.ready.set()


def make_stack(folder: Path, **environment: str) -> Stack:
    """A Herald that is not started yet, on free ports. `environment` may name DATABASE_URL and REDIS_URL."""
    port, sandbox_port = free_port(), free_port()
    own = {
        "HERALD_DATA_DIR": str(folder),
        "HERALD_ADMIN_PASSWORD": PASSWORD,
        "HERALD_ALLOW_PRIVATE_ADDRESSES": "1",  # a test's provider is on this machine
        "HERALD_SANDBOX_PORT": str(sandbox_port),
        "PORT": str(port),
    }
    inherited = {name: value for name, value in os.environ.items() if name not in FOREIGN}
    return Stack(folder, {**inherited, **own, **environment}, f"http://127.0.0.1:{port}", sandbox_port)


@contextmanager
def running_stack(folder: Path, *options: str, **environment: str) -> Iterator[Stack]:
    """A started one; `options` go to `manage.py up`."""
    stack = make_stack(folder, **environment)
    try:
        stack.start(*options)
        yield stack
    finally:
        if stack.process is not None and stack.process.poll() is None:
            stack.stop(seconds=300)  # how soon it ends is what other tests look at
