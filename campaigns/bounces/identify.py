"""Octets of a message → what in it could prove which of our mails it is about. Pure: nothing is looked up or verified.

In the order of trust. The first three may change an address, once they are verified; the last is only logged.
"""

from dataclasses import dataclass


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
    del raw
    return Evidence()
