"""K1 to K20, all but one, in their short form: a few people each, real processes all the same."""

from collections.abc import Iterator

import pytest

from scripts.servers import Missing
from tests.faults.__main__ import MODULES
from tests.faults.registry import FAULTS, bear
from tests.faults.world import Servers, servers

# Four clocks and one connection that goes round: minutes even with few people, so only `make faults` plays it.
LONG_ONLY = {"K11"}


@pytest.fixture(scope="module")
def both() -> Iterator[Servers]:
    assert MODULES
    try:
        with servers() as running:
            yield running
    except Missing as missing:
        pytest.skip(f"{missing} is missing")


@pytest.mark.parametrize("name", sorted(FAULTS.keys() - LONG_ONLY, key=lambda name: int(name[1:])))
def test_fault(both: Servers, name: str) -> None:
    verdict = bear(FAULTS[name], both)
    assert verdict.problems == [], verdict
