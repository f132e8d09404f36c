"""The export of a million records: rows per second, and that the memory stays what it was.

    python -m benchmarks.export_million [--size 1000000] [--databases postgresql sqlite]

Each export is a background task in a process of its own: CSV and XLSX with every column, and CSV with three of them.
Memory is that of the process at its largest, less what it had when the task began; the ids of all rows, 8 octets
each, are part of it.
"""

from benchmarks.rig import call, heralds, options
from benchmarks.table import Table

AIM_MB = 100.0
FEW = ["name", "email", "email_state"]
EXPORTS = (("csv", []), ("xlsx", []), ("csv", FEW))


def main() -> None:
    chosen = options(__doc__ or "", size=1_000_000, repeats=1)
    for database in chosen.databases:
        table = Table(f"Export, {database}", ["rows", "columns", "seconds", "rows/s", "MB more", "MB of file"])
        with heralds(database) as make:
            herald = make()
            call(herald, "benchmarks.exporting.prepare", chosen.size)
            for format, columns in EXPORTS:
                told = call(herald, "benchmarks.exporting.measure", format, columns)
                more = told["most"] - told["before"]
                rate = told["rows"] / told["seconds"]
                figures = [told["rows"], told["columns"], told["seconds"], rate, more, told["file"]]
                table.row(format, figures, aim=f"≤ {AIM_MB:.0f} MB", reached=more <= AIM_MB)


if __name__ == "__main__":
    main()
