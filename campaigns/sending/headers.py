"""Header fields: text that is always ASCII, always ending in CRLF, folded so that no line starts or ends up blank.

Three kinds of fields (RFC 5322 §2.2, RFC 2047 §5):
``unstructured``  free text such as the subject, encoded words where it is not ASCII;
``mailbox``       a display name and an address: only the name may be quoted or encoded, never the address;
``literal``       identifiers and URIs that programs read: plain ASCII on one line, refused rather than encoded
                  (Gmail does not read an encoded List-Unsubscribe).

Control characters and line separators inside a value are refused with MessageError, not repaired: such a value was
made to inject a header, or is broken data that somebody should see. Blanks around a value are trimmed, tabs become
blanks.
"""

import re
from binascii import b2a_base64
from collections.abc import Callable

from campaigns.sending.errors import MessageError

MAX_LINE = 998  # octets without CRLF, RFC 5322 §2.1.1
FOLD_AT = 76  # a line that holds an encoded word may not be longer, RFC 2047 §2

_WORD_FRAME = len("=?utf-8?q??=")
_MAX_PAYLOAD = 75 - _WORD_FRAME  # RFC 2047 §2: an encoded word has at most 75 characters

_CONTROL = re.compile("[\x00-\x1f\x7f\x85\u2028\u2029\ud800-\udfff]")
_PRINTABLE = re.compile("[ -~]*")
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?: [A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_PLAIN_NAME = re.compile(r"[A-Za-z0-9'-]+(?: [A-Za-z0-9'-]+)*").fullmatch
_PLAIN_LINE = re.compile(r"[!-<>-~]+(?: +[!-<>-~]+)*").fullmatch  # no "=", so nothing that looks encoded

# In the Q encoding only what RFC 2047 §5 (3) allows inside a phrase stays as it is, so one form serves every field.
_Q_SAFE = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!*+-/ "
_Q = tuple("_" if octet == 32 else chr(octet) if octet in _Q_SAFE else f"={octet:02X}" for octet in range(256))


def header_text(field: str, value: str) -> str:
    """``value`` trimmed and safe for a header. Raises MessageError naming ``field``."""
    text = value.strip()
    if text.isprintable():  # the quick way for most; False does not mean forbidden: joiners, no-break spaces
        return text
    text = text.replace("\t", " ")
    if _CONTROL.search(text):
        raise MessageError(f"{field}: control character or line break in {text[:80]!a}")
    return text


def literal(field: str, value: str) -> str:
    """A field that is never encoded nor folded. Raises MessageError when it is not ASCII or too long for a line."""
    text = header_text(field, value)
    if not _PRINTABLE.fullmatch(text) or len(field) + 2 + len(text) > MAX_LINE:
        raise MessageError(f"{field}: not ASCII or too long: {text[:80]!a}")
    return f"{field}: {text}\r\n"


def unstructured(field: str, value: str) -> str:
    """A field of free text."""
    line = f"{field}: {value}"
    if len(line) <= FOLD_AT and _PLAIN_LINE(value):
        return f"{line}\r\n"
    text = header_text(field, value)
    line = f"{field}: {text}"
    if len(line) <= FOLD_AT and _stays_ascii(text):
        return f"{line.rstrip()}\r\n"
    lines = _folded(line, len(field) + 2) if _stays_ascii(text) else []
    return "\r\n".join([*(lines or _encoded(field, text)), ""])


def mailbox(field: str, display_name: str, address: str) -> str:
    """A field with exactly one mailbox. ``address`` is what ``ascii_address`` returned."""
    line = f"{field}: {display_name} <{address}>\r\n"
    if len(line) <= FOLD_AT + 2 and _PLAIN_NAME(display_name):  # most people's names
        return line
    name = header_text(field, display_name)
    if not name:
        return f"{field}: {address}\r\n"
    lines = [f"{field}: {_phrase(name)}"] if _stays_ascii(name) else _encoded(field, name)
    if len(lines[0]) > FOLD_AT:
        lines = _encoded(field, name)  # a long quoted name would need folding inside its quotes
    if len(lines[-1]) + len(address) + 3 <= FOLD_AT:
        lines[-1] += f" <{address}>"
    else:
        lines.append(f" <{address}>")
    return "\r\n".join([*lines, ""])


def _stays_ascii(text: str) -> bool:
    # ASCII that looks like an encoded word must be encoded itself, or readers would decode it.
    return text.isascii() and "=?" not in text


def _phrase(name: str) -> str:
    if _ATOMS.fullmatch(name):
        return name
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _folded(line: str, start: int) -> list[str]:
    """``line`` folded at single blanks behind column ``start``; empty when a line would stay too long for that."""
    lines = []
    while len(line) > FOLD_AT:
        cut = line.rfind(" ", start, FOLD_AT + 1)
        if cut < start or line[cut - 1] == " ":
            return []
        lines.append(line[:cut])
        line, start = line[cut:], 1
    return [*lines, line]


def _encoded(field: str, text: str) -> list[str]:
    """The lines of a field whose text is encoded words."""
    words = encoded_words(text, FOLD_AT - len(field) - 2)
    return [f"{field}: {words[0]}", *[f" {word}" for word in words[1:]]]


def encoded_words(text: str, first_room: int) -> list[str]:
    """RFC 2047 encoded words for ``text``, the first at most ``first_room`` characters long, no character split.

    Of the two encodings the shorter one is taken: Q for mostly Latin text, B for the others.
    """
    raw = text.encode()
    q_size = len(raw) + 2 * len(raw.translate(None, _Q_SAFE))
    payload = first_room - _WORD_FRAME
    if q_size * 3 <= len(raw) * 4:
        chunks = [text] if q_size <= payload else _chunks(text, _q_size, payload, _MAX_PAYLOAD)
        return [f"=?utf-8?q?{_q_encoded(chunk)}?=" for chunk in chunks]
    octets = payload // 4 * 3
    chunks = [text] if len(raw) <= octets else _chunks(text, _utf8_size, octets, _MAX_PAYLOAD // 4 * 3)
    return [f"=?utf-8?b?{b2a_base64(chunk.encode(), newline=False).decode('ascii')}?=" for chunk in chunks]


def _chunks(text: str, size_of: Callable[[str], int], first_room: int, room: int) -> list[str]:
    """``text`` cut between characters, each chunk as long as its room allows."""
    chunks, start, left = [], 0, first_room
    for position, character in enumerate(text):
        size = size_of(character)
        if size > left:
            chunks.append(text[start:position])
            start, left = position, room
        left -= size
    return [*chunks, text[start:]]


def _utf8_size(character: str) -> int:
    return len(character.encode())


def _q_size(character: str) -> int:
    return len(_q_encoded(character))


def _q_encoded(text: str) -> str:
    return "".join(map(_Q.__getitem__, text.encode()))
