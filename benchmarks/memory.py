"""The size of one sender process while it sends to a million people: it stays small, and it does not grow.

    python -m benchmarks.memory [--size 1000000] [--databases postgresql]

Resident memory is sampled twenty times a second. Growth is the median of the last tenth of the samples less that of
the second tenth: the first one fills caches.
"""

import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from benchmarks.rig import MakeHerald, call, heralds, options, spawn
from benchmarks.sink import Sink, sink
from benchmarks.table import Table

AIM_MB = 150.0
FLAT_MB = 5.0
EVERY = 0.05  # seconds


def resident(pid: int) -> float:
    """MB; 0 for a process that is gone."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except FileNotFoundError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS")), 0.0)


def samples(process: "subprocess.Popen[str]", sending: Callable[[], bool]) -> list[float]:
    """Of the time in which messages go out; of the last moment before, when all went out between two samples."""
    found: list[float] = []
    has_begun = False
    while process.poll() is None:
        size = resident(process.pid)
        if not has_begun:
            has_begun, found = sending(), []
        if size:
            found.append(size)
        time.sleep(EVERY)
    return found


def growth(sizes: list[float]) -> float:
    tenth = max(1, len(sizes) // 10)
    return median(sizes[-tenth:]) - median(sizes[tenth : 2 * tenth] or sizes)


def measure(make: MakeHerald, size: int, server: Sink) -> tuple[list[float], float]:
    """The samples in MB and the messages per second. Raises AssertionError when messages are missing."""
    herald = make()
    mass_email = call(herald, "benchmarks.population.populate", size, smtp_port=server.port)
    call(herald, "benchmarks.sending.queue_up", mass_email)
    process = spawn(herald, "benchmarks.sending.send_everything", mass_email)
    began = time.monotonic()
    sizes = samples(process, lambda: server.totals()["messages"] > 0)
    seconds = time.monotonic() - began
    _out, errors = process.communicate()
    assert process.returncode == 0 and server.totals()["messages"] == size, errors
    return sizes, size / seconds


def report(make: MakeHerald, database: str, size: int) -> None:
    table = Table(f"Memory of the sender, {database}", ["MB at first", "MB at most", "growth MB", "messages/s"])
    with sink() as server:
        sizes, rate = measure(make, size, server)
    table.row(
        f"{size:,} people",
        [sizes[0], max(sizes), growth(sizes), rate],
        aim=f"≤ {AIM_MB:.0f} MB, flat",
        reached=max(sizes) <= AIM_MB and growth(sizes) <= FLAT_MB,
    )


def main() -> None:
    chosen = options(__doc__ or "", size=1_000_000, repeats=1)
    for database in chosen.databases[:1]:
        with heralds(database) as make:
            report(make, database, chosen.size)


if __name__ == "__main__":
    main()
