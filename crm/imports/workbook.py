"""An XLSX: a look inside before anything is unpacked, then one of its sheets as a CSV of our own.

The reader builds the whole sheet in memory, down to the last row and column that is named in it; so a few hundred
octets can ask for gigabytes. Nothing is given to it before the archive was inflated once, counting, and the cells of
the sheet were seen to lie within the limits.
"""

import csv
import logging
import re
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, datetime, time
from pathlib import Path
from typing import Any
from xml.parsers import expat

from django.utils.translation import gettext as _
from lxml import etree
from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetTypeEnum

from crm.imports.limits import Limits

logger = logging.getLogger(__name__)

AT_A_TIME = 1 << 20
MOST_PARTS = 2_000
MOST_CELLS = 20_000_000  # of the rectangle around a sheet, each some 32 octets in memory
OLD_EXCEL = b"\xd0\xcf\x11\xe0"
_PLACE = re.compile(r"([A-Za-z]{1,3})([0-9]{1,9})")
LONGEST_TOKEN = 4 << 20  # octets of a tag or comment: a longer one would be looked at again with every piece
LONGEST_INDEX = 4 << 20  # octets of the list of the sheets
SHEETS = ("xl/worksheets/", "xl/chartsheets/", "xl/dialogsheets/", "xl/macrosheets/")
ERROR = "#VALUE!"
RELATIONS = "xl/_rels/workbook.xml.rels"


class BadFile(Exception):
    """The file cannot be taken; the text says why."""


IS_ENCRYPTED = 0x1  # bit of a part's flags
# What broken archives raise: also with a directory that points outside of the file (OSError), broken XML, and what
# zipfile says of versions and compressions that it does not know (NotImplementedError).
DAMAGED = (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, OSError, expat.ExpatError)


def is_zip(start: bytes) -> bool:
    return start.startswith(b"PK")


def _damaged() -> str:
    return _("This file is damaged, or is not an Excel workbook.")


def look_inside(path: Path, limits: Limits) -> dict[str, set[tuple[int, int]]]:
    """Of every sheet of the archive the cells without a value, (row, column) from 0. Raises BadFile."""
    try:
        with zipfile.ZipFile(path) as archive:
            return _look(archive, limits)
    except DAMAGED as error:
        logger.info("A workbook was refused: %s", error)
        raise BadFile(_damaged()) from error


def _look(archive: zipfile.ZipFile, limits: Limits) -> dict[str, set[tuple[int, int]]]:
    parts = archive.infolist()
    if "xl/workbook.xml" not in archive.namelist():
        raise BadFile(_("This is not an Excel workbook (.xlsx)."))
    if len(parts) > MOST_PARTS:
        raise BadFile(_("The workbook has too many parts."))
    if any(part.flag_bits & IS_ENCRYPTED for part in parts):
        raise BadFile(_damaged())
    left, found = limits.unpacked, {}
    for part in parts:
        sheet = _Sheet(limits) if _is_sheet(part.filename) and not part.is_dir() else None
        with archive.open(part) as stream:
            while octets := stream.read(AT_A_TIME):
                left -= len(octets)
                if left < 0:
                    raise BadFile(_too_large(limits))
                if sheet:
                    sheet.see(octets)
        if sheet:
            sheet.check()
            found[_plain(part.filename)] = sheet.without_value
    return found


def _too_large(limits: Limits) -> str:
    megabytes = limits.unpacked // 1024**2
    return _("Unpacked, the workbook is larger than %(number)s MB. Save the sheet as CSV.") % {"number": megabytes}


def _plain(name: str) -> str:
    """The reader finds parts without regard to case, and takes either slash."""
    return name.replace("\\", "/").lower()


def _is_sheet(name: str) -> bool:
    return _plain(name).startswith(SHEETS)


