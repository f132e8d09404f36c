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
