"""Where the sandbox keeps what it accepts: one file per message, written by the server only.

A Maildir-like folder: a message is written under tmp/ and renamed into new/, so that a reader never sees half of one.
The file name is the key and sorts by time. In front of the message stand the trace lines that a delivery agent would
add; the last of them, `end_of_trace`, marks where the message begins. Nothing is synchronised to the disk: it is a
sandbox.
"""

import itertools
import os
import re
import time
from collections import deque
from collections.abc import Sequence
from pathlib import Path

from django.conf import settings

KEPT = 20_000  # messages; older ones go
KEY = re.compile(r"[0-9]{20}-[0-9a-f]{6}")
_counter = itertools.count()


def messages_folder() -> Path:
    return Path(settings.HERALD_DATA_DIR) / "sandbox" / "messages"


def bounces_folder() -> Path:
    """The Maildir (tmp, new, cur) that stands in for the bounce mailbox."""
    return Path(settings.HERALD_DATA_DIR) / "sandbox" / "bounces"


def keys() -> list[str]:
    """Of the kept messages, newest first."""
    try:
        return sorted(filter(KEY.fullmatch, os.listdir(messages_folder() / "new")), reverse=True)
    except FileNotFoundError:
        return []


def end_of_trace(key: str) -> bytes:
    return f"X-Sandbox-Key: {key}\r\n".encode()


class Keeper:
    """Keeps messages, and of them the newest `limit`. There is one at a time: the running server's."""

    def __init__(self, limit: int = KEPT) -> None:
        self._limit = limit
        _make_folders(messages_folder())
        _make_folders(bounces_folder())
        self._kept = deque(reversed(keys()))
        self._forget_oldest()

    def keep(self, sender: str, recipients: Sequence[str], behaviour: str, data: bytes) -> str:
        """Store an accepted message; gives its key."""
        key = _new_key()
        trace = [f"Return-Path: <{sender}>", *(f"Delivered-To: {recipient}" for recipient in recipients)]
        if behaviour:
            trace.append(f"X-Sandbox-Behaviour: {behaviour}")
        octets = "\r\n".join(trace).encode("utf-8", "replace") + b"\r\n" + end_of_trace(key) + data
        _deliver(messages_folder(), key, octets)
        self._kept.append(key)
        self._forget_oldest()
        return key

    def bounce(self, message: bytes) -> None:
        """Put a bounce message into its Maildir."""
        _deliver(bounces_folder(), f"{_new_key()}.sandbox", message)

    def _forget_oldest(self) -> None:
        while len(self._kept) > self._limit:
            (messages_folder() / "new" / self._kept.popleft()).unlink(missing_ok=True)


def _new_key() -> str:
    return f"{time.time_ns():020d}-{next(_counter) % 0x1000000:06x}"


def _make_folders(maildir: Path) -> None:
    for name in ("tmp", "new", "cur"):
        (maildir / name).mkdir(parents=True, exist_ok=True)


def _deliver(maildir: Path, name: str, octets: bytes) -> None:
    unfinished = maildir / "tmp" / name
    try:
        unfinished.write_bytes(octets)
    except FileNotFoundError:  # somebody tidied up while the server was running
        _make_folders(maildir)
        unfinished.write_bytes(octets)
    unfinished.rename(maildir / "new" / name)
