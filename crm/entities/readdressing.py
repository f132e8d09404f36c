"""Records that got another email address: the apps above, which remember something of addresses, are told.

register_readdressed(catch_up)      # (ids of the records) -> None, inside the transaction of the change
"""

from collections.abc import Callable, Collection

CatchUp = Callable[[Collection[int]], object]
_listeners: list[CatchUp] = []


def register_readdressed(catch_up: CatchUp) -> None:
    if catch_up not in _listeners:
        _listeners.append(catch_up)


def readdressed(records: Collection[int]) -> None:
    """Tell that these records have another address now, or none. To be called once they are saved."""
    for catch_up in _listeners if records else ():
        catch_up(records)
