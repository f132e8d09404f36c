"""Claim, read and record: the database side of sending, without the sending.

    python -m benchmarks.claim_outcomes [--size 300000] [--databases postgresql sqlite]

Four processes are offered every portion, claim it, read its people, and record what came of them: queue rows, log rows,
counters. Twice and missed are counted by sets of ids. Beside it, in the same database, a loop that saves and logs one
object after the other.
"""

from benchmarks.rig import call, heralds, options
from benchmarks.table import Table

WORKERS = 4
AIM = 100_000


def main() -> None:
    chosen = options(__doc__, size=300_000, repeats=1)
    columns = ["rows/s", "x plain loop", "CPU µs/row", "+ making", "cut rows/s", "twice", "missed"]
    table = Table(f"Claim and outcomes, {WORKERS} workers", columns)
    for database in chosen.databases:
        with heralds(database) as make:
            told = call(make(), "benchmarks.recording.measure", chosen.size, WORKERS)
        plain = told.pop("plain")
        for name, one in told.items():
            figures = [one["rows"], one["rows"] / plain, one["cpu"], one["making"], one["cut"]]
            right = one["rows"] >= AIM and not one["twice"] and not one["missed"]
            shown = [*figures, str(one["twice"]), str(one["missed"])]
            table.row(f"{database}, {name}", shown, aim=f"≥ {AIM:,} rows/s, 0, 0", reached=right)


if __name__ == "__main__":
    main()
