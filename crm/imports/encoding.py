"""The encoding of a text file: guessed from its octets, and read so that what does not decode can be pointed at."""

import codecs
import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# A lone surrogate stands for octets that are no text in the chosen encoding; no decoder gives one otherwise.
UNDECODABLE = "\udcff"
REPLACEMENT = "\ufffd"  # what people see instead; no page and no database takes a lone surrogate
_HANDLER = "herald-import"
codecs.register_error(_HANDLER, lambda error: (UNDECODABLE, getattr(error, "end", 0)))

# What people choose from. utf-8-sig is UTF-8 with or without a byte order mark.
ENCODINGS = {
    "utf-8-sig": "UTF-8",
    "cp1252": "Windows-1252 (Western Europe)",
    "utf-16": "UTF-16",
    "utf-16-le": "UTF-16 LE",
    "utf-16-be": "UTF-16 BE",
    "cp1250": "Windows-1250 (Central Europe)",
    "cp1251": "Windows-1251 (Cyrillic)",
}
LOOKED_AT = 4096  # octets
MOSTLY = 0.4  # of every second octet: as many NULs make it UTF-16 without a mark
AT_A_TIME = 1 << 20


def guess_encoding(path: Path) -> str:
    """A key of ENCODINGS: by the byte order mark, by its zeros, by being UTF-8 to its end; else Windows-1252."""
    with path.open("rb") as file:
        start = file.read(LOOKED_AT)
        if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return "utf-16"
        if start.startswith(codecs.BOM_UTF8):
            return "utf-8-sig"
        if wide := _without_mark(start):
            return wide
        file.seek(0)
        return "utf-8-sig" if _is_utf8(file) else "cp1252"


def _without_mark(start: bytes) -> str:
    """Text of the West in UTF-16 has a NUL in every pair of octets: the place tells the byte order."""
    pairs = max(1, len(start) // 2)
    even, odd = start[0::2].count(0) / pairs, start[1::2].count(0) / pairs
    if odd > MOSTLY > even:
        return "utf-16-le"
    return "utf-16-be" if even > MOSTLY > odd else ""


def _is_utf8(file: io.BufferedReader) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        while octets := file.read(AT_A_TIME):
            decoder.decode(octets)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def readable(text: str) -> str:
    return text.replace(UNDECODABLE, REPLACEMENT)


def _has_mark(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(2) in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


@contextmanager
def open_text(path: Path, encoding: str) -> Iterator[io.TextIOWrapper]:
    """The file as text with its line ends as they are. Never raises for its content: see UNDECODABLE."""
    if encoding == "utf-16" and not _has_mark(path):
        encoding = "utf-16-le"  # as most programs write it; Python would refuse the whole file
    with path.open(encoding=encoding, errors=_HANDLER, newline="") as file:
        yield file
