"""The messages that the sandbox has accepted: listed, searched, read and deleted, without a database."""

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import overload

from django.core.paginator import Page, Paginator

from crm.mail.sandbox.keeper import KEPT, KEY, end_of_trace, keys, messages_folder
from crm.mail.sandbox.reading import Part, attachment, decoded, take_apart

PAGE_SIZE = 50
HEADER_READ = 16 * 1024  # octets of a file that are read for a line of the list


class UnknownMessage(LookupError):
    """No message with this key, or no part with this number: never was, deleted, or too old to be kept."""


@dataclass(frozen=True, slots=True)
class Summary:
    """A line of the list; `str` is how people call it."""

    key: str
    at: datetime
    sender: str  # of the envelope; "" is the null sender
    recipients: tuple[str, ...]  # of the envelope
    subject: str
    from_header: str
    behaviour: str  # name in BEHAVIOURS, "" for an ordinary message
    size: int  # octets

    def __str__(self) -> str:
        return self.subject or self.recipient

    @property
    def pk(self) -> str:
        return self.key

    @property
    def recipient(self) -> str:
        return ", ".join(self.recipients)


@dataclass(frozen=True, slots=True)
class StoredMessage:
    """One message for reading; nothing of it is to be trusted. `source` has LF line ends and its octets as UTF-8."""

    summary: Summary
    headers: tuple[tuple[str, str], ...]
    html: str
    text: str
    source: str
    parts: tuple[Part, ...]


def summaries() -> Sequence[Summary]:
    """Of all messages, newest first; each is read when it is looked at."""
    return _Summaries(keys())


def found(lines: Iterable[Summary], query: str) -> list[Summary]:
    """Those whose recipient or subject contains `query`."""
    wanted = query.strip().casefold()
    return [line for line in lines if wanted in f"{line.recipient}\n{line.subject}".casefold()]


def messages(query: str = "", page: int | str = 1) -> Page[Summary]:
    """A page of messages, newest first, whose recipient or subject contains `query`. Any page number is answered."""
    lines = found(summaries(), query) if query.strip() else summaries()
    return Paginator(lines, PAGE_SIZE).get_page(page)


def count() -> int:
    return len(keys())


def read(key: str) -> StoredMessage:
    """Raises UnknownMessage."""
    octets = raw(key)
    readable = take_apart(octets)
    source = octets.decode("utf-8", "replace").replace("\r\n", "\n")
    return StoredMessage(_summary_of(key), readable.headers, readable.html, readable.text, source, readable.parts)


def part(key: str, number: int) -> tuple[Part, bytes]:
    """An attachment and its content. Raises UnknownMessage."""
    try:
        return attachment(raw(key), number)
    except IndexError as error:
        raise UnknownMessage(f"{key}/{number}") from error


def raw(key: str) -> bytes:
    """The message exactly as it was received. Raises UnknownMessage."""
    if not KEY.fullmatch(key):  # what comes in a URL must not become a path
        raise UnknownMessage(key)
    try:
        return (messages_folder() / "new" / key).read_bytes().partition(end_of_trace(key))[2]
    except FileNotFoundError as error:
        raise UnknownMessage(key) from error


def delete_all() -> int:
    """Delete every kept message, but no bounce; gives how many."""
    return delete(keys())


def delete(found: Sequence[str]) -> int:
    """Delete the messages of these keys; gives how many keys there were. Raises UnknownMessage for what is no key."""
    for key in found:
        if not KEY.fullmatch(key):
            raise UnknownMessage(key)
        (messages_folder() / "new" / key).unlink(missing_ok=True)
    return len(found)


class _Summaries(Sequence[Summary]):
    """Summaries by their keys: only those that somebody looks at are read."""

    def __init__(self, newest_first: list[str]) -> None:
        self._keys = newest_first

    def __len__(self) -> int:
        return len(self._keys)

    @overload
    def __getitem__(self, index: int) -> Summary: ...
    @overload
    def __getitem__(self, index: slice) -> list[Summary]: ...
    def __getitem__(self, index: int | slice) -> Summary | list[Summary]:
        if isinstance(index, int):
            return _summary_of(self._keys[index])
        return list(_existing(self._keys[index]))

    def __iter__(self) -> Iterator[Summary]:
        return _existing(self._keys)


def _existing(newest_first: list[str]) -> Iterator[Summary]:
    for key in newest_first:
        try:
            yield _summary_of(key)
        except UnknownMessage:
            continue  # deleted, or pushed out by newer ones, since the folder was listed


def _summary_of(key: str) -> Summary:
    try:
        return _summary(messages_folder() / "new" / key)
    except FileNotFoundError as error:
        raise UnknownMessage(key) from error


@lru_cache(maxsize=2 * KEPT)  # a kept file never changes; a search looks at all of them
def _summary(path: Path) -> Summary:
    with path.open("rb") as file:
        start = file.read(HEADER_READ)
        size = os.fstat(file.fileno()).st_size
    trace, end, message = start.partition(end_of_trace(path.name))
    fields = _fields(trace)
    headers = _fields(message.partition(b"\r\n\r\n")[0])
    return Summary(
        key=path.name,
        at=datetime.fromtimestamp(int(path.name[:20]) / 1e9, UTC),
        sender=fields.get("return-path", ["<>"])[0][1:-1],
        recipients=tuple(fields.get("delivered-to", ())),
        subject=decoded(headers.get("subject", [""])[0]),
        from_header=decoded(headers.get("from", [""])[0]),
        behaviour=fields.get("x-sandbox-behaviour", [""])[0],
        size=size - len(trace) - len(end),
    )


def _fields(block: bytes) -> dict[str, list[str]]:
    """Unfolded fields of a header block by lower-case name, nothing decoded."""
    fields: dict[str, list[str]] = {}
    for line in re.sub(r"\r\n(?=[ \t])", "", block.decode("utf-8", "replace")).split("\r\n"):
        name, colon, value = line.partition(":")
        if colon:
            fields.setdefault(name.lower(), []).append(value.strip())
    return fields
