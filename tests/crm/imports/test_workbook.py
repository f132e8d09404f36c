"""XLSX: bombs are refused before they are unpacked, and cells keep their places."""

import io
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from crm.imports.limits import Limits
from crm.imports.workbook import BadFile, look_inside, sheet_names, write_csv
from tests.crm.imports.world import workbook

LIMITS = Limits(octets=10**7, rows=1000, columns=20, cell=1000, unpacked=10**6)


def put(folder: Path, content: bytes) -> Path:
    path = folder / "book.xlsx"
    path.write_bytes(content)
    return path


def test_cells_keep_their_places(tmp_path: Path) -> None:
    rows = [
        ["", "Name", "Since", "Member"],
        [],
        ["", "Ines", "<c><v>5</v></c>", '<c t="b"><v>1</v></c>'],
        ["", "", '<c t="e"><v>#REF!</v></c>', "<c><f>1/0</f></c>"],
    ]
    path = put(tmp_path, workbook(rows))
    look_inside(path, LIMITS)
    write_csv(path, "People", tmp_path / "out.csv", LIMITS)
    lines = (tmp_path / "out.csv").read_text().splitlines()
    assert lines == [",Name,Since,Member", ",,,", ",Ines,5,true", ",,#VALUE!,#VALUE!"]


def test_every_sheet_can_be_chosen(tmp_path: Path) -> None:
    path = put(tmp_path, workbook([["a"]], names=["One", "Two & more"]))
    assert sheet_names(path) == ["One", "Two & more"]
    write_csv(path, "Two & more", tmp_path / "out.csv", LIMITS)
    assert (tmp_path / "out.csv").read_text() == "a\n"


def test_a_bomb_is_refused_while_it_is_inflated(tmp_path: Path) -> None:
    path = put(tmp_path, workbook([], sheet_xml="<row/>" * 1_000_000))
    assert path.stat().st_size < 50_000
    with pytest.raises(BadFile, match="larger than"):
        look_inside(path, LIMITS)


@pytest.mark.parametrize(
    ("xml", "reason"),
    [
        ('<row r="1"><c r="A1"/></row><row r="1048576"><c r="A1048576"/></row>', "more than 1000 rows"),
        ('<row r="1"><c r="A1"/><c r="XFD1"/></row>', "16384 columns"),
        ("<row r='2000000'><c><v>1</v></c></row>", "more than 1000 rows"),
        ('<row r="1"><c s="1" r="XFD1" t="n"><v>1</v></c></row>', "columns"),
    ],
)
def test_cells_far_away_are_refused_before_the_rectangle_is_built(tmp_path: Path, xml: str, reason: str) -> None:
    with pytest.raises(BadFile, match=reason):
        look_inside(put(tmp_path, workbook([], sheet_xml=xml)), LIMITS)


def test_a_cell_that_lies_across_two_pieces_is_seen(tmp_path: Path) -> None:
    far = '<row r="1"><c r="XFD1"/></row>'
    for before in range(1024 * 1024 - 200, 1024 * 1024, 23):
        xml = f"<!--{'x' * before}-->{far}"
        with pytest.raises(BadFile, match="columns"):
            look_inside(put(tmp_path, workbook([], sheet_xml=xml)), replace(LIMITS, unpacked=10**8))


def test_what_is_no_workbook_is_said_so(tmp_path: Path) -> None:
    other = io.BytesIO()
    with zipfile.ZipFile(other, "w") as archive:
        archive.writestr("../../evil.csv", "a,b")
    for content in (other.getvalue(), b"PK\x03\x04 but damaged", workbook([["a"]])[:200]):
        with pytest.raises(BadFile):
            look_inside(put(tmp_path, content), LIMITS)
    assert not (tmp_path.parent.parent / "evil.csv").exists()


def test_entities_are_not_expanded(tmp_path: Path) -> None:
    made = workbook([["a"]])
    bomb = io.BytesIO()
    lol = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    with zipfile.ZipFile(io.BytesIO(made)) as old, zipfile.ZipFile(bomb, "w") as new:
        for name in old.namelist():
            text = old.read(name).decode()
            if name == "xl/workbook.xml":
                head, body = text.split("?>", 1)
                text = f'{head}?><!DOCTYPE x [<!ENTITY l0 "lol">{lol}]>{body.replace("People", "&l9;")}'
            new.writestr(name, text)
    path = put(tmp_path, bomb.getvalue())
    look_inside(path, LIMITS)
    try:
        names = sheet_names(path)
    except BadFile:
        return
    assert all(len(name) < 1000 for name in names)


