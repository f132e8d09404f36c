"""Which tests run, by HERALD_TESTS, and how often a property is tried.

`fast`: with a part of the examples, for `make check`. `database`: only tests that may use a database, all examples, for
the run of `make test` on the second database. Otherwise everything.
"""

import os

IS_FAST = os.environ.get("HERALD_TESTS") == "fast"
ONLY_DATABASE = os.environ.get("HERALD_TESTS") == "database"
FEWEST = 10


def examples(most: int) -> int:
    """`most`, or a tenth of it in the fast part."""
    return min(most, max(FEWEST, most // 10)) if IS_FAST else most
