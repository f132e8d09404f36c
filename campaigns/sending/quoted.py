"""Transfer encodings of bodies (RFC 2045 §6.7 and §6.8), made so that values can be put between encoded pieces."""

import re
from binascii import b2a_base64

BASE64_LINE = 76
# A piece that begins a line may grow by two octets (a dot becomes =2E) and gets a "=" at its end: 76 at most.
_ROOM = 73

_LITERAL = frozenset([ord("\t"), *range(32, 127)]) - {ord("=")}
_OCTETS = tuple(bytes([octet]) if octet in _LITERAL else b"=%02X" % octet for octet in range(256))

_LINE_END = re.compile("\r\n|\r|\n")
_CUT = re.compile(rb".{1,%d}(?<!=)(?<!=.)" % _ROOM, re.DOTALL)  # never between the three octets of =XX

SOFT_BREAK = b"=\r\n"


def quoted_printable(text: str) -> bytes:
    """``text`` in quoted-printable, to be put at the start of a line; its line ends become CRLF.

    No line is longer than 76 octets, even with a soft break behind it. None begins with a dot, so SMTP has nothing to
    stuff and BDAT and DATA carry the same octets; none begins with "From ", which mailbox files would change.
    """
    return b"\r\n".join([_quoted_line(line) for line in _LINE_END.split(text)])


def quoted_plain(text: str) -> bytes:
    """The same for text that needs nothing: without line ends, "=", control characters, a blank at its end, and with
    neither a dot nor "From " at its start. This is what makes an ordinary value cost next to nothing."""
    return text.encode() if text.isascii() and len(text) <= _ROOM else _quoted_line(text)


def base64_lines(content: bytes) -> bytes:
    """``content`` in base64, lines of 76 octets, the last without CRLF."""
    encoded = b2a_base64(content, newline=False)
    return b"\r\n".join([encoded[start : start + BASE64_LINE] for start in range(0, len(encoded), BASE64_LINE)])


def with_crlf(text: str) -> str:
    return _LINE_END.sub("\r\n", text)


def _quoted_line(line: str) -> bytes:
    encoded = b"".join(map(_OCTETS.__getitem__, line.encode()))
    if encoded.endswith((b" ", b"\t")):  # relays may strip blanks at the end of a line
        encoded = encoded[:-1] + b"=%02X" % encoded[-1]
    if len(encoded) <= _ROOM:
        return _safe_start(encoded)
    return SOFT_BREAK.join([_safe_start(chunk) for chunk in _CUT.findall(encoded)])


def _safe_start(chunk: bytes) -> bytes:
    if chunk.startswith((b".", b"From ")):
        return b"=%02X%b" % (chunk[0], chunk[1:])
    return chunk
