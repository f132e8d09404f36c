"""A CSV as rows. What is wrong with one row is said of that row; those behind it are read as if nothing had been.

Python's csv module does the cutting, in its strict form: an open quotation mark is an error instead of a cell that
swallows the rest of the file. After an error the first line is given up, and reading goes on with the second.
"""

import csv
import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, NamedTuple

from django.utils.translation import gettext as _

from crm.imports.encoding import open_text
from crm.imports.limits import Limits

LINE_ENDS = ("\n", "\r")
LONGEST_RECORD = 1_000_000  # characters between a quotation mark and its partner
QUOTE = '"'


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a row is refused; `column` counts from 1, 0 is the row as a whole."""

    reason: str
    column: int = 0


class Row(NamedTuple):
    """`number` as spreadsheets count: the first row of the file is 1, empty ones count too."""

    number: int
    cells: list[str]
    problem: Problem | None = None

    @property
    def is_empty(self) -> bool:
        return self.problem is None and not any(map(str.strip, self.cells))


class _TooLong(Exception):
    """A record without an end in sight."""


class _Lines:
    """Feeds csv.reader, remembers the lines of the record in hand, and takes lines back."""

    def __init__(self, file: IO[str]) -> None:
        self.file = file
        self.waiting: deque[str] = deque()
        self.taken: list[str] = []
        self.size = 0

    def begin(self) -> None:
        self.taken.clear()
        self.size = 0

    def give_up_first(self) -> str:
        """The first line of the record in hand is broken; the others wait to be read again."""
        self.waiting.extendleft(reversed(self.taken[1:]))
        return self.taken[0]

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        line = self.waiting.popleft() if self.waiting else self._read()
        if not line:
            raise StopIteration
        self.taken.append(line)
        self.size += len(line)
        if self.size > LONGEST_RECORD:
            raise _TooLong
        return line

    def _read(self) -> str:
        """The next line; of one beyond all measure only the beginning, which is too long by itself."""
        line = self.file.readline(LONGEST_RECORD + 1)
        if len(line) > LONGEST_RECORD:
            rest = line
            while rest and not rest.endswith(LINE_ENDS):
                rest = self.file.readline(LONGEST_RECORD)
        return line


def rows_of(file: IO[str], delimiter: str, limits: Limits) -> Iterator[Row]:
    """Every row of an open file, the empty ones too. Raises nothing for its content."""
    csv.field_size_limit(max(csv.field_size_limit(), LONGEST_RECORD))
    lines, number = _Lines(file), 0
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    while True:
        lines.begin()
        number += 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except (csv.Error, _TooLong):
            yield _broken(number, lines.give_up_first(), delimiter, limits)
            continue
        yield Row(number, cells, _too_wide(cells, limits) if len(cells) > limits.columns else None)


def _too_wide(cells: list[str], limits: Limits) -> Problem:
    del cells[limits.columns :]
    return Problem(_("The row has more than %(number)s columns.") % {"number": limits.columns})


def _broken(number: int, line: str, delimiter: str, limits: Limits) -> Row:
    """The line as it would be cut if quotation marks meant nothing."""
    cells = [cell[: limits.cell] for cell in line.rstrip("\r\n").split(delimiter)[: limits.columns]]
    if len(line) > LONGEST_RECORD:
        return Row(number, cells, Problem(_("The row is too long.")))
    column = _column_of_quote(line, delimiter)
    return Row(number, cells, Problem(_("A quotation mark has no partner."), column))


def _column_of_quote(line: str, delimiter: str) -> int:
    """The column in which the quotation marks go wrong, 0 when it cannot be told."""
    cut = re.escape(delimiter)
    whole = re.compile(rf'(?:"(?:[^"]|"")*"|[^"{cut}\r\n][^{cut}\r\n]*|)(?:{cut}|\r?\n|\r|$)')
    place, column = 0, 1
    while place < len(line):
        found = whole.match(line, place)
        if found is None or found.end() == place:
            return column
        place, column = found.end(), column + 1
    return 0


@dataclass(frozen=True, slots=True)
class Source:
    """A CSV file and how it is written."""

    path: Path
    encoding: str
    delimiter: str

    def rows(self, limits: Limits) -> Iterator[Row]:
        with open_text(self.path, self.encoding) as file:
            yield from rows_of(file, self.delimiter, limits)

    def first(self, number: int, limits: Limits) -> list[Row]:
        """The first rows that are not empty."""
        found: list[Row] = []
        for row in self.rows(limits):
            if not row.is_empty:
                found.append(row)
            if len(found) == number:
                break
        return found
