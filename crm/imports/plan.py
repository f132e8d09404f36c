"""What the person chose for an import; kept with it as JSON."""

from dataclasses import asdict, dataclass, field, fields
from enum import StrEnum
from pathlib import Path
from typing import Any

from django.conf import settings

from crm.imports.reading import Source
from crm.models import Import


class Mode(StrEnum):
    BOTH = "both"
    CREATE = "create"
    UPDATE = "update"


class Dates(StrEnum):
    """In which order a file writes a day. Year first is always understood."""

    DAY_FIRST = "dmy"
    MONTH_FIRST = "mdy"


@dataclass(frozen=True, slots=True)
class Plan:
    """`mapping`: for every column of the file the key of a field, or "". `match`: keys of fields, none to match none.

    `defaults`: key → text as it would stand in a cell; for records that are created, where the file says nothing.
    `target_list`: what the destination of the app above calls it, or "new" with `new_list` as its name.
    """

    encoding: str = "utf-8-sig"
    delimiter: str = ","
    sheet: str = ""
    has_header: bool = True
    dates: str = Dates.DAY_FIRST.value
    decimal: str = "."
    mapping: list[str] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)  # what the columns are called in the file
    mode: str = Mode.BOTH.value
    match: list[str] = field(default_factory=list)
    defaults: dict[str, str] = field(default_factory=dict)
    target_list: str = ""
    new_list: str = ""

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    def column_of(self, key: str) -> int | None:
        """The place of the column that fills a field, from 0."""
        return self.mapping.index(key) if key in self.mapping else None


def plan_of(batch: Import) -> Plan:
    known = {one.name for one in fields(Plan)}
    return Plan(**{name: value for name, value in batch.plan.items() if name in known})


def folder() -> Path:
    """Where files wait to be imported; for the eyes of Herald only."""
    path = Path(settings.HERALD_DATA_DIR) / "imports"
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def source_of(batch: Import, plan: Plan) -> Source:
    """The rows of an import. Of a workbook the CSV of the chosen sheet, which is always UTF-8 with commas."""
    path = folder() / batch.stored_as
    if batch.sheets:
        number = batch.sheets.index(plan.sheet) if plan.sheet in batch.sheets else 0
        return Source(path.with_suffix(f".{number}.csv"), "utf-8-sig", ",")
    return Source(path, plan.encoding, plan.delimiter)
