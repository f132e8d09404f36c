"""The places of a part where each person's values go."""

import re
from collections.abc import Callable, Sequence
from operator import itemgetter
from typing import Generic, TypeVar

from campaigns.content.content import Escape, Part, Slot, fill, printable

Values = Callable[[str], str]
Written = TypeVar("Written", str, bytes)

# Values that every escape of the kind leaves as they are and that are not blank: most values of most people. For these
# one regular expression replaces cleaning, escaping and encoding; it may only ever be stricter than they are, which
# the tests prove. Nothing that HTML or quoted-printable would change, no line ends, no blank at either end.
_SPECIAL = "\x00-\x1f\x7f\x85\u2028\u2029\ud800-\udfff\ufffe\uffff=<>&\"'"
_PLAIN_WORDS = re.compile(rf"(?!From )[^\s.{_SPECIAL}][^{_SPECIAL}]*(?<!\s)").fullmatch
_PLAIN_LINK = re.compile(r"https?://[A-Za-z0-9._~/%+:@,;?!$*()-]+").fullmatch
_PLAIN_URL = re.compile(r"[A-Za-z0-9_~-][A-Za-z0-9._~-]*").fullmatch
_NEVER = re.compile(r"(?!)").fullmatch

IsPlain = Callable[[str], object]


def _is_plain_for(escapes: set[Escape]) -> IsPlain:
    """The test that holds for all of ``escapes``: a plain link and a plain URL part are plain words too."""
    special = escapes & {Escape.LINK, Escape.URL}
    if not special:
        return _PLAIN_WORDS
    if len(special) == 2:
        return _NEVER
    return _PLAIN_LINK if Escape.LINK in special else _PLAIN_URL


class Places(Generic[Written]):
    """Slots in the order of their places. A value is asked for, escaped and written once, wherever it stands.

    ``write`` turns escaped text into what goes into the place; ``write_plain`` does the same for plain values.
    """

    __slots__ = ("_fields", "_in_order", "_write", "_write_plain")

    def __init__(
        self, slots: Sequence[Slot], write: Callable[[str], Written], write_plain: Callable[[str], Written]
    ) -> None:
        by_name: dict[str, list[Slot]] = {}
        for slot in dict.fromkeys(slots):
            by_name.setdefault(slot.name, []).append(slot)
        self._fields = [
            (name, _is_plain_for({slot.escape for slot in group}), tuple(group)) for name, group in by_name.items()
        ]
        written = [slot for group in by_name.values() for slot in group]
        position = {slot: index for index, slot in enumerate(written)}
        self._in_order = _picker([position[slot] for slot in slots])
        self._write: Callable[[str], Written] = write
        self._write_plain: Callable[[str], Written] = write_plain

    def fill(self, values: Values) -> tuple[Written, ...]:
        """What goes into each place, in order."""
        written: list[Written] = []
        for name, is_plain, slots in self._fields:
            value = values(name)
            if is_plain(value):
                written += [self._write_plain(value)] * len(slots)
            else:
                written += [self._write(fill(slot, value)) for slot in slots]
        return self._in_order(written)


def _picker(order: list[int]) -> Callable[[list[Written]], tuple[Written, ...]]:
    # itemgetter is the fastest way, and gives no tuple for fewer than two. Then the one value is in order anyway.
    return itemgetter(*order) if len(order) > 1 else tuple


class Text:
    """A part as text of one person: the subject, and bodies that are encoded as a whole. ``write`` changes the values
    that are not plain."""

    __slots__ = ("_places", "_template")

    def __init__(self, part: Part, write: Callable[[str], str] = str) -> None:
        pieces = ["%s" if isinstance(piece, Slot) else printable(piece).replace("%", "%%") for piece in part]
        self._template = "".join(pieces)
        self._places = Places([piece for piece in part if isinstance(piece, Slot)], write, str)

    def fill(self, values: Values) -> str:
        return self._template % self._places.fill(values)
