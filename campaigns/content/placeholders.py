"""Placeholders: ``{Person.firstName|there}``, ``{optOutUrl}``, ``{trackingUrl:CODE}``. Templates are data: there is no
template engine behind these names, only a look-up in a fixed list."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches

TRACKING_PREFIX = "trackingUrl:"
PERSON_FIELDS = frozenset({"firstName", "lastName", "name", "salutationName", "emailAddress"})
SYSTEM_NAMES = frozenset(
    {
        "today",
        "now",
        "currentYear",
        "campaign.name",
        "optOutUrl",
        "optOutLink",
        "preferencesUrl",
        "webVersionUrl",
        "senderAddress",
    }
)

#: Blanks inside the braces are forgiven (editors add them). A colon is for tracking codes only, so CSS such as
#: ``p{color:red}`` never looks like a placeholder.
_PLACEHOLDER = re.compile(
    r"\{[ \t\xa0]{0,8}"
    r"(?P<name>trackingUrl:[\w-]{1,64}|[^\W\d]\w{0,63}(?:\.[^\W\d]\w{0,63}){0,3})"
    r"[ \t\xa0]{0,8}"
    r"(?:\|(?P<fallback>[^{}\r\n]{0,200}))?\}"
)


@dataclass(frozen=True, slots=True)
class Placeholder:
    """One placeholder as written: ``source`` is the exact text, ``fallback`` what stands in when the value is empty."""

    source: str
    name: str
    fallback: str

    @property
    def tracking_code(self) -> str:
        """The code of ``{trackingUrl:CODE}``, empty for every other placeholder."""
        return self.name.removeprefix(TRACKING_PREFIX) if self.name.startswith(TRACKING_PREFIX) else ""


def split(text: str) -> list[str | Placeholder]:
    """Cut ``text`` into literal pieces and placeholders; ``join`` gives back exactly ``text``."""
    pieces: list[str | Placeholder] = []
    position = 0
    for match in _PLACEHOLDER.finditer(text):
        if match.start() > position:
            pieces.append(text[position : match.start()])
        pieces.append(Placeholder(match[0], match["name"], (match["fallback"] or "").strip()))
        position = match.end()
    if position < len(text):
        pieces.append(text[position:])
    return pieces


def join(pieces: Sequence[str | Placeholder]) -> str:
    return "".join(piece if isinstance(piece, str) else piece.source for piece in pieces)


@dataclass(frozen=True)
class Schema:
    """What a template may name: the fields of every entity type (``{"Contact": {"firstName", "account.name"}}``)
    and the system names."""

    fields: Mapping[str, frozenset[str]] = field(default_factory=dict)
    system: frozenset[str] = SYSTEM_NAMES

    def knows(self, name: str) -> bool:
        if name in self.system:
            return True
        entity_type, _, field_name = name.partition(".")
        return field_name in self._fields_of(entity_type)

    def suggestion(self, name: str) -> str:
        """The known name nearest to ``name``, or "" when nothing is near."""
        by_lower = {known.lower(): known for known in self._names()}
        near = get_close_matches(name.lower(), by_lower, n=1, cutoff=0.6)
        return by_lower[near[0]] if near else ""

    def _fields_of(self, entity_type: str) -> frozenset[str]:
        return self.fields.get(entity_type, PERSON_FIELDS if entity_type == "Person" else frozenset())

    def _names(self) -> list[str]:
        types = ["Person", *sorted(self.fields.keys() - {"Person"})]
        names = [f"{entity_type}.{name}" for entity_type in types for name in sorted(self._fields_of(entity_type))]
        return [*sorted(self.system), *names]
