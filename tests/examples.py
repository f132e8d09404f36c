"""How often a property is tried: in full by `make test`, with a part of the examples by `make check`."""

import os

IS_FAST = os.environ.get("HERALD_TESTS") == "fast"
FEWEST = 10


def examples(most: int) -> int:
    """`most`, or a tenth of it in the fast part."""
    return min(most, max(FEWEST, most // 10)) if IS_FAST else most
