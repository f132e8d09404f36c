"""When the last of so many people is dealt out: run by run of the job, under the limits of a batch and of the hour.

Pure: what was sent lately and when the job runs are told.
"""

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

HOUR = timedelta(hours=1)
DEALT_IN = timedelta(minutes=1)  # what a run deals out is counted for an hour from its end, not from its beginning
MOST_RUNS = 1000  # looked at one by one; what is left after them goes on as fast as they did


@dataclass(frozen=True, slots=True)
class Limit:
    """So many in any 60 minutes, of which `used` went out lately: when, and how many."""

    per_hour: int
    used: Sequence[tuple[datetime, int]] = ()


def last_run(people: int, runs: Iterable[datetime], per_batch: int, limits: Sequence[Limit]) -> datetime:
    """The run that deals out the last of `people` (≥ 1). `runs` do not end; limits and batch are ≥ 1."""
    windows = [deque(sorted(limit.used)) for limit in limits]
    left, first = people, None
    for number, run in enumerate(runs):
        first = first or run
        share = min(
            left, per_batch, *(_free(limit, window, run) for limit, window in zip(limits, windows, strict=True))
        )
        left -= share
        if not left:
            return run
        for window in windows:
            window.append((run + DEALT_IN, share))
        if number >= MOST_RUNS and left < people:
            return run + (run - first) * (left / (people - left))
    raise ValueError("the runs end")


def _free(limit: Limit, window: deque[tuple[datetime, int]], run: datetime) -> int:
    while window and window[0][0] <= run - HOUR:
        window.popleft()
    return max(0, limit.per_hour - sum(count for _at, count in window))
