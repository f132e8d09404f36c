"""The list of a million contacts: milliseconds for the page, searches, filters, chips and every sort.

    python -m benchmarks.list_million [--size 1000000] [--repeats 5] [--databases postgresql sqlite]

Options and figures are those of benchmarks.pages_million.
"""

from benchmarks.pages_million import chosen, report


def main() -> None:
    report("The list of a million records", "asking.measure_lists", chosen(__doc__ or ""))


if __name__ == "__main__":
    main()
