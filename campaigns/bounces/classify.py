"""Octets of a message → what it says about whom. Pure: no database, no clock, no network."""

from campaigns.bounces.verdicts import Classification, Kind

__all__ = ["classify"]


def classify(raw: bytes) -> Classification:
    """Never raises, whatever the octets are; looks at a bounded part of them."""
    del raw
    return Classification(Kind.NONE)
