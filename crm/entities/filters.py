"""The filters of a type's list: one or two controls per field, in the operators that fit its kind."""

import json
from collections.abc import Callable, Iterable
from typing import Any

from django.db.models import Q, TextField
from django.db.models.fields.json import KeyTextTransform, KeyTransform
from django.db.models.functions import Cast
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from crm.entities.values import YES_NO
from crm.entities.words import label_of, options_of
from crm.lists import Filter, Text
from crm.models import EntityField, EntityType, FieldKind, User

Rows = Any  # a QuerySet of records
TEXTS = {FieldKind.TEXT, FieldKind.LONG_TEXT, FieldKind.URL, FieldKind.EMAIL, FieldKind.PHONE}
RANGES = {FieldKind.NUMBER: "number", FieldKind.MONEY: "number", FieldKind.DATE: "date", FieldKind.DATE_TIME: "date"}


def filters_of(entity_type: EntityType) -> list[Filter]:
    """Assigned user and creation first, then the fields of the type."""
    found = [
        Filter("owner", _("Assigned User"), lambda rows, value: rows.filter(owner_id=value), _owners),
        Filter("created_from", _("Created from"), _created("gte"), input_type="date"),
        Filter("created_to", _("Created until"), _created("lte"), input_type="date"),
    ]
    for field in entity_type.fields.all():
        found += _filters(field)
    return found


def _owners() -> Iterable[tuple[str, Text]]:
    users = User.objects.filter(is_active=True).order_by("first_name", "last_name", "username")
    return [(str(user.pk), user.get_full_name() or user.get_username()) for user in users]


def _created(operator: str) -> Callable[[Rows, str], Rows]:
    def apply(rows: Rows, value: str) -> Rows:
        day = _day(value)
        return rows.filter(**{f"created_at__date__{operator}": day}) if day else rows

    return apply


def _day(value: str) -> Any:
    try:
        return parse_date(value)
    except ValueError:  # 2026-02-31
        return None


def _filters(field: EntityField) -> list[Filter]:
    name, label = f"f_{field.name}", label_of(field)
    if field.kind in TEXTS:
        return [Filter(name, label, _contains(field))]
    if field.kind == FieldKind.CHOICE:
        return [Filter(name, label, _equals(field), lambda: options_of(field))]
    if field.kind == FieldKind.CHOICES:
        return [Filter(name, label, _holds(field), lambda: options_of(field))]
    if field.kind == FieldKind.CHECKBOX:
        return [Filter(name, label, _is_ticked(field), lambda: YES_NO)]
    if kind := RANGES.get(FieldKind(field.kind)):
        return [
            Filter(f"{name}_from", _("%(field)s from") % {"field": label}, _bound(field, "gte"), input_type=kind),
            Filter(f"{name}_to", _("%(field)s to") % {"field": label}, _bound(field, "lte"), input_type=kind),
        ]
    return []


def _key(rows: Rows, field: EntityField, *, as_text: bool = True) -> Rows:
    """The rows with the field's value at hand as `value_of_field`."""
    text = Cast(KeyTextTransform(field.name, "values"), TextField())
    return rows.alias(**{f"value_of_{field.pk}": text if as_text else KeyTransform(field.name, "values")})


def _contains(field: EntityField) -> Callable[[Rows, str], Rows]:
    return lambda rows, value: _key(rows, field).filter(**{f"value_of_{field.pk}__icontains": value})


def _equals(field: EntityField) -> Callable[[Rows, str], Rows]:
    return lambda rows, value: _key(rows, field).filter(**{f"value_of_{field.pk}": value})


def _holds(field: EntityField) -> Callable[[Rows, str], Rows]:
    """A list that holds the option, as JSON text: SQLite keeps its non-ASCII letters escaped, PostgreSQL does not."""

    def apply(rows: Rows, value: str) -> Rows:
        name = f"value_of_{field.pk}__contains"
        spelt = {json.dumps(value), json.dumps(value, ensure_ascii=False)}
        wanted = Q()
        for text in spelt:
            wanted |= Q(**{name: text})
        return _key(rows, field).filter(wanted)

    return apply


def _is_ticked(field: EntityField) -> Callable[[Rows, str], Rows]:
    def apply(rows: Rows, value: str) -> Rows:
        rows = _key(rows, field, as_text=False)
        ticked = Q(**{f"value_of_{field.pk}": True})
        unticked = Q(**{f"value_of_{field.pk}": False}) | Q(**{f"value_of_{field.pk}__isnull": True})
        return rows.filter(ticked if value == "yes" else unticked)

    return apply


def _bound(field: EntityField, operator: str) -> Callable[[Rows, str], Rows]:
    """Numbers compare as numbers; days as ISO 8601 text, whose order is that of time."""
    is_number = RANGES[FieldKind(field.kind)] == "number"

    def apply(rows: Rows, value: str) -> Rows:
        if is_number:
            number = _number(value)
            return rows if number is None else _key(rows, field, as_text=False).filter(**{name: number})
        if _day(value) is None:
            return rows
        end = f"{value}T99" if operator == "lte" and field.kind == FieldKind.DATE_TIME else value
        return _key(rows, field).filter(**{name: end})

    name = f"value_of_{field.pk}__{operator}"
    return apply


def _number(value: str) -> float | None:
    try:
        number = float(value)
    except ValueError:
        return None
    return number if abs(number) < 1e15 else None
