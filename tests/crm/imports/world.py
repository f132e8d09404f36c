"""Files and imports of the tests."""

import io
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from crm import background
from crm.imports import running, taking
from crm.imports.plan import Plan, folder, plan_of
from crm.models import EntityType, Import, User

HEADING = "First name,Last name,Email,City\n"


def stored(content: bytes, name: str = "people.file") -> Path:
    path = folder() / name
    path.write_bytes(content)
    return path


def draft(user: User, content: str | bytes, kind: str = "Contact", **plan: Any) -> Import:
    """A draft as the wizard makes it, with parts of its plan chosen otherwise."""
    octets = content.encode() if isinstance(content, str) else content
    number = Import.objects.count()
    batch = taking.take(EntityType.objects.get(key=kind), user, stored(octets, f"{number}.file"), "people.csv")
    if plan:
        taking.keep_plan(batch, Plan(**{**plan_of(batch).as_json(), **plan}))
    else:
        taking.keep_plan(batch, plan_of(batch))
    return batch


def imported(user: User, content: str | bytes, kind: str = "Contact", **plan: Any) -> Import:
    """The same, done."""
    batch = draft(user, content, kind, **plan)
    return finished(batch, user)


def finished(batch: Import, user: User) -> Import:
    task = running.start(batch, user)
    background.run(task.pk)
    task.refresh_from_db()
    assert (task.status, task.error) == ("success", "")
    batch.refresh_from_db()
    return batch


def counts(batch: Import) -> tuple[int, int, int, int]:
    return batch.created, batch.updated, batch.unchanged, batch.refused


def reasons(batch: Import) -> list[tuple[int, str, str]]:
    return list(batch.refusals.order_by("number").values_list("number", "column", "reason"))


def workbook(rows: Sequence[Sequence[str]], *, sheet_xml: str = "", names: Sequence[str] = ("People",)) -> bytes:
    """A small XLSX whose sheets all hold these rows of cells, given as XML of <c> without their place, or as text."""
    xml = sheet_xml or "".join(
        f'<row r="{number}">{"".join(_cell(place, number, cell) for place, cell in enumerate(row))}</row>'
        for number, row in enumerate(rows, 1)
    )
    space = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    links = 'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
    packages = "http://schemas.openxmlformats.org/package/2006"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    sheets = "".join(f'<sheet name="{escape(n)}" sheetId="{i}" r:id="rId{i}"/>' for i, n in enumerate(names, 1))
    relations = "".join(
        f'<Relationship Id="rId{i}" Type="{office}/worksheet" Target="worksheets/sheet{i}.xml"/>'
        for i, _name in enumerate(names, 1)
    )
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{packages}/content-types"/>',
        "_rels/.rels": f'<Relationships xmlns="{packages}/relationships"><Relationship Id="rId1" '
        f'Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f"<workbook {space} {links}><sheets>{sheets}</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{packages}/relationships">{relations}</Relationships>',
    }
    parts |= {
        f"xl/worksheets/sheet{i}.xml": f"<worksheet {space}><sheetData>{xml}</sheetData></worksheet>"
        for i, _name in enumerate(names, 1)
    }
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, f'<?xml version="1.0" encoding="UTF-8"?>{text}')
    return made.getvalue()


def _cell(place: int, number: int, cell: str) -> str:
    where = f'r="{chr(65 + place)}{number}"'
    if cell.startswith("<"):
        return cell.replace("<c", f"<c {where}", 1)
    return f'<c {where} t="inlineStr"><is><t>{escape(cell)}</t></is></c>' if cell else ""
