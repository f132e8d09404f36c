"""A CSV as rows: whatever is wrong with one of them, the others are read."""

import csv
import io
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm.imports import reading
from crm.imports.dialect import guess_delimiter, has_header
from crm.imports.encoding import UNDECODABLE, guess_encoding, open_text
from crm.imports.limits import Limits
from crm.imports.reading import Row, Source, rows_of

SOME = settings(max_examples=40, deadline=None)
LIMITS = Limits(octets=10**6, rows=1000, columns=50, cell=1000, unpacked=10**7)
CELLS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)
TABLES = st.lists(st.lists(CELLS, min_size=1, max_size=6).filter(any), min_size=1, max_size=8)
WORDS = st.text("abcdefghijklmnopqrstuvwxyz0123456789 @.éß漢", min_size=1, max_size=8).filter(str.strip)


def read(text: str, delimiter: str = ",") -> list[Row]:
    return list(rows_of(io.StringIO(text, newline=""), delimiter, LIMITS))


def written(table: list[list[str]], delimiter: str = ",", **how: object) -> str:
    file = io.StringIO(newline="")
    csv.writer(file, delimiter=delimiter, **how).writerows(table)  # type: ignore[arg-type]
    return file.getvalue()


@SOME
@given(TABLES, st.sampled_from(",;\t|:"), st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]))
def test_what_was_written_is_read_again(table: list[list[str]], delimiter: str, quoting: int) -> None:
    rows = read(written(table, delimiter, quoting=quoting), delimiter)
    assert [row.cells for row in rows] == table
    assert [row.number for row in rows] == list(range(1, len(table) + 1))
    assert all(row.problem is None for row in rows)


@SOME
@given(st.text(st.sampled_from('ab,;"\r\n\0 '), max_size=60))
def test_any_text_is_read_to_its_end(text: str) -> None:
    rows = read(text)
    assert [row.number for row in rows] == list(range(1, len(rows) + 1))


@SOME
@given(TABLES, st.integers(0, 7), st.sampled_from(['a,"open', '"x"y,b', '"""']))
def test_a_broken_line_costs_itself_alone(table: list[list[str]], place: int, broken: str) -> None:
    """Where its quotation mark finds no partner in a later line."""
    table = [[cell.replace('"', "").replace("\n", " ").replace("\r", " ") for cell in row] for row in table]
    table = [row for row in table if any(map(str.strip, row))] or [["a", "b"]]
    lines = [f"{line}\n" for line in written(table, lineterminator="\n").replace('"', "").split("\n")[:-1]]
    expected = [line.rstrip("\n").split(",") for line in lines]
    place = min(place, len(lines))
    rows = read("".join([*lines[:place], f"{broken}\n", *lines[place:]]))
    assert [row.cells for row in rows if not row.problem] == expected
    assert [row.number for row in rows if row.problem] == [place + 1]


def test_the_column_of_the_quotation_mark_is_told() -> None:
    rows = read('a,b,c\n1,"open,3\n4,5,6\n"x"y,2,3\n7,"two\nlines",9\n')
    assert [(row.number, row.problem.column) for row in rows if row.problem] == [(2, 2), (4, 1)]
    assert rows[-1].cells == ["7", "two\nlines", "9"]


def test_a_line_beyond_measure_is_refused_and_the_next_one_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "LONGEST_RECORD", 100)
    rows = read(f"a,b\n{'x' * 1000},y\nc,d\n" + 'e,"' + "z\n" * 200)
    assert [row.cells for row in rows[:1]] == [["a", "b"]]
    assert rows[1].problem and rows[1].problem.reason == "The row is too long."
    assert rows[2].cells == ["c", "d"]
    assert rows[3].problem and len(rows) == 203


def test_a_row_that_is_too_wide_is_refused() -> None:
    wide, narrow = read(",".join("x" * 51) + "\na,b\n")
    assert wide.problem and len(wide.cells) == 50
    assert narrow == Row(2, ["a", "b"])


@SOME
@given(st.lists(st.lists(WORDS, min_size=3, max_size=3), min_size=2, max_size=6), st.sampled_from(",;\t|"))
def test_the_delimiter_is_found(table: list[list[str]], delimiter: str) -> None:
    assert guess_delimiter(written(table, delimiter)) == delimiter


def test_decimal_commas_do_not_hide_the_semicolon() -> None:
    assert guess_delimiter("Name;Amount;Day\nInes;1,50;3\nKarim;2,75;4\n") == ";"
    assert guess_delimiter("just\none column\n") == ","


@pytest.mark.parametrize(
    ("rows", "expected"),
    [([["Name", "Email"]], True), ([["Ines", "ines@example.com"]], False), ([["1", "2"]], False), ([], False)],
)
def test_a_heading_has_neither_addresses_nor_numbers(rows: list[list[str]], expected: bool) -> None:
    assert has_header(rows) is expected


@SOME
@given(st.text(min_size=20, max_size=60), st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]))
def test_unicode_is_known_by_its_octets(tmp_path_factory: pytest.TempPathFactory, text: str, encoding: str) -> None:
    path = tmp_path_factory.mktemp("encoding") / "file"
    octets = ("Name,City\n" + text).encode(encoding, "replace")
    path.write_bytes(octets)
    with open_text(path, guess_encoding(path)) as file:
        assert file.read() == octets.decode(encoding)


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "cp1252"])
def test_other_encodings_are_guessed(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "file"
    path.write_bytes("Prénom,Ville\nZoé,Orléans\n".encode(encoding))
    assert guess_encoding(path) == encoding
    assert Source(path, encoding, ",").first(2, LIMITS)[1].cells == ["Zoé", "Orléans"]


def test_octets_that_do_not_decode_are_pointed_at(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"Name,City\nZo\xe9,Paris\nAnn,Rome\n")
    rows = list(Source(path, "utf-8-sig", ",").rows(LIMITS))
    assert rows[1].cells == [f"Zo{UNDECODABLE}", "Paris"]
    assert rows[2].cells == ["Ann", "Rome"]


def test_the_limit_of_columns_is_the_one_of_the_settings() -> None:
    rows = list(rows_of(io.StringIO("a,b,c\n"), ",", replace(LIMITS, columns=2)))
    assert rows[0].problem