class _Sheet:
    """What the XML of a sheet says about its size, read in pieces. Cells without a place of their own are counted as
    the reader counts them: rows go up where one ends, columns where a cell ends."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.columns = self.rows = self.seen = 0
        self.row = self.column = 0  # of the next cell that does not say where it stands, from 0
        self.is_inside = self.has_formula = self.has_value = self.is_error = False
        self.cell = (0, 0)
        self.without_value: set[tuple[int, int]] = set()
        # The reader knows UTF-8 alone: in another encoding (UTF-16 is refused) the two would see different cells.
        self.parser = expat.ParserCreate("utf-8")
        self.parser.StartElementHandler, self.parser.EndElementHandler = self._begin, self._end
        self.parser.StartDoctypeDeclHandler = self.parser.ProcessingInstructionHandler = self._refuse

    def see(self, octets: bytes) -> None:
        """Raises BadFile, ExpatError."""
        if not self.seen and (octets[:1] in {b"\xff", b"\xfe"} or b"\0" in octets[:4]):
            self._refuse()
        self.parser.Parse(octets, False)
        self.seen += len(octets)
        if self.seen - max(self.parser.CurrentByteIndex, 0) > LONGEST_TOKEN:
            raise BadFile(_damaged())

    def check(self) -> None:
        """At the end. Raises BadFile for a sheet that would not fit, ExpatError for one that has no end."""
        self.parser.Parse(b"", True)
        if self.columns > self.limits.columns:
            raise BadFile(too_many_columns(self.columns, self.limits))
        if self.rows > self.limits.rows + 1:
            raise BadFile(too_many_rows(self.limits))
        if self.rows * self.columns > MOST_CELLS:
            raise BadFile(_("The sheet is too large. Save it as CSV."))

    def _refuse(self, *_said: object) -> None:
        raise BadFile(_damaged())

    def _begin(self, name: str, attributes: dict[str, str]) -> None:
        kind = name.rpartition(":")[2]
        if kind == "sheetData":
            self.is_inside = True
        elif kind == "c" and self.is_inside:
            self._begin_cell(attributes)
        elif kind == "row" and self.is_inside:
            if place := attributes.get("r"):
                self.row = _row(place)
            self.rows = max(self.rows, self.row + 1)
        elif kind == "f":
            self.has_formula = True
        elif kind == "v" and self.has_formula:
            self.parser.CharacterDataHandler = self._hear

    def _begin_cell(self, attributes: dict[str, str]) -> None:
        row, place = self.row, attributes.get("r")
        if place is not None:
            found = _PLACE.fullmatch(place)
            if not found:
                raise BadFile(_damaged())
            row, self.column = _row(found[2]), _number(found[1].encode()) - 1
        self.cell = (row, self.column)
        self.rows, self.columns = max(self.rows, row + 1), max(self.columns, self.column + 1)
        self.is_error, self.has_formula, self.has_value = attributes.get("t") == "e", False, False

    def _hear(self, text: str) -> None:
        self.has_value = True

    def _end(self, name: str) -> None:
        kind = name.rpartition(":")[2]
        if kind == "c" and self.is_inside:
            self._end_cell()
        elif kind == "row" and self.is_inside:
            self.row, self.column = self.row + 1, 0
        elif kind == "v":
            self.parser.CharacterDataHandler = None
        elif kind == "sheetData":
            self.is_inside = False

    def _end_cell(self) -> None:
        """A formula whose value was never stored, or a value that is an error: the reader takes both for empty."""
        is_missing = self.is_error or (self.has_formula and not self.has_value)
        if is_missing and len(self.without_value) < self.limits.rows:
            self.without_value.add(self.cell)
        self.column += 1


def _row(text: str) -> int:
    """From 0. Raises BadFile."""
    if not (text.isascii() and text.isdigit() and int(text[:10]) > 0):
        raise BadFile(_damaged())
    return int(text[:10]) - 1


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
    """The cells of this sheet without a value. Raises BadFile when any sheet lies where none was measured."""
    measured, parts = look_inside(path, limits), _parts(path)
    if any(part not in measured for _name, part in parts):
        raise BadFile(_damaged())
    return next((measured[part] for name, part in parts if name == sheet), set())


def _parts(path: Path) -> list[tuple[str, str]]:
    """The names of the sheets, and where in the archive each lies, by the relations of the workbook."""
    with zipfile.ZipFile(path) as archive:
        book = _parsed(archive, "xl/workbook.xml")
        links = _parsed(archive, RELATIONS) if RELATIONS in archive.namelist() else []
    targets = {link.get("Id"): str(link.get("Target", "")) for link in links}
    return [(str(one.get("name")), _part(targets.get(_id_of(one), ""))) for one in book.iter("{*}sheet")]


def _id_of(sheet: Any) -> str:
    """The only attribute that is an id of another namespace."""
    return next((str(value) for name, value in sheet.attrib.items() if re.fullmatch(r"\{.+\}id", name)), "")


def _part(target: str) -> str:
    """As the reader takes it, literally."""
    if target.startswith("/"):
        return _plain(target[1:])
    return _plain(target if target.startswith("xl/") else f"xl/{target}")


def _parsed(archive: zipfile.ZipFile, name: str) -> Any:
    """Without entities, network or external files. Raises BadFile."""
    if sum(part.file_size for part in archive.infolist() if part.filename == name) > LONGEST_INDEX:
        raise BadFile(_damaged())
    try:
        reader = etree.XMLParser(resolve_entities=False, no_network=True, encoding="utf-8")
        return etree.fromstring(archive.read(name), reader)
    except etree.XMLSyntaxError as error:
        raise BadFile(_damaged()) from error


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
