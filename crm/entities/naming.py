"""Names that programs use: the key and the slug of a type, the name of a field. Made of labels, and checked.

They stand in placeholders ({Gym.memberSince}), in URLs and within JSON, so they are ASCII letters and digits and never
change; labels are what people read, and may change at any time.
"""

import re
import unicodedata
from collections.abc import Collection, Iterator
from functools import cache
from itertools import count

from django.core.exceptions import ValidationError
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils.translation import gettext as _

from crm.entities.placeholders import computed_names

LONGEST = 40
_WORDS = re.compile(r"[A-Za-z0-9]+")
_KEY = re.compile(r"[A-Za-z][A-Za-z0-9]{0,39}", re.ASCII)
_SEGMENT = re.compile(r"[a-z][a-z0-9-]*")
# What stands before the dot of other placeholders, or is one by itself; compared in lower case.
RESERVED_KEYS = frozenset({
    "person", "campaign", "trackingurl", "today", "now", "currentyear", "optouturl", "optoutlink", "preferencesurl",
    "webversionurl", "senderaddress", "openpixelurl", "optoutlabel", "optoutintro", "record", "all", "none", "any",
})  # fmt: skip
# The columns that every type has, as placeholders, criteria and exports call them.
RESERVED_FIELDS = frozenset({
    "name", "firstname", "lastname", "salutation", "salutationname", "emailaddress", "email", "emailstate", "phone",
    "phonenumber", "description", "assignedusername", "owner", "account", "language", "createdat", "modifiedat", "id",
    "values",
})  # fmt: skip
# Marks that turn the direction of text round or hide in it: a label with them does not say what it shows.
_TRICKS = re.compile("[\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]")


def words_of(label: str) -> list[str]:
    """The words of a label in ASCII: “Vídeo-Gäste 2” → Video, Gaste, 2. Empty for scripts that have no such form."""
    plain = unicodedata.normalize("NFKD", label)
    return _WORDS.findall("".join(sign for sign in plain if not unicodedata.combining(sign)))


def key_of(label: str, taken: Collection[str]) -> str:
    """A free key in PascalCase."""
    made = "".join(word[:1].upper() + word[1:] for word in words_of(label))
    return _free(made, "Type", taken, RESERVED_KEYS)


def field_name_of(label: str, taken: Collection[str]) -> str:
    """A free field name in camelCase."""
    words = words_of(label)
    made = "".join([*(word.lower() for word in words[:1]), *(word[:1].upper() + word[1:] for word in words[1:])])
    return _free(made, "field", taken, RESERVED_FIELDS | {name.lower() for name in computed_names()})


def slug_of(label: str, taken: Collection[str]) -> str:
    """A free folder for URLs."""
    words = words_of(label)
    return _free("-".join(words).lower(), "records", taken, reserved_slugs(), "-")


def _free(made: str, otherwise: str, taken: Collection[str], reserved: Collection[str], joint: str = "") -> str:
    known = {name.lower() for name in taken} | set(reserved)
    start = made if made[:1].isalpha() else f"{otherwise}{joint}{made}" if made else otherwise
    start = start[: LONGEST - 4].rstrip("-")
    numbered = (f"{start}{joint}{number}" for number in count(2))
    return next(name for name in _first(start, numbered) if name.lower() not in known)


def _first(start: str, others: Iterator[str]) -> Iterator[str]:
    yield start
    yield from others


def check_key(key: str, taken: Collection[str]) -> None:
    """Raises ValidationError for a key that a new type cannot have."""
    _check(key, taken, RESERVED_KEYS)


def check_field_name(name: str, taken: Collection[str]) -> None:
    """Raises ValidationError for a name that a new field cannot have."""
    _check(name, taken, RESERVED_FIELDS | {known.lower() for known in computed_names()})


def _check(name: str, taken: Collection[str], reserved: Collection[str]) -> None:
    shown = {"name": name[:80]}
    if not _KEY.fullmatch(name):
        text = _("Only the letters A to Z and digits, at most 40, beginning with a letter.")
        raise ValidationError(text, code="name")
    if name.lower() in reserved:
        raise ValidationError(_("“%(name)s” is a name that Herald itself uses."), code="reserved", params=shown)
    if name.lower() in {one.lower() for one in taken}:
        raise ValidationError(_("There is “%(name)s” already."), code="taken", params=shown)


def check_label(label: str) -> None:
    """Raises ValidationError for a label that nobody can read, or that reads as what it is not."""
    if _TRICKS.search(label) or not any(sign.isalnum() for sign in label):
        raise ValidationError(_("A label needs letters or digits, and no invisible marks."), code="label")


@cache
def reserved_slugs() -> frozenset[str]:
    """The first part of every other URL: a type in such a folder could not be reached. The map never changes."""
    return frozenset({*_segments(get_resolver()), "static", "media", "e", "api", "import", "reports", "filters"})


def _segments(resolver: URLResolver) -> Iterator[str]:
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            yield from _segments(pattern)
        elif isinstance(pattern, URLPattern) and (found := _SEGMENT.match(str(pattern.pattern))):
            yield found[0]
