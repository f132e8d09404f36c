"""Every page that a marketer clicks through, with a million records behind it.

    python -m benchmarks.pages_million [--size 1000000] [--repeats 5] [--databases postgresql sqlite]

The whole request through Django's test client: median and worst milliseconds, how much of them the database took, and
the number of statements. --at names a database that stays for the next run, --only a part of the names of the pages,
and --explain prints the slowest statement of each page with its plan. See benchmarks.million for what is looked at.
"""

from argparse import Namespace

from benchmarks.rig import call, herald_of, parser
from benchmarks.table import Table, say

AIM = 300  # milliseconds


def main() -> None:
    report("Pages of a million records", "asking.measure_pages", chosen(__doc__ or ""))


def chosen(title: str) -> Namespace:
    found = parser(title, size=1_000_000, repeats=5)
    found.add_argument("--at", default="", help="URL of a database that is filled once and kept")
    found.add_argument("--only", default="", help="a part of the names")
    found.add_argument("--explain", action="store_true")
    return found.parse_args()


def report(title: str, measure: str, asked: Namespace) -> None:
    for database in ["the given database"] if asked.at else asked.databases:
        with herald_of(database, asked.at) as herald:
            rows = call(herald, f"benchmarks.{measure}", asked.size, asked.repeats, asked.only, asked.explain)
        table = Table(f"{title}, {database}", ["median ms", "worst", "database", "statements"])
        for name, median, worst, spent, statements, plan in rows:
            figures = [median, worst, spent, statements]
            table.row(name, figures, aim=f"≤ {AIM} ms", reached=median <= AIM)
            if plan:
                say(plan)


if __name__ == "__main__":
    main()
