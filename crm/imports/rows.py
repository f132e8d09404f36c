"""A row of the file → what it says about one record, or why it is refused."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from crm.imports.cells import CellReader
from crm.imports.fields import FULL_NAME, ImportField, column_of, import_fields
from crm.imports.limits import Limits
from crm.imports.plan import Plan
from crm.imports.reading import Row
from crm.models import EntityType

LONGEST_REASON = 300


@dataclass(slots=True)
class Said:
    """What a row says: columns of the record and values of its own fields, none of them empty, and its address."""

    row: Row
    columns: dict[str, Any] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)
    email: tuple[str, str] | None = None  # as it is sent, normalised

    def get(self, key: str) -> Any:
        """The value of a field by its key, None when the row says nothing of it."""
        if key == "email":
            return self.email[1] if self.email else None
        return self.values.get(key.removeprefix("f_")) if key.startswith("f_") else self.columns.get(key)


class Refusal(Exception):
    """A row is not taken: `reason`, and the label of the column where that is."""

    def __init__(self, row: Row, reason: str, column: str = "") -> None:
        super().__init__(reason)
        self.row, self.reason, self.column = row, reason[:LONGEST_REASON], column[:120]


class FieldsGone(Exception):
    """What an import fills or recognises records by was removed from the type, or takes other values; the text names
    it: the rows would come to something else than what was confirmed."""


def check_fields(plan: Plan, known: Collection[str]) -> None:
    """Raises FieldsGone for fields that are not `known`."""
    gone = {key for key in _used(plan) if key not in known}
    if gone:
        names = _names(plan, gone)
        raise FieldsGone(_("These fields of the import are no longer there: %(fields)s.") % {"fields": names})


def check_kinds(plan: Plan, fields: Mapping[str, ImportField], now: Mapping[str, tuple[str, Sequence[Any]]]) -> None:
    """Raises FieldsGone for fields of the type that were read as they were; `now`: key → (kind, options), of all."""
    changed = {key for key in _used(plan) if key in now and not fields[key].is_as_before(*now[key])}
    if changed:
        names = _names(plan, changed)
        raise FieldsGone(_("These fields of the import take other values by now: %(fields)s.") % {"fields": names})


def _used(plan: Plan) -> set[str]:
    return {key for key in (*plan.mapping, *plan.match, *plan.defaults) if key}


def _names(plan: Plan, keys: Iterable[str]) -> str:
    columns = dict(zip(plan.mapping, plan.labels, strict=False))
    return ", ".join(sorted(columns.get(key) or key.removeprefix("f_") for key in keys))


class RowReader:
    """Reads rows as a plan says. Texts of reasons are in the active language. Making one raises FieldsGone."""

    def __init__(self, entity_type: EntityType, plan: Plan, limits: Limits) -> None:
        self.plan = plan
        self.fields = import_fields(entity_type)
        check_fields(plan, self.fields)
        self.is_person = entity_type.is_person
        self.readers = [
            (place, CellReader(self.fields[key], plan, limits.cell), *_place_of(self.fields[key]))
            for place, key in enumerate(plan.mapping)
            if key
        ]
        self.required = [one for one in self.fields.values() if one.is_required and one.key != "name"]
        self.defaults = self._read_defaults(limits)

    def _read_defaults(self, limits: Limits) -> Said:
        """Raises ValidationError for one that its field does not take."""
        said = Said(Row(0, []))
        for key, text in self.plan.defaults.items():
            if text:
                self._put(said, key, CellReader(self.fields[key], Plan(), limits.cell)(text))
        return said

    def look_up(self, rows: Sequence[Row]) -> None:
        """Prepare for a portion of rows: what is asked of the database is asked for all of them together."""
        for place, reader, _column, _value in self.readers:
            reader.look_up(row.cells[place].strip() for row in rows if len(row.cells) > place)

    def read(self, row: Row) -> Said:
        """Raises Refusal."""
        if row.problem:
            raise Refusal(row, row.problem.reason, self._label(row.problem.column - 1))
        cells, width = row.cells, len(row.cells)
        if width > len(self.plan.mapping) and any(map(str.strip, cells[len(self.plan.mapping) :])):
            told = {"number": len(row.cells), "columns": len(self.plan.mapping)}
            raise Refusal(row, _("The row has %(number)s cells, but there are %(columns)s columns.") % told)
        said = Said(row)
        columns, values = said.columns, said.values
        for place, reader, column, own in self.readers:
            try:
                value = reader(cells[place]) if place < width and cells[place] else None
                if value is None or value == "" or value == []:
                    continue
                if column:
                    columns[column] = value
                elif own:
                    values[own] = value
                else:
                    self._put(said, reader.field.key, value)
            except ValidationError as error:
                raise Refusal(row, " ".join(error.messages), self._label(place)) from error
        return said

    def _label(self, place: int) -> str:
        return self.plan.labels[place] if 0 <= place < len(self.plan.labels) else ""

    def _put(self, said: Said, key: str, value: Any) -> None:
        if key == "email":
            said.email = (value, value.lower())
        elif key == FULL_NAME:
            said.columns.update(cut_name(value))
        elif self.fields[key].is_own:
            said.values[self.fields[key].name] = value
        else:
            said.columns[column_of(key)] = value

    def complete(self, said: Said) -> Said:
        """What a record is made of: with the default values. Raises Refusal for what it must not lack."""
        whole, defaults = said, self.defaults
        if defaults.columns or defaults.values:
            whole = Said(said.row, {**defaults.columns, **said.columns}, {**defaults.values, **said.values}, said.email)
        for one in self.required:
            if whole.get(column_of(one.key)) is None:
                raise Refusal(said.row, _("“%(field)s” is required.") % {"field": one.label}, one.label)
        if self.is_person and not (whole.email or whole.get("first_name") or whole.get("last_name")):
            raise Refusal(said.row, _("The row has neither a name nor an email address."))
        if not self.is_person and not whole.get("name"):
            raise Refusal(said.row, _("The row has no name."), self.fields["name"].label)
        return whole


def _place_of(one: ImportField) -> tuple[str, str]:
    """(column of the record, name among its values) that a field fills; neither for those that take more than that."""
    if one.key in {"email", FULL_NAME}:
        return "", ""
    return ("", one.name) if one.is_own else (column_of(one.key), "")


def cut_name(text: str) -> dict[str, str]:
    """“Rocha, Ines” and “Ines Maria Rocha”: the last word is the last name unless a comma says otherwise.

    Raises ValidationError when a part is too long.
    """
    text = " ".join(text.split())
    last, comma, first = text.partition(",")
    if not comma:
        first, _space, last = text.rpartition(" ")
    parts = {"first_name": first.strip(), "last_name": last.strip()}
    if any(len(part) > 120 for part in parts.values()):
        raise ValidationError(_("The name is too long."))
    return {key: part for key, part in parts.items() if part}
