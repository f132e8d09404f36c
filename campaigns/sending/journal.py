"""The worker's own memory on disk: which messages may have been accepted, and what the server said.

One append-only file per claimed portion. A line is handed to the kernel with one write(2), so it survives kill -9 of
the process. It need not survive a power cut: the first line names the boot of the machine, and after another boot
nothing in the file is believed to be complete.

    H <boot id>                     first line
    D <item>                        the octets with the final dot of this item are about to be written
    R <item> <json>                 the reply, or how the attempt ended
"""

import json
import os
import socket
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from crm.mail.smtp import Attempt, Phase, Reply, Trouble


def boot_id() -> str:
    """Differs after every start of the machine, and between machines."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return f"{socket.gethostname()}-{uuid.getnode():x}"


@dataclass(slots=True)
class Remembered:
    """What a journal tells: items whose dot was written, and the attempts that ended."""

    dotted: set[int] = field(default_factory=set)
    ended: dict[int, Attempt] = field(default_factory=dict)


class Journal:
    """The open journal of one claimed portion."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_EXCL, 0o600)
        self._write(f"H {boot_id()}\n")

    def dot(self, item: int) -> None:
        """To be called immediately before the final dot is written."""
        self._write(f"D {item}\n")

    def end(self, item: int, attempt: Attempt) -> None:
        self._write(f"R {item} {_attempt_json(attempt)}\n")

    def _write(self, line: str) -> None:
        os.write(self._file, line.encode())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self._file)

    def forget(self) -> None:
        """Everything that it knows is in the database."""
        self.path.unlink(missing_ok=True)


def journal_path(folder: Path, portion_id: int, claim_token: str) -> Path:
    return folder / f"{portion_id}-{claim_token}.journal"


def recall(path: Path) -> Remembered | None:
    """Read what a dead worker left; None when its journal is missing, broken, or older than this boot."""
    try:
        lines = path.read_text(errors="replace").split("\n")
    except FileNotFoundError:
        return None
    if lines[0] != f"H {boot_id()}":
        return None
    return _replay(lines[1:-1])  # the last piece is empty, or a line that the crash cut off


def _replay(lines: Iterable[str]) -> Remembered:
    memory = Remembered()
    for line in lines:
        kind, _blank, rest = line.partition(" ")
        item, _blank, told = rest.partition(" ")
        if kind == "D":
            memory.dotted.add(int(item))
            memory.ended.pop(int(item), None)  # a second try within the portion: its own reply counts
        elif kind == "R":
            memory.ended[int(item)] = _attempt_of(told)
    return memory


def _attempt_json(attempt: Attempt) -> str:
    reply = attempt.reply
    return json.dumps(
        {
            "phase": attempt.phase,
            "code": reply.code if reply else 0,
            "lines": reply.lines if reply else (),
            "error": attempt.error,
            "trouble": attempt.trouble,
        }
    )


def _attempt_of(told: str) -> Attempt:
    data = json.loads(told)
    reply = Reply(data["code"], tuple(data["lines"])) if data["code"] else None
    return Attempt(Phase(data["phase"]), reply, data["error"], Trouble(data["trouble"]))
