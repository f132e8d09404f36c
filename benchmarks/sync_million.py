"""*Sync with Reports* of a million members: preview, filling an empty list, nothing to do, two tenths changed.

    python -m benchmarks.sync_million [--size 1000000] [--repeats 1] [--databases postgresql sqlite]

The list follows two reports that overlap, in the mode Exact, in portions as the job does it. Before the last step one
member in a hundred opted out, a tenth of the members left the reports and as many came. Beside it, in the same
database, a loop that asks about each record, reckoned up to as many.
"""

from benchmarks.rig import call, heralds, options
from benchmarks.table import Table, median_by

AIM = 60.0  # seconds on PostgreSQL
STEPS = ("preview", "fill", "again", "change")


def main() -> None:
    chosen = options(__doc__, size=1_000_000, repeats=1)
    table = Table("Sync with Reports (s)", [*STEPS, "members", "added", "removed", "plain loop"])
    for database in chosen.databases:
        runs = []
        for _repeat in range(chosen.repeats):
            with heralds(database) as make:
                runs.append(call(make(), "benchmarks.syncing.measure", chosen.size))
        told = median_by(runs, lambda run: float(run["fill"]))
        figures = [told[step] for step in STEPS] + [told["members"], told["added"], told["removed"]]
        reached = max(told["fill"], told["change"]) < AIM
        table.row(database, [*figures, told["plain"] * told["members"]], aim=f"< {AIM:.0f} s each", reached=reached)


if __name__ == "__main__":
    main()
