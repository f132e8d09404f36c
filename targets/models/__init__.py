"""Who gets mail: target lists and their members."""

from targets.models.lists import Membership, Source, TargetList

__all__ = ["Membership", "Source", "TargetList"]
