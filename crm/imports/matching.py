"""Which rows are about records that there are: asked for a portion of rows together."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any

from django.db.models import F, QuerySet
from django.db.models.expressions import Combinable
from django.db.models.fields.json import KeyTransform

from crm.imports.fields import column_of
from crm.imports.rows import Said
from crm.imports.tables import records_by_address
from crm.models import EntityType, Record

Key = tuple[Any, ...]


def key_reader(match: Sequence[str]) -> Callable[[Said], Key | None]:
    """Tells what a row is recognised by: None when it lacks a part of it, or nothing is to be matched."""
    if list(match) == ["email"]:
        return lambda said: (said.email[1],) if said.email else None
    columns = [column_of(key) for key in match]

    def key_of(said: Said) -> Key | None:
        parts = tuple(_comparable(said.get(column)) for column in columns)
        return parts if parts and None not in parts else None

    return key_of


def _comparable(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _value(key: str) -> Combinable:
    """A field of the type by its name alone: “values__range” would be a lookup."""
    if key == "email":
        return F("email_address__normalized")
    return KeyTransform(key.removeprefix("f_"), "values") if key.startswith("f_") else F(column_of(key))


def records_by_key(entity_type: EntityType, match: Sequence[str], keys: set[Key]) -> dict[Key, list[int]]:
    """The ids of the records behind each key, the oldest first."""
    if not keys:
        return {}
    if list(match) == ["email"]:
        return _by_address(entity_type, keys)
    names = [f"key_{place}" for place in range(len(match))]
    values = dict(zip(names, map(_value, match), strict=True))
    rows: QuerySet[Record] = Record.objects.of_type(entity_type).annotate(**values)
    for name, wanted in zip(names, zip(*keys, strict=True), strict=True):
        rows = rows.filter(**{f"{name}__in": list(set(wanted))})
    found: dict[Key, list[int]] = defaultdict(list)
    for pk, *parts in rows.order_by("pk").values_list("pk", *names):
        if (key := tuple(map(_comparable, parts))) in keys:
            found[key].append(pk)
    return found


def _by_address(entity_type: EntityType, keys: set[Key]) -> dict[Key, list[int]]:
    found: dict[Key, list[int]] = defaultdict(list)
    for normalized, pk in records_by_address(entity_type.pk, [address for (address,) in keys]):
        found[(normalized,)].append(pk)
    return found
