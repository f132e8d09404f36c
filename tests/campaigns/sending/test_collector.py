"""The collector of garbage does not look through the program while it sends."""

import gc

import pytest

from campaigns.sending.collector import set_program_aside
from campaigns.sending.deliver import send_portion


class Knot:
    """Garbage that only the collector finds."""

    def __init__(self) -> None:
        self.itself = self


@pytest.mark.django_db
def test_the_program_is_set_aside_before_the_first_message() -> None:
    send_portion(0)  # there is none; the process sends all the same

    assert gc.get_freeze_count() > 10_000


def test_garbage_that_is_made_later_is_still_found() -> None:
    set_program_aside()
    knots = [Knot() for _ in range(100)]
    del knots

    gc.collect()

    assert not any(isinstance(one, Knot) for one in gc.get_objects())
