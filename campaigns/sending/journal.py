"""The worker's own memory on disk: which messages may have been accepted, and what the server said.

One append-only file per claimed portion, written through shared memory: a line is the kernel's as soon as it is there,
so it survives kill -9 of the process, and writing it costs no system call. Behind the last line there are only zeros.
What a kill cut off has zeros in it and counts as not written. The room on the disk is taken in advance, because memory
without a disk behind it kills the process. The journal need not survive a power cut: the first line names the boot of
the machine, and after another boot nothing in the file is believed to be complete. The file is locked while its writer
lives, however that ends.

    H <boot id>                     first line
    D <item>                        the octets with the final dot of this item are about to be written
    A <item> <code> <text>          accepted, with a reply of one plain line
    R <item> <json>                 any other reply, or how the attempt ended
"""

import fcntl
import json
import logging
import math
import mmap
import os
import socket
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from crm.mail.smtp import Attempt, Phase, Reply, Trouble

logger = logging.getLogger(__name__)

BLOCK = 16 * 1024  # octets taken from the disk at a time
SWEPT = "."  # in a claim token: what stands behind it came from a sweeper


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
    """The open journal of one claimed portion. Every method raises OSError when the disk has no room for the line, and
    then nothing of it is written."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        self._end = 0
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            os.posix_fallocate(self._file, 0, BLOCK)
            self._memory = mmap.mmap(self._file, BLOCK)
            self._write(f"H {boot_id()}\n".encode())
        except OSError:
            os.close(self._file)
            self.forget()
            raise

    def dot(self, item: int) -> None:
        """To be called immediately before the final dot is written: when this raises, the dot must not be."""
        self._write(b"D %d\n" % item)

    def end(self, item: int, attempt: Attempt) -> None:
        reply = attempt.reply
        if attempt.phase is Phase.ACCEPTED and reply is not None and len(reply.lines) == 1:
            text = reply.lines[0]
            if text.isprintable():  # nearly always: half the cost of the general form
                self._write(b"A %d %d %b\n" % (item, reply.code, text.encode()))
                return
        self._write(f"R {item} {_attempt_json(attempt)}\n".encode())

    def _write(self, line: bytes) -> None:
        end = self._end + len(line)
        if end > len(self._memory):
            self._grow(end)
        self._memory[self._end : end] = line
        self._end = end

    def _grow(self, end: int) -> None:
        size = len(self._memory)
        more = BLOCK * math.ceil((end - size) / BLOCK)
        os.posix_fallocate(self._file, size, more)
        self._memory.resize(size + more)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._memory.close()
        os.close(self._file)

    def forget(self) -> None:
        """Everything that it knows is in the database."""
        self.path.unlink(missing_ok=True)


def journal_path(folder: Path, portion_id: int, claim_token: str) -> Path:
    """The journal of a claim. A sweeper that took the claim away has only added to its token, see `taken_over`."""
    return folder / f"{portion_id}-{claim_token.partition(SWEPT)[0]}.journal"


def is_being_written(path: Path) -> bool:
    """Whether the process that writes this journal still lives, on this machine."""
    try:
        file = os.open(path, os.O_RDONLY)
    except OSError:
        return False
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(file)
    return False


def recall(path: Path) -> Remembered | None:
    """Read what a dead worker left; None when its journal is missing, broken, or older than this boot."""
    try:
        lines = path.read_bytes().partition(b"\0")[0].decode(errors="replace").split("\n")
        if lines[0] != f"H {boot_id()}":
            return None
        return _replay(lines[1:-1])  # the last piece is empty, or a line that the crash cut off
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError):
        logger.exception("The journal %s cannot be read", path)
        return None


def _replay(lines: Iterable[str]) -> Remembered:
    """Raises ValueError, KeyError or TypeError for a line that no journal writes."""
    memory = Remembered()
    for line in lines:
        kind, _blank, rest = line.partition(" ")
        item, _blank, told = rest.partition(" ")
        if kind == "D":
            memory.dotted.add(int(item))
            memory.ended.pop(int(item), None)  # a second try within the portion: its own reply counts
        elif kind == "A":
            code, _blank, text = told.partition(" ")
            memory.ended[int(item)] = Attempt(Phase.ACCEPTED, Reply(int(code), (text,)))
        elif kind == "R":
            memory.ended[int(item)] = _attempt_of(told)
        else:
            raise ValueError(f"not a line of a journal: {line[:80]!a}")
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
