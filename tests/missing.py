"""What a machine lacks: its tests are skipped, but never where everything has to run."""

import os
from typing import NoReturn

import pytest

IN_CI = os.environ.get("CI", "") not in {"", "0", "false"}


def lacking(what: object) -> NoReturn:
    if IN_CI:
        pytest.fail(f"missing: {what}")
    pytest.skip(f"missing: {what}")
