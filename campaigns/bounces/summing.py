"""Verdicts on recipients → the verdict on the message: the worst of them."""

from collections.abc import Sequence

from campaigns.bounces.verdicts import Classification, Kind, Refusal

_WORST = (Kind.HARD, Kind.COMPLAINT, Kind.SOFT, Kind.NONE)


def summed(refusals: Sequence[Refusal]) -> Classification:
    """A refusal without an address speaks of whomever the message is about."""
    if not refusals:
        return Classification(Kind.NONE, rule="nobody was refused")
    worst = min(refusals, key=lambda refusal: _WORST.index(refusal.kind))
    named = tuple(refusal for refusal in refusals if refusal.address)
    return Classification(worst.kind, named, worst.reason, worst.code, worst.evidence, worst.rule)
