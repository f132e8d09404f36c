"""Octets of a message → the parts of it that a classifier looks at. Never raises, and never looks far.

What decides stands at the beginning: a mail server tells its story first and returns the message afterwards. So only
the first `HEAD` octets are parsed, and a message of thousands of parts is read as one flat text.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import errors
from email.header import decode_header
from email.message import Message
from email.parser import BytesParser
from html import unescape
from itertools import islice

HEAD = 128 * 1024  # octets of a message that are looked at
MAX_PARTS = 100  # up to which the structure of a message is parsed
MAX_TEXT = 16 * 1024  # characters of a text that are looked at

# A charset is taken at its word only when its decoder is linear: punycode or idna, for instance, are not.
_CHARSET = re.compile(
    r"(?:utf|us-?ascii|ascii|iso|latin|windows|cp|koi8|gb|big5|hz|euc|shift|s?jis|ks_c|ms|mac|tis)[\w\-:.]{0,30}", re.I
)
_EMPTY_LINE = re.compile(rb"\n\r?\n|\r\r")
_TELLING = re.compile(
    rb"^(From|Subject|Return-Path|Auto-Submitted|X-Failed-Recipients)[ \t]*:([^\r\n]*(?:\r?\n[ \t][^\r\n]*)*)",
    re.I | re.M,
)
_CONTENT_TYPE = re.compile(rb"^content-type[ \t]*:", re.I | re.M)

# Where the story ends and the returned message begins.
_CUT = re.compile(
    r"""^[^\w\n]{0,80}(?:
        (?:below\ this\ line|below\ is|this\ is|included\ is|enclosed\ is)\ (?:is\ )?a?\ ?copy
      | (?:the\ )?(?:original|returned|unsent|undelivered|rejected)\ (?:message|mail)\ ?
        (?:-|\*|=|follows|attached|info|:|$)
      | original\ message\ headers?
      | (?:start\ of\ )?(?:message|mail)\ (?:headers?|text)\ follows?
      | message\ header\ follows | message\ contents?\ follows?
      | header\ of\ the\ (?:source|original)
      | the\ header\ (?:and\ top|of\ the\ original)
      | (?:a\ )?copy\ of\ (?:the|your)\ (?:original\ )?message
      | (?:received|return-path|x-received|dkim-signature|delivered-to|x-originating-ip|mime-version|x-ymailisg)
        [ ]?:\s?\S
      | here\ is\ a\ copy | following\ is\ a\ copy
      | a\ copy\ of\ the\ original\ message | your\ message\ reads | a\ summary\ of\ the\ undelivered
      | original\ mail\ info | ---+\ ?message\ text | returned\ mail\ follows | mensaje\ original | message\ d'origine
      | urspr(?:ü|ue)ngliche\ nachricht | \u539f\u4fe1 | \u539f\u90ae\u4ef6
    )""",
    re.I | re.M | re.X,
)
# "This message was scanned for viruses" is no reason.
_FOOTER = re.compile(
    r"^.{0,200}\b(?:scanned (?:for|by|with)|virus[- ]?free|checked by|anti-?virus system|analizado con)\b.*$",
    re.I | re.M,
)
_BREAK = re.compile(r"<(?:br|/?p|/?div|/?tr|/?li|/?h\d|/?table)\b[^<>]*>", re.I)
_TAG = re.compile(r"<(?![^<>\s]+@)[^<>]*>")
_HIDING = re.compile(r"(</?(?:style|script)\b[^<>]*>)", re.I)
_BLANKS = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Reading:
    """`text` is the story as it is told to people, `quoted` what follows it in the same text, `status` and `feedback`
    the fields of such parts (RFC 3464, RFC 5965), `returned` the messages (or headers of some) that came back."""

    message: "Message[str, str]"
    types: frozenset[str]
    text: str
    quoted: str
    status: str
    feedback: str
    returned: tuple["Message[str, str]", ...]

    def header(self, name: str) -> str:
        return header(self.message, name)


def read(raw: bytes) -> Reading:
    message = _parsed(raw[:HEAD])
    collected = _collected(message)
    if wrapped := _wrapped(collected):
        message, collected = wrapped, _collected(wrapped)
    text = "\n".join(collected.plain) if any(map(str.strip, collected.plain)) else "\n".join(collected.html)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    cut = _end_of_story(text)
    story = _FOOTER.sub("", text[:cut][:MAX_TEXT])
    return Reading(
        message=message,
        types=frozenset(collected.types),
        text=story,
        quoted=text[cut:][: 2 * MAX_TEXT],
        status="\n\n".join(collected.status)[: 4 * MAX_TEXT],
        feedback="\n\n".join(collected.feedback)[:MAX_TEXT],
        returned=tuple(collected.returned),
    )


def first_look(raw: bytes) -> "Message[str, str]":
    """Some fields of the header, at a fraction of what parsing costs."""
    end = _EMPTY_LINE.search(raw, 0, HEAD)
    seen: Message[str, str] = Message()
    for found in islice(_TELLING.finditer(raw[: end.start() + 1 if end else HEAD]), 20):
        seen[found[1].decode("ascii")] = found[2].decode("ascii", "surrogateescape")
    return seen


def header(message: "Message[str, str]", name: str) -> str:
    """A header field in one decoded line, "" where there is none."""
    try:
        value = str(message.get(name, ""))[:2000]
        if "=?" not in value and value.isascii():
            return " ".join(value.split())
        pieces = [
            piece if isinstance(piece, str) else decoded(piece, charset or "")
            for piece, charset in decode_header(value)
        ]
    except (errors.MessageError, ValueError, LookupError):
        return ""
    return " ".join(" ".join(pieces).split())


def texts_of(message: "Message[str, str]") -> list[str]:
    """The decoded texts of a message, bounded; of HTML with its tags, since links stand in them."""
    leaves = (part for part in _parts(message) if _type_of(part).startswith("text/"))
    return [_text_of(part)[: 4 * MAX_TEXT] for part in islice(leaves, 4)]


def decoded(octets: bytes, charset: str) -> str:
    """Text in the charset that it claims, or in UTF-8, or in Latin-1, which every octet is."""
    try:
        return octets.decode(charset, "replace") if _CHARSET.fullmatch(charset) else _in_utf8(octets)
    except (LookupError, ValueError):  # no such charset, or no codec for text
        return _in_utf8(octets)


def _in_utf8(octets: bytes) -> str:
    try:
        return octets.decode()
    except UnicodeDecodeError:
        return octets.decode("latin-1")


def _parsed(raw: bytes) -> "Message[str, str]":
    try:
        return BytesParser().parsebytes(raw, headersonly=_has_many_parts(raw))
    except (errors.MessageError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
        # The parser promises not to raise, and has had its bugs; a message without structure is still a message.
        return _without_structure(raw)


def _has_many_parts(raw: bytes) -> bool:
    return raw.count(b"\n--") > 4 * MAX_PARTS or len(list(islice(_CONTENT_TYPE.finditer(raw), MAX_PARTS))) == MAX_PARTS


def _without_structure(raw: bytes) -> "Message[str, str]":
    bare: Message[str, str] = Message()
    bare.set_payload(raw.decode("ascii", "surrogateescape"))
    return bare


class _Parts:
    """What the parts of a message are good for, in their order; a returned message is not looked into."""

    def __init__(self) -> None:
        self.types: set[str] = set()
        self.plain: list[str] = []
        self.html: list[str] = []
        self.status: list[str] = []
        self.feedback: list[str] = []
        self.returned: list[Message[str, str]] = []

    def take(self, message: "Message[str, str]") -> None:
        for part in _parts(message):
            kind = _type_of(part)
            self.types.add(kind)
            if kind in ("message/delivery-status", "message/global-delivery-status"):
                self.status.append(_fields_of(part))
            elif kind == "message/feedback-report":
                self.feedback.append(_fields_of(part))
            elif kind.startswith("message/"):
                self.returned.extend(_inner(part)[:5] if part.is_multipart() else [_headers_in(part)])
            elif kind in ("text/rfc822-headers", "text/rfc822-header"):
                self.returned.append(_headers_in(part))
            elif kind == "text/html":
                self.html.append(_without_tags(_text_of(part)))
            elif kind.startswith(("text/", "multipart/")) and not self.returned:
                self.plain.append(_text_of(part))


def _collected(message: "Message[str, str]") -> _Parts:
    parts = _Parts()
    parts.take(message)
    return parts


def _wrapped(parts: _Parts) -> "Message[str, str] | None":
    """The report in a message that is nothing but its wrapping, and names nobody: mail filters on the way make such."""
    if parts.status or parts.feedback or not parts.returned or any("@" in text for text in parts.plain):
        return None
    return parts.returned[0] if _type_of(parts.returned[0]) == "multipart/report" else None


def _parts(message: "Message[str, str]") -> Iterator["Message[str, str]"]:
    """The leaves in their order, where a message/… part is a leaf."""
    waiting = [message]
    for _ in range(2 * MAX_PARTS):
        if not waiting:
            return
        part = waiting.pop()
        if part.is_multipart() and not _type_of(part).startswith("message/"):
            waiting.extend(reversed(_inner(part)))
        else:
            yield part


def _type_of(part: "Message[str, str]") -> str:
    try:
        return part.get_content_type()
    except (ValueError, TypeError, AttributeError):
        return "text/plain"


def _text_of(part: "Message[str, str]") -> str:
    try:
        octets = part.get_payload(decode=True)
        charset = part.get_content_charset() or ""
    except (ValueError, LookupError, TypeError, AttributeError):
        return ""
    return decoded(octets[: 4 * MAX_TEXT], charset) if isinstance(octets, bytes) else ""


def _fields_of(part: "Message[str, str]") -> str:
    """The fields of a delivery status or a feedback report as text, blocks with a blank line between them."""
    if not part.is_multipart():
        return _text_of(part)
    text = "\n\n".join(map(_block, _inner(part)[:MAX_PARTS]))
    if str(part.get("Content-Transfer-Encoding", "")).strip().lower() not in ("base64", "quoted-printable"):
        return text
    encoded: Message[str, str] = Message()  # RFC 3464 §2.1 forbids it, and there are servers that do it
    encoded["Content-Transfer-Encoding"] = str(part["Content-Transfer-Encoding"])
    encoded.set_payload(text)
    return _text_of(encoded)


def _block(block: "Message[str, str]") -> str:
    """RFC 6533 lets these fields be UTF-8; the library would put replacement characters there."""
    fields = (f"{name}: {_as_written(value)}" for name, value in block.raw_items())
    return "\n".join([*fields, _text_of(block)])


def _as_written(value: object) -> str:
    text = str(value)
    return text if text.isascii() else _in_utf8(text.encode("utf-8", "surrogateescape"))


def _inner(part: "Message[str, str]") -> list["Message[str, str]"]:
    payload = part.get_payload()
    return [inner for inner in payload if isinstance(inner, Message)] if isinstance(payload, list) else []


def _headers_in(part: "Message[str, str]") -> "Message[str, str]":
    octets = _text_of(part).encode("utf-8", "replace")
    try:
        return BytesParser().parsebytes(octets, headersonly=True)
    except (errors.MessageError, ValueError, TypeError, AttributeError):
        return _without_structure(octets)


def _without_tags(html: str) -> str:
    return unescape(_TAG.sub(" ", _BREAK.sub("\n", _shown(html))))


def _shown(html: str) -> str:
    """HTML without its styles and scripts, in one pass however many of them never end."""
    shown, hidden = [], False
    for number, piece in enumerate(_HIDING.split(html)):
        if number % 2:
            hidden = not piece.startswith("</")
        elif not hidden:
            shown.append(piece)
    return " ".join(shown)


def _end_of_story(text: str) -> int:
    """Where the returned message begins; a story of nothing is none, so the first line never ends it."""
    for found in _CUT.finditer(text, 0, 4 * MAX_TEXT):
        if text[: found.start()].strip():
            return found.start()
    return len(text)
