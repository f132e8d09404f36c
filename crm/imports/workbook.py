"""An XLSX: a look inside before anything is unpacked, then one of its sheets as a CSV of our own.

The reader builds the whole sheet in memory, down to the last row and column that is named in it; so a few hundred
octets can ask for gigabytes. Nothing is given to it before the archive was inflated once, counting, and the cells of
the sheet were seen to lie within the limits.
"""

import csv
import re
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _
from lxml import etree
from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetTypeEnum

from crm.imports.limits import Limits

AT_A_TIME = 1 << 20
MOST_PARTS = 2_000
MOST_CELLS = 20_000_000  # of the rectangle around a sheet, each some 32 octets in memory
OLD_EXCEL = b"\xd0\xcf\x11\xe0"
_CELL = re.compile(rb"""<(?:\w+:)?c\b[^>]*?\sr=["']([A-Za-z]+)(\d{1,9})""")
_ROW = re.compile(rb"""<(?:\w+:)?row\b[^>]*?\sr=["'](\d{1,9})""")
# A formula whose value was never stored, or a value that is an error: the reader takes both for empty.
_NO_VALUE = re.compile(
    rb"""<(?:\w+:)?c\b(?=[^>]*\sr=["']([A-Za-z]+)(\d{1,9}))(?:[^>]*\st=["']e["']|[^>]*>\s*"""
    rb"""<(?:\w+:)?f\b(?:[^>]*/>|[^>]*>[^<]*</(?:\w+:)?f>)\s*(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v></(?:\w+:)?v>)?\s*</)"""
)
LONGEST_ELEMENT = 64 * 1024
ERROR = "#VALUE!"
RELATIONS = "xl/_rels/workbook.xml.rels"


class BadFile(Exception):
    """The file cannot be taken; the text says why."""


def is_zip(start: bytes) -> bool:
    return start.startswith(b"PK")


def look_inside(path: Path, limits: Limits) -> dict[str, set[tuple[int, int]]]:
    """Of every sheet of the archive the cells without a value, (row, column) from 0. Raises BadFile."""
    try:
        with zipfile.ZipFile(path) as archive:
            return _look(archive, limits)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, RuntimeError, OSError) as error:
        raise BadFile(_("This file is damaged, or is not an Excel workbook.")) from error


def _look(archive: zipfile.ZipFile, limits: Limits) -> dict[str, set[tuple[int, int]]]:
    parts = archive.infolist()
    if "xl/workbook.xml" not in archive.namelist():
        raise BadFile(_("This is not an Excel workbook (.xlsx)."))
    if len(parts) > MOST_PARTS:
        raise BadFile(_("The workbook has too many parts."))
    left, found = limits.unpacked, {}
    for part in parts:
        sheet = _Sheet(limits) if part.filename.startswith("xl/worksheets/") else None
        with archive.open(part) as stream:
            while octets := stream.read(AT_A_TIME):
                left -= len(octets)
                if left < 0:
                    raise BadFile(_too_large(limits))
                if sheet:
                    sheet.see(octets)
        if sheet:
            sheet.check()
            found[part.filename] = sheet.without_value
    return found


def _too_large(limits: Limits) -> str:
    megabytes = limits.unpacked // 1024**2
    return _("Unpacked, the workbook is larger than %(number)s MB. Save the sheet as CSV.") % {"number": megabytes}


