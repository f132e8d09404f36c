"""The queue of a million: who gets a mass email and why the others do not, written by one statement.

    python -m benchmarks.queue_build [--size 1200000] [--repeats 3] [--databases postgresql sqlite]

--size are the records on three target lists that overlap: 10 % have somebody else's address, 2 % are invalid, 3 % opted
out, and two excluding lists take their part. Beside it, in the same database, a loop that asks about each record.
"""

from benchmarks.rig import call, heralds, options
from benchmarks.table import Table, median_by

AIMS = {"postgresql": 10.0, "sqlite": 6.0}


def main() -> None:
    chosen = options(__doc__, size=1_200_000, repeats=3)
    table = Table("Queue build", ["seconds", "rows", "people", "rows/s", "x plain loop", "MB"])
    for database in chosen.databases:
        with heralds(database) as make:
            told = call(make(), "benchmarks.building.measure", chosen.size, chosen.repeats)
        seconds = median_by(told["seconds"], float)
        rate = told["rows"] / seconds
        figures = [seconds, told["rows"], told["people"], rate, rate / told["plain"], told["memory"]]
        table.row(database, figures, aim=f"≤ {AIMS[database]:.0f} s", reached=seconds <= AIMS[database])


if __name__ == "__main__":
    main()
