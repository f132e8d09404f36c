"""Records of a list as a table for spreadsheets, however many there are."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import get_language_info
from django.utils.translation import gettext as _

from crm.entities.forms import has_account
from crm.entities.listing import record_list
from crm.entities.words import label_of, option_label
from crm.exports import Column, Table, Value, register
from crm.lists.posted import request_again
from crm.models import EntityField, EntityType, FieldKind, Record, User

RECORDS = "records"
Converter = Callable[[Any], Value]


def columns_of(entity_type: EntityType, prefix: str = "") -> list[Column]:
    """Every field of the type with its label, those that the list does not show too. `prefix` is the way to a record
    from the rows that are exported: record__."""
    person = [
        Column("salutation", _("Salutation"), ("salutation",)),
        Column("first_name", _("First name"), ("first_name",)),
        Column("last_name", _("Last name"), ("last_name",)),
    ]
    account = [Column("account", _("Account"), ("account__name",))]
    found = [
        Column("name", _("Name"), ("name",)),
        *(person if entity_type.is_person else ()),
        *(account if has_account(entity_type) else ()),
        *_email_columns(),
        Column("phone", _("Phone"), ("phone",)),
        *(custom_column(field) for field in entity_type.fields.all()),
        Column("owner", _("Assigned User"), ("owner__first_name", "owner__last_name", "owner__username"), _people),
        Column("language", _("Language"), ("language",), _languages),
        Column("description", _("Description"), ("description",)),
        Column("created_at", _("Created At"), ("created_at",)),
        Column("modified_at", _("Modified At"), ("modified_at",)),
    ]
    return [replace(column, paths=tuple(prefix + path for path in column.paths)) for column in found]


def _email_columns() -> list[Column]:
    at = "email_address__"
    return [
        Column("email", _("Email"), (f"{at}address",)),
        Column("email_state", _("Email state"), (f"{at}id", f"{at}opted_out_at", f"{at}invalid_at"), _states),
    ]


def _states(raws: Sequence[Any]) -> list[Value]:
    """Listed or No email alone; else Opted Out, Invalid or both."""
    none, listed, out, invalid = _("No email"), _("Listed"), _("Opted Out"), _("Invalid")
    words = {(False, False): listed, (True, False): out, (False, True): invalid, (True, True): f"{out}, {invalid}"}
    return [none if pk is None else words[opted_out_at is not None, invalid_at is not None]
            for pk, opted_out_at, invalid_at in raws]  # fmt: skip


def _people(raws: Sequence[Any]) -> list[Value]:
    return [f"{first} {last}".strip() or login for first, last, login in ((f or "", n or "", u) for f, n, u in raws)]


def _languages(raws: Sequence[Any]) -> list[Value]:
    names = {code: str(get_language_info(code)["name_translated"]).capitalize() for code, _name in settings.LANGUAGES}
    return [names.get(code, code) for code in raws]


# ---- the fields that administrators make


def custom_column(field: EntityField) -> Column:
    name, cells = field.name, _CELLS.get(field.kind, _each(_text))

    def of_field(raws: Sequence[Any]) -> Iterable[Value]:
        return cells(field, [(values or {}).get(name) for values in raws])

    return Column(f"f_{name}", label_of(field), ("values",), of_field)


def _each(convert: Converter) -> Callable[[EntityField, Sequence[Any]], Iterable[Value]]:
    return lambda field, values: [None if value in (None, "", []) else convert(value) for value in values]


def _text(value: Any) -> Value:
    return value if isinstance(value, str) else str(value)


def _number(value: Any) -> Value:
    return value if isinstance(value, (int, float)) and not isinstance(value, bool) else str(value)


def _day(value: Any) -> Value:
    try:
        return parse_date(str(value)) or str(value)
    except ValueError:  # the 30th of February, by import
        return str(value)


def _moment(value: Any) -> Value:
    try:
        return parse_datetime(str(value)) or str(value)
    except ValueError:
        return str(value)


def _options(field: EntityField, values: Sequence[Any]) -> list[Value]:
    labels = {str(option): option_label(field, str(option)) for option in field.options}

    def shown(value: Any) -> Value:
        parts = value if isinstance(value, list) else [value]
        return ", ".join(labels.get(str(part), str(part)) for part in parts if part not in (None, ""))

    return [shown(value) for value in values]


def _yes_no(field: EntityField, values: Sequence[Any]) -> list[Value]:
    yes, no = _("Yes"), _("No")
    return [None if value is None else yes if value else no for value in values]


def _links(field: EntityField, values: Sequence[Any]) -> list[Value]:
    names = dict(Record.objects.filter(pk__in={pk for pk in values if isinstance(pk, int)}).values_list("pk", "name"))
    return [names.get(value, "") if isinstance(value, int) else str(value or "") for value in values]


_CELLS: dict[str, Callable[[EntityField, Sequence[Any]], Iterable[Value]]] = {
    FieldKind.NUMBER: _each(_number),
    FieldKind.MONEY: _each(_number),
    FieldKind.DATE: _each(_day),
    FieldKind.DATE_TIME: _each(_moment),
    FieldKind.CHECKBOX: _yes_no,
    FieldKind.CHOICE: _options,
    FieldKind.CHOICES: _options,
    FieldKind.LINK: _links,
}


# ---- the list


def open_records(user: User, given: dict[str, Any]) -> Table:
    """{"type": key, "selection": what the bulk bar posted}"""
    if not user.can_edit:
        raise PermissionDenied
    entity_type = EntityType.objects.prefetch_related("fields").get(key=given["type"])
    rows = record_list(request_again(given["selection"], user), entity_type).chosen()
    return Table(
        entity_type.plural, rows, columns_of(entity_type), "record.exported", entity_type.get_absolute_url(),
        {"type": entity_type.key},
    )  # fmt: skip


register(RECORDS, open_records)
