"""From a file that was uploaded to a draft of an import: what it is, how it is written, and what its columns mean."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from django.utils.translation import gettext as _

from crm.imports.dialect import LOOKED_AT, guess_delimiter, has_header
from crm.imports.encoding import guess_encoding, open_text, readable
from crm.imports.fields import import_fields
from crm.imports.guessing import best_match, guess_dates, guess_decimal, guess_mapping
from crm.imports.limits import limits
from crm.imports.plan import Plan, folder, plan_of, source_of
from crm.imports.reading import Row
from crm.imports.running import data_rows
from crm.imports.tidying import remove_files
from crm.imports.workbook import (
    OLD_EXCEL,
    BadFile,
    is_zip,
    look_inside,
    sheet_names,
    too_many_columns,
    too_many_rows,
    write_csv,
)
from crm.models import EntityType, Import, User

SAMPLE = 100  # rows that guesses are made from
PREVIEW = 10
CONTROLS = bytes(range(1, 9)) + bytes(range(14, 27)) + bytes(range(28, 32))
MOST_CONTROLS = 0.05


def take(entity_type: EntityType, user: User, path: Path, name: str) -> Import:
    """A draft with everything guessed. The file is the draft's own from now on. Raises BadFile, and removes it."""
    batch = Import(entity_type=entity_type, owner=user, file_name=name[-255:], stored_as=path.name)
    try:
        plan = _first_plan(batch, path)
        batch.plan = guessed(batch, plan).as_json()
    except BadFile:
        remove_files(path)
        raise
    batch.save()
    return batch


def _first_plan(batch: Import, path: Path) -> Plan:
    with path.open("rb") as file:
        start = file.read(4096)
    if not start.strip():
        raise BadFile(_("The file is empty."))
    if start.startswith(OLD_EXCEL):
        raise BadFile(_("This is a workbook of an old Excel, or one with a password. Save it as .xlsx or CSV."))
    if is_zip(start):
        path = path.rename(path.with_suffix(".xlsx"))  # the reader goes by the name
        batch.stored_as = path.name
        look_inside(path, limits())
        batch.sheets = sheet_names(path)
        return Plan(sheet=batch.sheets[0] if batch.sheets else "")
    encoding = guess_encoding(path)
    controls = sum(start.count(octet) for octet in CONTROLS)
    if encoding == "cp1252" and controls > MOST_CONTROLS * len(start):
        raise BadFile(_("This is no text file. Save your list as CSV or .xlsx."))
    with open_text(path, encoding) as text:
        return Plan(encoding=encoding, delimiter=guess_delimiter(text.read(LOOKED_AT)))


def guessed(batch: Import, plan: Plan) -> Plan:
    """The plan with header, mapping, dates and matching as they look when the file is read this way. Raises BadFile."""
    _unpack(batch, plan)
    rows = source_of(batch, plan).first(SAMPLE, limits())
    plan = replace(plan, has_header=has_header([row.cells for row in rows]))
    return remapped(batch, plan, rows)


def reread(batch: Import, plan: Plan) -> Plan:
    """The same after the person chose how to read it. Raises BadFile."""
    _unpack(batch, plan)
    return remapped(batch, plan, source_of(batch, plan).first(SAMPLE, limits()))


def remapped(batch: Import, plan: Plan, rows: Sequence[Row]) -> Plan:
    if not rows:
        raise BadFile(_("There are no rows in it."))
    if rows[0].problem and plan.has_header:
        raise BadFile(_("The first row cannot be read: %(reason)s") % {"reason": rows[0].problem.reason})
    most = len(rows[0].cells) if plan.has_header else max(len(row.cells) for row in rows)
    if most > limits().columns or rows[0].problem:
        raise BadFile(too_many_columns(most, limits()))
    heading = _heading(rows[0].cells, plan, most)
    cells = [row.cells for row in rows[plan.has_header :]]
    fields = import_fields(batch.entity_type)
    mapping = guess_mapping(heading if plan.has_header else [""] * most, cells, fields)
    return replace(
        plan, labels=heading, mapping=mapping, dates=guess_dates(cells), decimal=guess_decimal(cells),
        match=best_match(mapping, fields),
    )  # fmt: skip


def _heading(first: Sequence[str], plan: Plan, width: int) -> list[str]:
    """What the columns are called; those without a name by their number, those with the same name told apart."""
    names = [readable(cell).replace("\0", "").strip()[:100] for cell in first] if plan.has_header else []
    names += [""] * (width - len(names))
    seen: Counter[str] = Counter()
    found = []
    for place, name in enumerate(names, 1):
        seen[name] += 1
        repeated = f"{name} ({seen[name]})" if seen[name] > 1 else name
        found.append(repeated if name else _("Column %(number)s") % {"number": place})
    return found


def repeated_headings(batch: Import, plan: Plan) -> list[str]:
    """Headings that several columns have."""
    first = source_of(batch, plan).first(1, limits()) if plan.has_header else []
    counted = Counter(readable(cell).strip() for row in first for cell in row.cells)
    return [name for name, number in counted.items() if name and number > 1]


def _unpack(batch: Import, plan: Plan) -> None:
    """The chosen sheet of a workbook as CSV, beside that of the plan in hand, which stays. Raises BadFile."""
    if batch.sheets:
        workbook, target = folder() / batch.stored_as, source_of(batch, plan).path
        for path in {*workbook.parent.glob(f"{workbook.stem}.*.csv")} - {target, source_of(batch, plan_of(batch)).path}:
            path.unlink(missing_ok=True)
        fresh = target.with_suffix(".new")
        try:
            write_csv(workbook, plan.sheet, fresh, limits())
            fresh.replace(target)
        finally:
            fresh.unlink(missing_ok=True)


def preview(batch: Import, plan: Plan) -> list[Row]:
    """The first rows behind the heading, as they can be shown."""
    found = []
    for row in data_rows(batch, plan, limits()):
        found.append(row._replace(cells=[readable(cell) for cell in row.cells]))
        if len(found) == PREVIEW:
            break
    return found


def count_rows(batch: Import, plan: Plan) -> int:
    """Raises BadFile for more than an import takes."""
    number = 0
    for _row in data_rows(batch, plan, limits()):
        number += 1
        if number > limits().rows:
            raise BadFile(too_many_rows(limits()))
    return number


def keep_plan(batch: Import, plan: Plan) -> None:
    """With the number of rows that it comes to. Raises BadFile."""
    batch.row_count = count_rows(batch, plan)
    batch.plan = plan.as_json()
    batch.save(update_fields=["row_count", "plan"])
