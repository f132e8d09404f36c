"""K1 to K20 in their short form: a few people each, real processes all the same."""

from collections.abc import Iterator

import pytest

from scripts.servers import Missing
from tests.faults.__main__ import MODULES
from tests.faults.registry import FAULTS, bear
from tests.faults.world import Servers, servers
from tests.missing import lacking


@pytest.fixture(scope="module")
def both() -> Iterator[Servers]:
    assert MODULES
    try:
        with servers() as running:
            yield running
    except Missing as missing:
        lacking(missing)


@pytest.mark.parametrize("name", sorted(FAULTS, key=lambda name: int(name[1:])))
def test_fault(both: Servers, name: str) -> None:
    verdict = bear(FAULTS[name], both)
    assert verdict.problems == [], verdict
