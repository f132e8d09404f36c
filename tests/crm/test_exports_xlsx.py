"""XLSX as another program reads it: text stays text, numbers and dates are numbers and dates."""

import io
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from crm.exports import xlsx
from crm.exports.xlsx import write_xlsx


def book_of(heading: list[str], rows: list[list[Any]], name: str = "Contacts") -> Any:
    file = io.BytesIO()
    write_xlsx(file, name, heading, rows, len(rows))
    return load_workbook(file)


def read_again(*values: Any) -> list[Any]:
    cells = list(book_of(["A"] * len(values), [list(values)]).active.iter_rows(min_row=2))[0]
    return [cell.value for cell in cells]


def test_every_kind_is_read_as_it_was() -> None:
    values = ["Ines", 7, -2.5, Decimal("10.50"), date(2026, 2, 3), datetime(2026, 2, 3, 4, 5, 6, tzinfo=UTC), None, ""]
    day, moment = datetime(2026, 2, 3), datetime(2026, 2, 3, 4, 5, 6)
    assert read_again(*values) == ["Ines", 7, -2.5, 10.5, day, moment, None, None]


@pytest.mark.parametrize("text", ["=1+1", "@SUM(A1)", "-3", "0123", "a & <b>", " x ", "_x0041_", "1e5", "TRUE", "ü\n2"])
def test_text_is_text_whatever_it_looks_like(text: str) -> None:
    [cell] = list(book_of(["A"], [[text]]).active.iter_rows(min_row=2))[0]
    assert cell.value.replace("_x005F_", "_") == text
    assert cell.data_type in {"s", "inlineStr"}


@given(st.text())
def test_no_text_breaks_the_file(text: str) -> None:
    read = read_again(text)[0] or ""
    plain = xlsx._FORBIDDEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    assert read.replace("_x005F_", "_") == plain


@given(st.one_of(st.integers(), st.floats(allow_nan=True), st.decimals(allow_nan=True)))
def test_numbers_that_a_spreadsheet_would_round_are_text(number: Any) -> None:
    read = read_again(number)[0]
    if isinstance(read, str):
        assert read == str(number)
    else:
        assert float(read) == float(number)


def test_dates_before_the_calendars_agree_are_text() -> None:
    assert read_again(date(1899, 5, 6), datetime(1850, 1, 1, 12)) == ["1899-05-06", "1850-01-01 12:00:00"]


def test_a_long_table_goes_on_in_the_next_sheet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xlsx, "ROWS_OF_SHEET", 3)
    book = book_of(["N"], [[number] for number in range(5)], "Con/tacts: [all]")
    assert book.sheetnames == ["Con tacts   all", "Con tacts   all 2", "Con tacts   all 3"]
    assert [[row[0].value for row in sheet] for sheet in book] == [["N", 0, 1], ["N", 2, 3], ["N", 4]]
    assert len(book_of(["N"], [[1], [2]]).sheetnames) == 1 and len(book_of(["N"], []).sheetnames) == 1


def test_the_heading_stands_still() -> None:
    sheet = book_of(["Name"], [["Ines"]]).active
    assert sheet.freeze_panes == "A2" and sheet["A1"].font.b


@pytest.mark.parametrize(("number", "version"), [(5_000, 20), (5_001, 45)])
def test_a_long_sheet_may_have_more_than_two_gibibytes(number: int, version: int) -> None:
    """The version that unpacking needs, in the header of the first part: 45 knows sizes of 64 bits (APPNOTE 4.4.3)."""
    file = io.BytesIO()
    write_xlsx(file, "Contacts", ["A"], [["x"]], number)
    assert int.from_bytes(file.getvalue()[4:6], "little") == version
