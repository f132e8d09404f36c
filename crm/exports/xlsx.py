"""XLSX (ECMA-376, Office Open XML) written row by row: the memory is that of one row and of the compressor.

Text is an inline string, which no program takes for a formula. Numbers, dates and moments are what a spreadsheet
reckons with. A table that is longer than a sheet may be goes on in the next one.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from itertools import chain, islice
from typing import IO, BinaryIO
from xml.sax.saxutils import escape, quoteattr
from zipfile import ZIP_DEFLATED, ZipFile

from crm.exports.table import Value, plain_moment

ROWS_OF_SHEET = 1_048_576
LONGEST_CELL = 32_767
MOST_DIGITS = 15  # a number is a double: more digits would be rounded
COMPRESSION = 1
# A sheet above one of these may have more than 2 GiB before it is compressed: cells can be long. Old programs read
# small files without the wider headers.
FEW_ROWS, MANY_CELLS = 5_000, 10_000_000
BEGIN = datetime(1899, 12, 30)
FIRST_DAY = date(1900, 3, 1)  # before it the calendars of the programs differ
HEAD, DAY, MOMENT = 1, 2, 3  # places in cellXfs

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_DOCUMENT = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
# What XML 1.0 cannot hold, what it reads otherwise than it is written, and what a spreadsheet takes for an escape.
_SPECIAL = re.compile("[&<>\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]|_x[0-9A-Fa-f]{4}_")
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_ESCAPED = re.compile("_(?=x[0-9A-Fa-f]{4}_)")
_STYLES = (
    f'<styleSheet xmlns="{_MAIN}"><numFmts count="2"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd"/>'
    '<numFmt numFmtId="165" formatCode="yyyy\\-mm\\-dd\\ hh:mm:ss"/></numFmts>'
    '<fonts count="2"><font/><font><b/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill>'
    '</fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs>'
    '<cellXfs count="4"><xf/><xf fontId="1" applyFont="1"/><xf numFmtId="164" applyNumberFormat="1"/>'
    '<xf numFmtId="165" applyNumberFormat="1"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
)


def write_xlsx(file: BinaryIO, name: str, heading: Sequence[str], rows: Iterable[Sequence[Value]], number: int) -> None:
    """Write the workbook. `number` of rows is a guess: more or fewer may come."""
    zip64 = number > FEW_ROWS or number * len(heading) > MANY_CELLS
    with ZipFile(file, "w", ZIP_DEFLATED, compresslevel=COMPRESSION) as archive:
        source, sheets = iter(rows), 0
        following: list[Sequence[Value]] = []
        while following or not sheets:
            sheets += 1
            here = chain(following, islice(source, ROWS_OF_SHEET - 1 - len(following)))
            with archive.open(f"xl/worksheets/sheet{sheets}.xml", "w", force_zip64=zip64) as sheet:
                _write_sheet(sheet, heading, here)
            following = list(islice(source, 1))
        for path, text in _parts(name, sheets):
            archive.writestr(path, _XML + text)


def _write_sheet(sheet: IO[bytes], heading: Sequence[str], rows: Iterable[Sequence[Value]]) -> None:
    sheet.write(f"{_XML}{_sheet_head(heading)}".encode())
    for row in rows:
        sheet.write(f"<row>{''.join(map(cell, row))}</row>".encode())
    sheet.write(b"</sheetData></worksheet>")


def _sheet_head(heading: Sequence[str]) -> str:
    """The first row stands still while the others are scrolled."""
    widths = "".join(
        f'<col min="{place}" max="{place}" width="{min(max(len(label) + 4, 14), 40)}" customWidth="1"/>'
        for place, label in enumerate(heading, 1)
    )
    cells = "".join(_text(label, f' s="{HEAD}"') for label in heading)
    return (
        f'<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" '
        f'activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><cols>{widths}</cols>'
        f"<sheetData><row>{cells}</row>"
    )


def cell(value: Value) -> str:
    """The XML of one cell."""
    if value is None or value == "":
        return "<c/>"
    return _CELLS.get(type(value), _text)(value)


def _text(value: object, style: str = "") -> str:
    text = str(value)[:LONGEST_CELL]
    if _SPECIAL.search(text):
        plain = _FORBIDDEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
        text = escape(_ESCAPED.sub("_x005F_", plain))
    return f'<c t="inlineStr"{style}><is><t xml:space="preserve">{text}</t></is></c>'


def _whole(value: int) -> str:
    return f"<c><v>{value}</v></c>" if abs(value) < 10**MOST_DIGITS else _text(value)


def _float(value: float) -> str:
    return f"<c><v>{value!r}</v></c>" if value - value == 0 else _text(value)  # not for infinite and not-a-number


def _decimal(value: Decimal) -> str:
    fits = value.is_finite() and len(value.as_tuple().digits) <= MOST_DIGITS
    return f"<c><v>{value:f}</v></c>" if fits else _text(value)


def _day(value: date) -> str:
    return f'<c s="{DAY}"><v>{(value - BEGIN.date()).days}</v></c>' if value >= FIRST_DAY else _text(value)


def _moment(value: datetime) -> str:
    """In the active time zone: a spreadsheet knows none."""
    local = plain_moment(value)
    if local.date() < FIRST_DAY:
        return _text(local)
    return f'<c s="{MOMENT}"><v>{(local - BEGIN).total_seconds() / 86_400:.9f}</v></c>'


_CELLS: dict[type, Callable[..., str]] = {
    str: _text, int: _whole, float: _float, Decimal: _decimal, date: _day, datetime: _moment,
}  # fmt: skip


def _parts(name: str, sheets: int) -> list[tuple[str, str]]:
    """Everything but the sheets: (path, XML)."""
    every = range(1, sheets + 1)
    title = re.sub(r"[\[\]:*?/\\'\x00-\x1f]", " ", name).strip()[:25] or "Export"
    titles = [title if place == 1 else f"{title} {place}" for place in every]
    types = "".join(
        f'<Override PartName="/xl/worksheets/sheet{place}.xml" ContentType="{_TYPE}.worksheet+xml"/>' for place in every
    )
    named = "".join(
        f'<sheet name={quoteattr(titles[place - 1])} sheetId="{place}" r:id="r{place}"/>' for place in every
    )
    tied = "".join(
        f'<Relationship Id="r{place}" Type="{_DOCUMENT}/worksheet" Target="worksheets/sheet{place}.xml"/>'
        for place in every
    )
    return [
        (
            "[Content_Types].xml",
            f'<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels" '
            'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            f'<Default Extension="xml" ContentType="application/xml"/>'
            f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
            f'<Override PartName="/xl/styles.xml" ContentType="{_TYPE}.styles+xml"/>{types}</Types>',
        ),
        (
            "_rels/.rels",
            f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="r1" Type="{_DOCUMENT}/officeDocument" '
            'Target="xl/workbook.xml"/></Relationships>',
        ),
        ("xl/workbook.xml", f'<workbook xmlns="{_MAIN}" xmlns:r="{_DOCUMENT}"><sheets>{named}</sheets></workbook>'),
        (
            "xl/_rels/workbook.xml.rels",
            f'<Relationships xmlns="{_PACKAGE}/relationships">{tied}<Relationship Id="s1" '
            f'Type="{_DOCUMENT}/styles" Target="styles.xml"/></Relationships>',
        ),
        ("xl/styles.xml", _STYLES),
    ]
