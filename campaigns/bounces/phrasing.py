"""How phrases are written down and looked for.

A phrase is plain lower-case text without accents; "…" in it stands for up to 40 characters of anything, and "|" stands
between phrases. It begins where a word begins, and a short one also ends where it ends: "dul" is no part of "module".

The texts it is looked for in have no addresses, host names and codes any more (`plain`), so that a server named
spamwall.example or a person named full@example.org decides nothing.
"""

import re
import unicodedata
from typing import NamedTuple

from campaigns.bounces.verdicts import Reason

GAP = 40  # characters that "…" stands for
SHORT = 4  # letters of a word that is looked for as a whole

STOPS = (". ", " said:", ";")  # a phrase does not go on behind them

Phrases = tuple[tuple[str, ...], ...]  # each in the parts between its gaps


class Row(NamedTuple):
    name: str
    reason: Reason
    phrases: Phrases


def row(name: str, reason: Reason, text: str) -> Row:
    return Row(name, reason, phrases(text))


def phrases(text: str) -> Phrases:
    """From "one | two … three", over as many lines as it likes."""
    written = (phrase.strip() for line in text.strip().splitlines() for phrase in line.split("|"))
    return tuple(tuple(folded(part) for part in phrase.split("…")) for phrase in written if phrase)


def speaks(known: Phrases, text: str) -> bool:
    """Whether one of the phrases stands in a `folded` text."""
    return any(_stands(parts, text) for parts in known if parts[0] in text)


def plain(text: str) -> str:
    """A text as the reason for a refusal is looked for in it: folded, and without addresses, host names, codes."""
    text = _REPLY_CODES.sub(" ", text)
    text = _LINKS.sub(_link, text)
    text = _ADDRESSES.sub(" @ ", text)
    return folded(_HOST_NAMES.sub(" ", _PREFIX.sub(" ", text)))


def folded(text: str) -> str:
    """One line, lower case, no accents."""
    text = text.casefold()
    if not text.isascii():
        letters = unicodedata.normalize("NFKD", text.replace("’", "'"))
        text = "".join(letter for letter in letters if not "\u0300" <= letter <= "\u036f")
    return " ".join(text.split())


# Postfix begins every refusal of a recipient so; the reason comes behind it. Behind "Access denied" comes nothing: by
# that Exchange Online says that it knows nobody of this name.
_PREFIX = re.compile(r"recipient address rejected:(?! access denied)", re.I)
_REPLY_CODES = re.compile(r"(?<![\d.])[45][0-5]\d(?:[- ]#?[45]\.\d{1,3}\.\d{1,3})?-")
_LINKS = re.compile(r"https?://\S{1,300}")
_ADDRESSES = re.compile(r"[^\s<>:;,\"'()@]{1,128}@[^\s<>:;,\"'()]{1,255}")
# RESOLVER.ADR.… and RESOLVER.RST.… are Exchange's words for what it found.
_HOST_NAMES = re.compile(
    r"(?<![\w.-])(?!resolver\.)(?:[\w-]{1,63}\.){1,8}[\w-]{2,63}\.?(?![\w-])(?!\.[A-Za-z])",
    re.I,
)
_LISTS = (
    "spamhaus",
    "spamcop",
    "barracudacentral",
    "sorbs",
    "uceprotect",
    "surbl",
    "uribl",
    "cloudmark",
    "senderscore",
)


def _link(found: re.Match[str]) -> str:
    """Links go, but for those of block lists, which are the reason themselves."""
    return next((f" {name} " for name in _LISTS if name in found.group().lower()), " ")


def _stands(parts: tuple[str, ...], text: str) -> bool:
    first = parts[0]
    at = text.find(first)
    while at >= 0:
        if _is_word(first, text, at) and _goes_on(parts[1:], text, at + len(first)):
            return True
        at = text.find(first, at + 1)
    return False


def _is_word(part: str, text: str, at: int) -> bool:
    if not part.isascii():  # not all scripts have blanks between words
        return True
    if at and text[at - 1].isalnum() and part[0].isalnum():
        return False
    after = text[at + len(part) : at + len(part) + 1]
    return len(part) > SHORT or not (part[-1].isalnum() and after.isalnum())


def _goes_on(parts: tuple[str, ...], text: str, end: int) -> bool:
    for part in parts:
        at = text.find(part, end, end + GAP + len(part))
        if at < 0 or any(end <= text.find(stop, end, at) for stop in STOPS):
            return False
        end = at + len(part)
    return True
