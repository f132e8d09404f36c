"""Octets from the server become replies (RFC 5321 section 4.2). Pure: fed in pieces of any size."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

from crm.mail.smtp_protocol import Reply

# RFC 5321 section 4.5.3.1.5 allows 512 octets a line; some servers exceed that, none has reason to go on for ever.
LINE_LIMIT = 4096
LINES_LIMIT = 128
KNOWN_LIMIT = 32  # different lines that a parser remembers

# The grammar wants a second digit of 0 to 5, but 571 and others are seen; 1yz replies do not exist in SMTP.
_LINE = re.compile(rb"([2-5][0-9][0-9])(?:([ -])([^\r]*))?\r?")


class GarbledReply(Exception):
    """What arrived is not an SMTP reply; the connection is of no use any more."""


class ReplyParser:
    """Collects octets and gives replies as they become complete."""

    def __init__(self) -> None:
        self._rest = b""
        self._code = 0
        self._lines: list[str] = []
        # By its octets: a server gives the same few answers all day, and these are looked up instead of taken apart.
        self._known: dict[bytes, Reply] = {}

    @property
    def unfinished(self) -> bool:
        """Whether part of a reply has arrived whose end is still to come."""
        return bool(self._rest or self._lines)

    def feed(self, octets: bytes) -> Iterator[Reply]:
        """The replies that `octets` complete, in order. Raises GarbledReply after the good ones before the bad one."""
        lines = (self._rest + octets).split(b"\n")
        self._rest = lines.pop()
        known = self._known
        for line in lines:
            reply = known.get(line)
            if reply is None or self._lines:
                reply = self._line(line)
            if reply is not None:
                yield reply
        if len(self._rest) > LINE_LIMIT:
            raise GarbledReply("a reply line without end")

    def _line(self, line: bytes) -> Reply | None:
        match = _LINE.fullmatch(line) if len(line) <= LINE_LIMIT else None
        if match is None:
            raise GarbledReply(f"not an SMTP reply: {line[:80]!r}")
        digits, dash, octets = match.groups()
        code, text = int(digits), (octets or b"").decode("utf-8", "replace")
        if dash != b"-" and not self._lines:  # nearly all replies: one line
            reply = Reply(code, (text,))
            if len(self._known) < KNOWN_LIMIT:
                self._known[line] = reply
            return reply
        return self._line_of_many(code, text, last=dash != b"-")

    def _line_of_many(self, code: int, text: str, last: bool) -> Reply | None:
        if self._lines and code != self._code:
            raise GarbledReply(f"one reply with two codes: {self._code} and {code}")
        if len(self._lines) >= LINES_LIMIT:
            raise GarbledReply(f"a reply of more than {LINES_LIMIT} lines")
        self._code = code
        self._lines.append(text)
        if not last:
            return None
        reply, self._lines = Reply(code, tuple(self._lines)), []
        return reply


@dataclass(frozen=True, slots=True)
class Extensions:
    """What the server offered in its EHLO reply; after HELO, nothing."""

    pipelining: bool = False
    chunking: bool = False
    eight_bit: bool = False
    utf8: bool = False
    starttls: bool = False
    size: int | None = None  # octets; 0 = no fixed limit, None = SIZE not offered
    auth: frozenset[str] = frozenset()

    @classmethod
    def of(cls, reply: Reply) -> Self:
        """Read the lines behind the first, which is only the server's name (RFC 5321 section 4.1.1.1)."""
        offered: dict[str, list[str]] = {}
        for line in reply.lines[1:]:
            # "AUTH=PLAIN LOGIN" is an old spelling that servers still add for old clients.
            keyword, *parameters = line.upper().replace("AUTH=", "AUTH ", 1).split() or [""]
            offered.setdefault(keyword, []).extend(parameters)
        return cls(
            pipelining="PIPELINING" in offered,
            chunking="CHUNKING" in offered,
            eight_bit="8BITMIME" in offered,
            utf8="SMTPUTF8" in offered,
            starttls="STARTTLS" in offered,
            size=_size(offered["SIZE"]) if "SIZE" in offered else None,
            auth=frozenset(offered.get("AUTH", ())),
        )


def _size(parameters: list[str]) -> int:
    return int(parameters[0]) if parameters and parameters[0].isascii() and parameters[0].isdigit() else 0
