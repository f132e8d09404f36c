"""Import of a file of people with eight columns, matched by email and put on a target list.

    python -m benchmarks.import_people [--size 100000] [--databases postgresql sqlite]

Into an empty Herald; the same file again, of which nothing changes; and with a field changed in every other row. Beside
it, in the same database, a loop that gives every row to the form of its record. "CPU µs/row" is the worker's alone.
"""

from benchmarks.rig import call, heralds, options
from benchmarks.table import Table

AIM = 5_000  # rows per second
WHAT = {"create": "create", "again": "unchanged", "update": "every other one updated"}


def main() -> None:
    chosen = options(__doc__, size=100_000, repeats=1)
    table = Table("Import", ["rows/s", "CPU µs/row", "of PostgreSQL", "x plain loop", "MB"])
    for database in chosen.databases:
        with heralds(database) as make:
            told = call(make(), "benchmarks.importing.measure", chosen.size)
        for key, name in WHAT.items():
            figures = told[key]
            rate = figures["rate"]
            row = [rate, figures["cpu"], figures["server"], rate / told["plain"], told["memory"]]
            table.row(f"{database}, {name}", row, aim=f"≥ {AIM:,} rows/s", reached=rate >= AIM)


if __name__ == "__main__":
    main()
