"""Reports over a million records: what finds their records, counts them, and reckons their grids.

    python -m benchmarks.reports_million [--size 1000000] [--repeats 3] [--databases postgresql sqlite]

The whole page of a report through Django's test client, and the bare statement that a target list is filled from
(`all records`): every id that the criteria find. See benchmarks.million for what is looked at.
"""

from benchmarks.pages_million import chosen, report


def main() -> None:
    report("Reports on a million records", "reporting.measure_reports", chosen(__doc__ or ""))


if __name__ == "__main__":
    main()
