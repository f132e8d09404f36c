"""Transfer encodings of bodies (RFC 2045 §6.7 and §6.8), made so that values can be put between encoded pieces.

Everything here is ASCII as text: a message is put together as text, which is quicker, and becomes octets at its end.
"""

import re
from binascii import b2a_base64, b2a_qp
from functools import lru_cache
from struct import Struct

BASE64_LINE = 76
# A piece that begins a line may grow by two octets (a dot becomes =2E) and gets a "=" at its end: 76 at most.
_ROOM = 73

_LITERAL = frozenset([ord("\t"), *range(32, 127)]) - {ord("=")}
_OCTETS = tuple(chr(octet) if octet in _LITERAL else f"={octet:02X}" for octet in range(256))

_LINE_END = re.compile("\r\n|\r|\n")
_CUT = re.compile(rf".{{1,{_ROOM}}}(?<!=)(?<!=.)", re.DOTALL)  # never between the three octets of =XX

SOFT_BREAK = "=\r\n"


def quoted_printable(text: str) -> str:
    """``text`` in quoted-printable, to be put at the start of a line; its line ends become CRLF.

    No line is longer than 76 octets, even with a soft break behind it. None begins with a dot, so SMTP has nothing to
    stuff and BDAT and DATA carry the same octets; none begins with "From ", which mailbox files would change.
    """
    if "\n" not in text and "\r" not in text:
        return _quoted_line(text)
    return "\r\n".join([_quoted_line(line) for line in _LINE_END.split(text)])


def quoted_plain(text: str) -> str:
    """The same for text that needs nothing: without line ends, "=", control characters, a blank at its end, and with
    neither a dot nor "From " at its start."""
    return text if text.isascii() and len(text) <= _ROOM else _quoted_line(text)


def quoted_ascii(texts: list[str]) -> list[str]:
    """The same for such texts in ASCII. This is what makes an ordinary value cost next to nothing."""
    return [text if len(text) <= _ROOM else _quoted_line(text) for text in texts]


def base64_lines(content: bytes) -> str:
    """``content`` in base64, lines of 76 octets, the last without CRLF."""
    encoded = b2a_base64(content, newline=False)
    return b"\r\n".join(_lines_of(len(encoded)).unpack(encoded)).decode("ascii")


@lru_cache(maxsize=64)
def _lines_of(size: int) -> Struct:
    """What cuts ``size`` octets into lines: the same for all the people of a mass email, give or take a few octets."""
    whole, rest = divmod(size, BASE64_LINE)
    return Struct(f"{BASE64_LINE}s" * whole + (f"{rest}s" if rest else ""))


def octets(text: str) -> str:
    """``text`` with CRLF line ends in UTF-8, an octet for each character: what base64 of a whole body is made from."""
    return _LINE_END.sub("\r\n", text).encode().decode("latin-1")


def octets_of_plain(text: str) -> str:
    return text if text.isascii() else text.encode().decode("latin-1")


def _quoted_line(line: str) -> str:
    encoded = b2a_qp(line.encode()).decode("ascii") if len(line) <= _ROOM else ""
    if not encoded or len(encoded) > _ROOM:  # b2a_qp breaks lines at other places than we do
        encoded = "".join(map(_OCTETS.__getitem__, line.encode()))
    if encoded.endswith((" ", "\t")):  # relays may strip blanks at the end of a line
        encoded = f"{encoded[:-1]}={ord(encoded[-1]):02X}"
    if len(encoded) <= _ROOM:
        return _safe_start(encoded)
    return SOFT_BREAK.join([_safe_start(chunk) for chunk in _CUT.findall(encoded)])


def _safe_start(chunk: str) -> str:
    if chunk.startswith((".", "From ")):
        return f"={ord(chunk[0]):02X}{chunk[1:]}"
    return chunk