class _Sheet:
    """What the XML of a sheet says about its size, read in pieces."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.tail = b""
        self.columns = self.rows = 0
        self.without_value: set[tuple[int, int]] = set()

    def see(self, octets: bytes) -> None:
        """What begins after the last whole row is looked at again with the next piece."""
        text = self.tail + octets
        cut = max(text.rfind(b"</row>"), text.rfind(b"</x:row>"), len(text) - LONGEST_ELEMENT, 0)
        self._measure(text)
        self.tail = text[cut:]

    def check(self) -> None:
        """Raises BadFile for a sheet that would not fit."""
        if self.columns > self.limits.columns:
            raise BadFile(too_many_columns(self.columns, self.limits))
        if self.rows > self.limits.rows + 1:
            raise BadFile(too_many_rows(self.limits))
        if self.rows * self.columns > MOST_CELLS:
            raise BadFile(_("The sheet is too large. Save it as CSV."))

    def _measure(self, text: bytes) -> None:
        cells = _CELL.findall(text)
        self.columns = max(self.columns, *map(_number, {letters for letters, _row in cells}), 0)
        self.rows = max(self.rows, *(int(row) for _letters, row in cells), *map(int, _ROW.findall(text)), 0)
        if len(self.without_value) < self.limits.rows:
            self.without_value |= {(int(row) - 1, _number(column) - 1) for column, row in _NO_VALUE.findall(text)}


def _number(letters: bytes) -> int:
    """A → 1, Z → 26, AA → 27."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number


def too_many_columns(number: int, limits: Limits) -> str:
    return _("The file has %(number)s columns; at most %(most)s can be imported.") % {
        "number": number, "most": limits.columns,
    }  # fmt: skip


def too_many_rows(limits: Limits) -> str:
    return _("The file has more than %(most)s rows. Cut it into several files.") % {"most": limits.rows}


def sheet_names(path: Path) -> list[str]:
    """The sheets with cells, hidden ones too. Raises BadFile; call `look_inside` first."""
    try:
        with CalamineWorkbook.from_path(path) as book:
            return [sheet.name for sheet in book.sheets_metadata if sheet.typ == SheetTypeEnum.WorkSheet]
    except (CalamineError, OSError) as error:
        raise BadFile(_("This workbook cannot be read: %(reason)s") % {"reason": str(error)[:200]}) from error


def write_csv(path: Path, sheet: str, target: Path, limits: Limits) -> None:
    """One sheet as CSV in UTF-8, its rows and columns where they were. Raises BadFile."""
    missing = _missing_of(path, sheet, limits)
    try:
        with CalamineWorkbook.from_path(path) as book, target.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(_lines(book.get_sheet_by_name(sheet), missing))
    except (CalamineError, OSError) as error:
        raise BadFile(_("This workbook cannot be read: %(reason)s") % {"reason": str(error)[:200]}) from error


def _missing_of(path: Path, sheet: str, limits: Limits) -> set[tuple[int, int]]:
    return look_inside(path, limits).get(_part_of(path, sheet), set())


def _part_of(path: Path, sheet: str) -> str:
    """Where in the archive a sheet lies, by the relations of the workbook; "" when they do not say it."""
    with zipfile.ZipFile(path) as archive:
        book = _parsed(archive.read("xl/workbook.xml"))
        links = _parsed(archive.read(RELATIONS)) if RELATIONS in archive.namelist() else []
    targets = {link.get("Id"): str(link.get("Target", "")) for link in links}
    for found in book.iter("{*}sheet"):
        if found.get("name") == sheet:
            target = next((targets[value] for value in found.attrib.values() if value in targets), "")
            return target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    return ""


def _parsed(octets: bytes) -> Any:
    """Without entities, network or external files. Raises BadFile."""
    try:
        return etree.fromstring(octets, etree.XMLParser(resolve_entities=False, no_network=True))
    except etree.XMLSyntaxError as error:
        raise BadFile(_("This file is damaged, or is not an Excel workbook.")) from error


def _lines(sheet: CalamineSheet, missing: set[tuple[int, int]]) -> Iterator[list[str]]:
    """Every row from the first one of the sheet on; the reader leaves out empty columns before the first cell."""
    if sheet.start is None:
        return
    before = [""] * sheet.start[1]
    for number, row in enumerate(sheet.iter_rows()):
        cells = before + [_text(cell) for cell in row]
        yield _with_errors(number, cells, missing) if missing else cells


def _with_errors(number: int, cells: list[str], missing: set[tuple[int, int]]) -> list[str]:
    return [ERROR if not cell and (number, column) in missing else cell for column, cell in enumerate(cells)]


def _text(cell: Any) -> str:
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else cell.isoformat(sep=" ", timespec="seconds")
    return cell.isoformat() if isinstance(cell, date | time) else str(cell)
