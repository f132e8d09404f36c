"""Tells long tasks that their worker has been asked to end."""

import mmap


class StopFlag:
    """An event that a worker's main process sets and that its forked children, who run the tasks, see at once.

    One octet of anonymous shared memory: unlike multiprocessing.Event it has no lock that a killed child could keep.
    Made at import, before the worker forks.
    """

    def __init__(self) -> None:
        self._memory = mmap.mmap(-1, 1)

    def is_set(self) -> bool:
        return self._memory[0] == 1

    def set(self) -> None:
        self._memory[0] = 1

    def clear(self) -> None:
        self._memory[0] = 0


stopping = StopFlag()
