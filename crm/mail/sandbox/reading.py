"""A message taken apart for reading: headers, HTML, text, attachments. Pure.

Whatever was sent is shown somehow: a message that breaks MIME loses structure here, never the page.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.message import Message

# Behind the first of these that there is; in front of the doctype would change how the mail looks.
_PLACES = [re.compile(rf"<{tag}\b[^>]*>", re.IGNORECASE) for tag in ("head", "html", "!doctype")]


@dataclass(frozen=True, slots=True)
class Part:
    """An attachment or an inline picture; `number` fetches its content."""

    number: int
    filename: str
    content_type: str
    content_id: str  # without angle brackets; "" if nothing refers to it
    size: int  # octets, decoded


@dataclass(frozen=True, slots=True)
class Readable:
    """`html` and `text` are "" where the message has none. All of it is as the sender wrote it: not to be trusted."""

    headers: tuple[tuple[str, str], ...]  # in their order, unfolded, encoded words decoded
    html: str
    text: str
    parts: tuple[Part, ...]


def take_apart(octets: bytes) -> Readable:
    message = message_from_bytes(octets)
    return Readable(
        headers=tuple((name, decoded(_unfolded(value))) for name, value in message.items()),
        html=_body(message, "text/html"),
        text=_body(message, "text/plain"),
        parts=tuple(_described(number, leaf) for number, leaf in enumerate(_attached(message))),
    )


def attachment(octets: bytes, number: int) -> tuple[Part, bytes]:
    """An attachment with its content. Raises IndexError."""
    attached = dict(enumerate(_attached(message_from_bytes(octets))))
    if number not in attached:
        raise IndexError(number)
    return _described(number, attached[number]), _content(attached[number])


def in_new_tabs(html: str) -> str:
    """The HTML of a message for a frame: its links open tabs."""
    place = next((found.end() for pattern in _PLACES if (found := pattern.search(html))), 0)
    return f'{html[:place]}<base target="_blank">{html[place:]}'


def decoded(value: str) -> str:
    """A header value for people to read: encoded words decoded where they can be (RFC 2047)."""
    if "=?" not in value:
        return value
    try:
        return str(make_header(decode_header(value)))
    except (HeaderParseError, LookupError, ValueError):
        return value


def _unfolded(value: object) -> str:
    return " ".join(str(value).split())


def _leaves(message: Message) -> Iterator[Message]:
    return (leaf for leaf in message.walk() if not leaf.is_multipart())


def _is_body(leaf: Message) -> bool:
    return leaf.get_content_type() in ("text/plain", "text/html") and leaf.get_content_disposition() != "attachment"


def _attached(message: Message) -> Iterator[Message]:
    return (leaf for leaf in _leaves(message) if not _is_body(leaf))


def _body(message: Message, content_type: str) -> str:
    leaf = next((leaf for leaf in _leaves(message) if _is_body(leaf) and leaf.get_content_type() == content_type), None)
    if leaf is None:
        return ""
    try:
        text = _content(leaf).decode(str(leaf.get_content_charset("utf-8")), "replace")
    except LookupError:  # a charset that nobody knows
        text = _content(leaf).decode("utf-8", "replace")
    return text.replace("\r\n", "\n")


def _content(leaf: Message) -> bytes:
    payload = leaf.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


def _described(number: int, leaf: Message) -> Part:
    return Part(
        number=number,
        filename=decoded(_unfolded(leaf.get_filename("") or "")),
        content_type=leaf.get_content_type(),
        content_id=_unfolded(leaf.get("Content-ID", "")).strip("<>"),
        size=len(_content(leaf)),
    )
