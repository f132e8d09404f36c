"""Compiled content: literal text with slots, ready to be filled per person. Pure, serialisable, deterministic."""

import html
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from urllib.parse import quote


class Escape(StrEnum):
    """The place a slot stands in, which decides how its value is written there."""

    HTML = "html"  # element text or a quoted attribute
    URL = "url"  # a value inside a larger URL: percent-encoded, in HTML and in text alike
    LINK = "link"  # the whole (or the beginning of the) URL of an href or src in HTML
    TEXT = "text"  # the plain text part
    HEADER = "header"  # the subject


@dataclass(frozen=True, slots=True)
class Slot:
    name: str
    fallback: str = ""
    escape: Escape = Escape.HTML


Part = tuple[str | Slot, ...]


@dataclass(frozen=True, slots=True)
class Content:
    """What is frozen when sending starts. ``html`` is None for a plain-text template; ``links`` are the tracking codes
    in the order of their first use."""

    subject: Part
    html: Part | None
    text: Part
    links: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        return {
            "subject": _part_to_json(self.subject),
            "html": None if self.html is None else _part_to_json(self.html),
            "text": _part_to_json(self.text),
            "links": list(self.links),
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Content":
        """Raises KeyError, TypeError or ValueError when ``data`` did not come from ``as_json``."""
        return cls(
            subject=_part_from_json(data["subject"]),
            html=None if data["html"] is None else _part_from_json(data["html"]),
            text=_part_from_json(data["text"]),
            links=tuple(data["links"]),
        )


def _part_to_json(part: Part) -> list[Any]:
    return [piece if isinstance(piece, str) else [piece.name, piece.fallback, piece.escape.value] for piece in part]


def _part_from_json(data: list[Any]) -> Part:
    return tuple(piece if isinstance(piece, str) else Slot(piece[0], piece[1], Escape(piece[2])) for piece in data)


def render(part: Part, values: Callable[[str], str]) -> str:
    """Fill every slot once. A value is never looked at for placeholders again."""
    return "".join(piece if isinstance(piece, str) else fill(piece, values(piece.name)) for piece in part)


def fill(slot: Slot, value: str) -> str:
    """What goes into the place of ``slot``: ``value``, or the fallback when it is blank, escaped for the place."""
    cleaned = printable(value)
    return _ESCAPES[slot.escape](cleaned if cleaned.strip() else printable(slot.fallback))


def merge(pieces: Iterable[str | Slot]) -> Part:
    """A Part in its shortest form: neighbouring literals joined, empty ones left out."""
    merged: list[str | Slot] = []
    literal: list[str] = []
    for piece in pieces:
        if isinstance(piece, str):
            literal.append(piece)
            continue
        if text := "".join(literal):
            merged.append(text)
        literal.clear()
        merged.append(piece)
    if text := "".join(literal):
        merged.append(text)
    return tuple(merged)


#: Control characters, lone surrogates and the two non-characters: no mail, no XML tree and no UTF-8 encoder takes them.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_LINE_BREAKS = re.compile("[\t\r\n\x85\u2028\u2029]+")
_SCHEME = re.compile(r"([a-zA-Z][a-zA-Z0-9+.\-]*):")
_BARE_HOST = re.compile(r"(?:[\w-]+\.)+[^\W\d_]{2,}(?:[:/?#].*)?", re.DOTALL)
_LINK_SCHEMES = frozenset({"http", "https", "mailto", "tel"})


def printable(text: str) -> str:
    """``text`` without control characters (tab and line ends stay), lone surrogates replaced by U+FFFD."""
    return _SURROGATE.sub("\ufffd", _UNPRINTABLE.sub("", text))


def _as_url(value: str) -> str:
    return quote(value.strip(), safe="")


def _as_link(value: str) -> str:
    """A whole URL from a record: only web, mail and phone schemes pass, ``www.example.com`` becomes https."""
    url = _LINE_BREAKS.sub("", value).strip()
    if _BARE_HOST.fullmatch(url):
        url = f"https://{url}"
    scheme = _SCHEME.match(url)
    if scheme is None or scheme[1].lower() not in _LINK_SCHEMES:
        return ""
    return html.escape(url)


def _as_header(value: str) -> str:
    return _LINE_BREAKS.sub(" ", value).strip()


def _as_text(value: str) -> str:
    return value


_ESCAPES: dict[Escape, Callable[[str], str]] = {
    Escape.HTML: html.escape,
    Escape.URL: _as_url,
    Escape.LINK: _as_link,
    Escape.TEXT: _as_text,
    Escape.HEADER: _as_header,
}


def used_names(content: Content) -> frozenset[str]:
    """The names of everything that differs from person to person."""
    parts = [content.subject, content.text, content.html or ()]
    return frozenset(piece.name for part in parts for piece in part if isinstance(piece, Slot))
