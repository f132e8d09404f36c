"""The places of a part where each person's values go.

Most values of most people are plain: every escape leaves them as they are, quoted-printable too. One regular expression
looks at all values of a person together; when all are plain, they are written as they are. Otherwise each is looked at
alone, and only what is not plain is escaped and encoded. The quick ways may only ever be stricter than the exact one,
which the tests prove.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import itemgetter
from typing import NamedTuple

from campaigns.content.content import Escape, Part, Slot, fill, printable
from campaigns.sending.quoted import quoted_ascii, quoted_plain, quoted_printable

Values = Callable[[str], str]
MOST_KNOWN = 1000  # different values of one name that are remembered

# Nothing that HTML or quoted-printable would change, no line ends, no blank at either end, and at the start neither a
# dot nor "From ". A link is plain when it is a plain word that begins like one. Part of a URL has its own alphabet.
_SPECIAL = "\x00-\x1f\x7f\x85\u2028\u2029\ud800-\udfff\ufffe\uffff=<>&\"'"
_PLAIN_WORDS = rf"(?!From )[^\s.{_SPECIAL}][^{_SPECIAL}]*(?<!\s)"
_PLAIN_LINK = rf"https?://[^{_SPECIAL}]*(?<!\s)"
_PLAIN_URL = r"[A-Za-z0-9_~-][A-Za-z0-9._~-]*"
_NEVER = r"(?!)"
# The same in ASCII, which is looked through in half the time: for all values of a person together.
_IN_ASCII = {
    _PLAIN_WORDS: r"(?!From )[!#-%(-\-/-;?-~][ !#-%(-;?-~]*(?<! )",
    _PLAIN_LINK: r"https?://[ !#-%(-;?-~]*(?<! )",
}


def _plain_for(slots: Iterable[Slot]) -> str:
    """The pattern of values that all escapes of these slots leave alone: a link and part of a URL are words too."""
    special = {slot.escape for slot in slots} & {Escape.LINK, Escape.URL}
    if not special:
        return _PLAIN_WORDS
    if len(special) == 2:
        return _NEVER
    return _PLAIN_LINK if Escape.LINK in special else _PLAIN_URL


class Encoding(NamedTuple):
    """What becomes of a value once it is escaped."""

    write: Callable[[str], str]
    write_plain: Callable[[str], str]  # the same for a plain value
    write_ascii: Callable[[list[str]], list[str]]  # the same for plain values in ASCII


QUOTED = Encoding(quoted_printable, quoted_plain, quoted_ascii)
UNCHANGED = Encoding(str, str, list)


class Template:
    """Literal text with places. A value is asked for, escaped and written once, wherever it stands."""

    __slots__ = (
        "_all_plain",
        "_encoding",
        "_fallbacks",
        "_in_order",
        "_is_plain",
        "_known",
        "_of_name",
        "_pieces",
        "_plain_in_order",
        "_source",
        "names",
    )

    def __init__(self, pieces: Iterable[str | Slot], encoding: Encoding) -> None:
        slots: list[Slot] = []
        self._source = tuple(pieces)
        self._pieces = [""]  # literals, and between them room for values
        for piece in self._source:
            if isinstance(piece, Slot):
                slots.append(piece)
                self._pieces += ["", ""]
            else:
                self._pieces[-1] += piece
        self._encoding = encoding
        self._prepare(slots)

    def _prepare(self, slots: list[Slot]) -> None:
        by_name: dict[str, list[Slot]] = {}
        for slot in dict.fromkeys(slots):
            by_name.setdefault(slot.name, []).append(slot)
        self.names = tuple(by_name)
        self._of_name = [tuple(group) for group in by_name.values()]
        patterns = [_plain_for(group) for group in self._of_name]
        # Where all places of a name fall back to the same words, an empty value is those words.
        words = [{slot.fallback for slot in group} for group in self._of_name]
        self._fallbacks = [(index, same.pop()) for index, same in enumerate(words) if len(same) == 1]
        self._is_plain = [re.compile(pattern).fullmatch for pattern in patterns]
        # No pattern lets a line end through.
        self._all_plain = re.compile("\n".join([_IN_ASCII.get(pattern, pattern) for pattern in patterns])).fullmatch
        # What was escaped and encoded once: nothing at all, a city, a first name with an accent come again and again.
        self._known: list[dict[str, list[str]]] = [{} for _group in self._of_name]
        self._plain_in_order = _picker([self.names.index(slot.name) for slot in slots])
        written = [slot for group in self._of_name for slot in group]
        self._in_order = _picker([written.index(slot) for slot in slots])

    def knowing(self, same: Mapping[str, str]) -> "Template":
        """The same template with what these names mean for everybody filled in."""
        known = [
            self._encoding.write(fill(piece, same[piece.name]))
            if isinstance(piece, Slot) and piece.name in same
            else piece
            for piece in self._source
        ]
        return Template(known, self._encoding)

    def fill(self, values: Values) -> str:
        """One copy of a list and one join per person."""
        pieces = self._pieces[:]
        told = [*map(values, self.names)]
        for index, fallback in self._fallbacks:
            if not told[index]:
                told[index] = fallback
        if self._all_plain("\n".join(told)):
            pieces[1::2] = self._plain_in_order(self._encoding.write_ascii(told))
        else:
            pieces[1::2] = self._in_order(self._one_by_one(told))
        return "".join(pieces)

    def _one_by_one(self, told: Sequence[str]) -> list[str]:
        write, write_plain, _write_ascii = self._encoding
        written: list[str] = []
        for value, is_plain, slots, known in zip(told, self._is_plain, self._of_name, self._known, strict=True):
            if is_plain(value):
                written += [write_plain(value)] * len(slots)
            elif (again := known.get(value)) is not None:
                written += again
            else:
                again = [write(fill(slot, value)) for slot in slots]
                if len(known) < MOST_KNOWN:
                    known[value] = again
                written += again
        return written


def _picker(order: list[int]) -> Callable[[list[str]], tuple[str, ...]]:
    # itemgetter is the fastest way, and gives no tuple for fewer than two. Then the one value is in order anyway.
    return itemgetter(*order) if len(order) > 1 else tuple


def quoted(pieces: Iterable[str | Slot]) -> Template:
    """Pieces of a body in quoted-printable. Each place must stand alone between soft line breaks (``=`` CRLF), so that
    neither the text around it nor the value is ever folded again, however long the value is."""
    return Template(pieces, QUOTED)


def text(part: Part) -> Template:
    """A part as text of one person: the subject."""
    return Template([piece if isinstance(piece, Slot) else printable(piece) for piece in part], UNCHANGED)
