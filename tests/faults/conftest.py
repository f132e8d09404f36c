"""Faults one beside the other, each in a world of its own: the long ones first."""

import pytest

from tests.order import begin_with

LONGEST = ["test_orderly_stop.py", "test_sigterm.py", "test_races.py", "test_kill.py", "test_database_away.py"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    begin_with(LONGEST, items)
