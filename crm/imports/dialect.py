"""How a CSV is written: its delimiter, and whether its first row names the columns. Guessed from the beginning."""

import csv
from collections import Counter
from collections.abc import Sequence

DELIMITERS = ",;\t|"
RARE = ":^~"  # taken only where none of the usual ones makes columns
LOOKED_AT = 64 * 1024  # characters
MOST_ROWS = 50


def guess_delimiter(sample: str) -> str:
    """The sign that cuts most rows into equally many columns; the comma where none does."""
    lines = sample.splitlines(keepends=True)
    if len(sample) >= LOOKED_AT and len(lines) > 1:
        lines.pop()  # cut off somewhere
    for signs in (DELIMITERS, RARE):
        best = max(signs, key=lambda sign: _score(lines, sign))
        if _score(lines, best) > (0, 0):
            return best
    return ","


def _score(lines: Sequence[str], sign: str) -> tuple[float, int]:
    """(share of the rows that are as wide as most, their width); nothing for a sign that cuts nothing."""
    widths = Counter[int]()
    try:
        for row in csv.reader(lines, delimiter=sign):
            if row:
                widths[len(row)] += 1
            if widths.total() >= MOST_ROWS:
                break
    except csv.Error:  # a cell beyond any measure: reading.py says so at its row
        return (0, 0)
    width, rows = widths.most_common(1)[0] if widths else (0, 0)
    return (rows / widths.total(), width) if width > 1 else (0, 0)


def has_header(rows: Sequence[Sequence[str]]) -> bool:
    """Names of columns are words, all different, and no addresses or numbers."""
    if not rows:
        return False
    first = [cell.strip() for cell in rows[0] if cell.strip()]
    plain = all("@" not in cell and not cell.replace(".", "").replace(",", "").isdigit() for cell in first)
    return bool(first) and plain
