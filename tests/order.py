"""Files that take longest are begun first: begun last, one of them would keep one process waiting for the other."""

from collections.abc import Sequence

import pytest


def begin_with(files: Sequence[str], items: list[pytest.Item]) -> None:
    """Sort `items` in place: those of `files` in this order, then the others as they were."""
    places = {name: place for place, name in enumerate(files)}
    items.sort(key=lambda item: places.get(item.path.name, len(places)))