@pytest.mark.parametrize(
    ("xml", "reason"),
    [
        ("<row>" + "<c><v>1</v></c>" * 100 + "</row>", "100 columns"),
        ("<row><c><v>1</v></c></row>" * 2000, "more than 1000 rows"),
        ('<row><c r="A999"><v>1</v></c></row>' + '<row r="990"/>' + "<row><c><v>1</v></c></row>" * 50, "1000 rows"),
        ('<row><c r="T1"/><c><v>1</v></c></row>', "21 columns"),
        ('<row><c r = "XFD1048576"><v>1</v></c></row>', "16384 columns"),
        ('<row><c s=">" r="XFD1048576"><v>1</v></c></row>', "16384 columns"),
        ("<row><x:c xmlns:x='y' r='XFD1'><v>1</v></x:c></row>", "16384 columns"),
        ('<row r="0"><c><v>1</v></c></row>', "damaged"),
        ('<row><c r="$A$1"><v>1</v></c></row>', "damaged"),
        ("<row><c><v>1</v></row>", "damaged"),
    ],
)
def test_cells_without_a_place_are_counted_as_the_reader_counts_them(tmp_path: Path, xml: str, reason: str) -> None:
    with pytest.raises(BadFile, match=reason):
        look_inside(put(tmp_path, workbook([], sheet_xml=xml)), LIMITS)


def test_a_sheet_without_places_is_read_as_it_stands(tmp_path: Path) -> None:
    xml = '<row><c><v>1</v></c><c r="C1"><v>2</v></c><c t="e"><v>#N/A</v></c></row><row r="3"><c><v>3</v></c></row>'
    path = put(tmp_path, workbook([], sheet_xml=xml + "<row><c><f>1/0</f><v></v></c><c><f>1</f><v>1</v></c></row>"))
    write_csv(path, "People", tmp_path / "out.csv", LIMITS)
    assert (tmp_path / "out.csv").read_text().splitlines() == ["1,,2,#VALUE!", ",,,", "3,,,", "#VALUE!,1,,"]


def moved(content: bytes, part: str, target: str) -> bytes:
    """The workbook with its sheet elsewhere in the archive."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(made, "w") as new:
        for name in old.namelist():
            text = old.read(name).decode().replace("worksheets/sheet1.xml", target)
            new.writestr(part if "sheet1" in name else name, text)
    return made.getvalue()


@pytest.mark.parametrize(
    ("part", "target"),
    [
        ("xl/sheet1.xml", "sheet1.xml"),
        ("other/worksheets/sheet.xml", "/other/worksheets/sheet.xml"),
        ("xl/media/sheet.xml", "worksheets/../media/sheet.xml"),
    ],
)
def test_a_sheet_that_lies_elsewhere_is_refused(tmp_path: Path, part: str, target: str) -> None:
    path = put(tmp_path, moved(workbook([["a"]]), part, target))
    with pytest.raises(BadFile, match="damaged"):
        write_csv(path, "People", tmp_path / "out.csv", LIMITS)


@pytest.mark.parametrize("part", ["XL/WorkSheets/Sheet1.XML", "xl\\worksheets\\sheet1.xml"])
def test_a_sheet_is_measured_however_its_name_is_written(tmp_path: Path, part: str) -> None:
    far = workbook([], sheet_xml='<row r="1"><c r="XFD1"/></row>')
    with pytest.raises(BadFile, match="columns"):
        look_inside(put(tmp_path, moved(far, part, "worksheets/sheet1.xml")), LIMITS)
    path = put(tmp_path, moved(workbook([["a"]]), part, "worksheets/sheet1.xml"))
    write_csv(path, "People", tmp_path / "out.csv", LIMITS)
    assert (tmp_path / "out.csv").read_text() == "a\n"


def test_another_encoding_is_refused(tmp_path: Path) -> None:
    """The reader would see other cells in the same octets."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook([["a"]]))) as old, zipfile.ZipFile(made, "w") as new:
        for name in old.namelist():
            text = old.read(name)
            wide = text.decode().replace("UTF-8", "UTF-16").encode("utf-16")
            new.writestr(name, wide if "sheet1" in name else text)
    with pytest.raises(BadFile, match="damaged"):
        look_inside(put(tmp_path, made.getvalue()), LIMITS)


@pytest.mark.parametrize(
    ("place", "value"),
    [pytest.param(8, 1, id="an encrypted part"), pytest.param(10, 99, id="a compression that nobody knows")],
)
def test_parts_that_cannot_be_unpacked_are_refused(tmp_path: Path, place: int, value: int) -> None:
    """`place` in the first entry of the archive's directory (APPNOTE 4.3.12): its flags, its compression."""
    content = bytearray(workbook([["a"]]))
    content[content.index(b"PK\x01\x02") + place] = value
    with pytest.raises(BadFile, match="damaged"):
        look_inside(put(tmp_path, bytes(content)), LIMITS)
