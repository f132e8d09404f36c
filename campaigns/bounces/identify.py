"""Octets of a message → what in it could prove which of our mails it is about. Pure: nothing is looked up or verified.

In the order of trust. The first three may change an address, once they are verified; the last is only logged.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from email.message import Message
from itertools import islice
from typing import TypeVar

from campaigns.bounces.classify import classify
from campaigns.bounces.reading import Reading, read, texts_of

T = TypeVar("T")
MAX = 20  # of each kind: a message may name as many as it likes, and they cost a look-up each
MAX_LINE = 2000  # characters
_DELIVERY = (
    *("Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "X-Delivered-To", "Original-Recipient"),
    *("X-RCPT-To", "X-Forwarded-To", "Apparently-To", "To", "Cc", "Resent-To"),
)
# A token is 17 to 48 octets in hexadecimal behind the "+" of our envelope address; relays may change the case, and some
# write the address in another's local part with "=" for "@" (SRS, BATV).
_VERP = re.compile(r"\+([0-9a-f]{34,96})(?=[@=])", re.I)
_FOR = re.compile(r"\bfor\s+<?([^\s<>;]{3,320})")
_OPT_OUT = re.compile(r"https?://[^\s<>\"']{1,200}/u/([\w-]{22,80})(?![\w-])")
_MESSAGE_ID = re.compile(r"<(\d{1,18})\.(\d{1,18})\.([0-9a-f]{12})@([\w.-]{1,253})>", re.I)
_FEEDBACK_ID = re.compile(r"feedback-id:\s*(\d{1,18}):(\d{1,18}):(\d{1,18}):herald\b", re.I)
_MARKS = re.compile(r"^[ \t]*(?:>[ \t]?)+", re.M)


@dataclass(frozen=True, slots=True)
class OurMessageId:
    """A Message-ID in the form of ours, ``<mass_email.item.proof@domain>``; whether it is ours is to be looked up."""

    text: str
    mass_email: int
    item: int
    proof: str
    domain: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """Candidates, most trusted first, each list without duplicates and bounded.

    bounce_tokens     VERP tokens in delivery headers: lower-case, for `tokens.read(Purpose.BOUNCE, …)`
    returned_tokens   the same, found in the returned message (its Return-Path, the transcript of the session)
    opt_out_tokens    of our List-Unsubscribe header in the returned message: `tokens.read(Purpose.OPT_OUT, …)`
    message_ids       Message-IDs of ours in the returned message
    feedback_ids      (campaign, mass email, account) of our Feedback-ID in the returned message: names no person
    recipients        addresses that the message says it is about: never a proof
    """

    bounce_tokens: tuple[str, ...] = ()
    returned_tokens: tuple[str, ...] = ()
    opt_out_tokens: tuple[str, ...] = ()
    message_ids: tuple[OurMessageId, ...] = ()
    feedback_ids: tuple[tuple[int, int, int], ...] = ()
    recipients: tuple[str, ...] = ()


def evidence_of(raw: bytes) -> Evidence:
    """Never raises, whatever the octets are; looks at a bounded part of them."""
    reading = read(raw)
    delivery = "\n".join(_delivery_headers(reading.message))
    returned = "\n".join(_returned_texts(reading))
    tokens = _distinct(token.lower() for token in _VERP.findall(delivery))
    return Evidence(
        bounce_tokens=tokens,
        returned_tokens=tuple(
            token for token in _distinct(each.lower() for each in _VERP.findall(returned)) if token not in tokens
        ),
        opt_out_tokens=_distinct(_OPT_OUT.findall(returned)),
        message_ids=_distinct(map(_message_id, _MESSAGE_ID.finditer(returned))),
        feedback_ids=_distinct((int(one), int(two), int(three)) for one, two, three in _FEEDBACK_ID.findall(returned)),
        recipients=tuple(refusal.address for refusal in classify(raw).recipients)[:MAX],
    )


def _delivery_headers(message: "Message[str, str]") -> Iterator[str]:
    """What the servers that delivered this message wrote: to which address. A forwarding one keeps ours in Received."""
    for name in _DELIVERY:
        for value in (message.get_all(name) or [])[:MAX]:
            yield str(value)[:MAX_LINE]
    for value in (message.get_all("Received") or [])[:MAX]:
        yield from _FOR.findall(str(value)[:MAX_LINE])


def _returned_texts(reading: Reading) -> Iterator[str]:
    """The returned message, its header above all: as a part, decoded, or quoted in the text."""
    for returned in reading.returned[:MAX]:
        yield "\n".join(f"{name}: {str(value)[:MAX_LINE]}" for name, value in returned.items()[:200])
        yield "\n".join(texts_of(returned))
    # Quotation marks, and lines that a mail program broke where a token goes on.
    yield _MARKS.sub("", reading.quoted)
    yield _MARKS.sub("", reading.text)
    yield reading.status
    yield reading.feedback


def _message_id(found: re.Match[str]) -> OurMessageId:
    mass_email, item, proof, domain = found.groups()
    return OurMessageId(
        f"<{mass_email}.{item}.{proof}@{domain}>", int(mass_email), int(item), proof.lower(), domain.lower()
    )


def _distinct(values: Iterable[T]) -> tuple[T, ...]:
    return tuple(islice(dict.fromkeys(values), MAX))
