"""The compiled SMTP sink as a child process: build, start, steer, read totals, stop. Its options stand in sink.c."""

import json
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from scripts.servers import Missing, die_with_parent, find_compiler, install_missing

SOURCES = [Path(__file__).with_name(name) for name in ("sink.c", "sink_smtp.h")]
FLAGS = ["-O2", "-Wall", "-Wextra"]


class Line(NamedTuple):
    """What the sink decided about one content. `what`: sent, dropped (accepted, but never told) or refused."""

    what: str
    address: str
    message_id: str


@cache
def compiled() -> Path:
    """The program, built once for every version of its source. Raises Missing where there is no C compiler."""
    install_missing(["C compiler"])
    if (compiler := find_compiler()) is None:
        raise Missing("C compiler")
    version = sha256(b"".join(source.read_bytes() for source in SOURCES)).hexdigest()[:16]
    name = f"herald-sink-{version}"
    program = Path(tempfile.gettempdir()) / name
    if not program.exists():
        with tempfile.TemporaryDirectory(dir=program.parent) as folder:
            fresh = Path(folder) / name
            subprocess.run([compiler, *FLAGS, "-o", str(fresh), str(SOURCES[0])], check=True)
            fresh.replace(program)  # at once: two runs may build at the same time
    return program


@dataclass
class Sink:
    """A running one. `log` is empty without a log."""

    process: "subprocess.Popen[str]"
    port: int
    log: Path
    control: Path

    @property
    def pid(self) -> int:
        return self.process.pid

    def totals(self) -> dict[str, int]:
        """Counters since the start: messages, octets, connections, refused, deferred, dropped_after and others."""
        self.process.send_signal(signal.SIGUSR1)
        return {name: int(value) for name, value in json.loads(self._line()).items()}

    def steer(self, **options: float) -> None:
        """Change options while it runs: `steer(refuse=1)`, `steer(hang_rate=0.02)`. They hold until changed again."""
        lines = [f"{name.replace('_', '-')} {value}\n" for name, value in options.items()]
        self.control.write_text("".join(lines))
        self.process.send_signal(signal.SIGHUP)
        if (answer := self._line()) != "control":
            raise RuntimeError(f"The sink answered {answer!r}")

    def lines(self) -> list[Line]:
        """The log so far; a line that is being written is left out."""
        text = self.log.read_text() if self.log.is_file() else ""
        return [Line(*line.split(" ", 2)) for line in text.split("\n")[:-1]]

    def copies(self) -> list[str]:
        """The address of every message that it accepted, told or not, in order."""
        return [line.address for line in self.lines() if line.what != "refused"]

    def stop(self) -> dict[str, int]:
        """End it; its last totals."""
        self.process.send_signal(signal.SIGTERM)
        said = self.process.communicate(timeout=20)[0]
        return {name: int(value) for name, value in json.loads(said.splitlines()[-1]).items()}

    def _line(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()


@contextmanager
def sink(*, log: bool = False, **options: float) -> Iterator[Sink]:
    """`sink(log=True, fsync=1, rtt_ms=5)`: on a free port of 127.0.0.1, stopped at the end. See sink.c for options."""
    words = [word for name, value in options.items() for word in (f"--{name.replace('_', '-')}", str(value))]
    with tempfile.TemporaryDirectory(prefix="herald-sink-") as folder:
        control, log_file = Path(folder) / "control", Path(folder) / "log"
        words += ["--control", str(control)] + (["--log", str(log_file)] if log else [])
        command = [str(compiled()), *words]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, preexec_fn=die_with_parent)
        try:
            assert process.stdout is not None
            greeting = process.stdout.readline().split()
            if greeting[:1] != ["port"]:
                raise RuntimeError(f"The sink did not start: {words}")
            yield Sink(process, int(greeting[1]), log_file if log else Path(), control)
        finally:
            if process.poll() is None:
                process.kill()
            process.communicate()
