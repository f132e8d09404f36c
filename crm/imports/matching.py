"""Which rows are about records that there are: asked for a portion of rows together."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet

from crm.imports.fields import column_of
from crm.imports.rows import Said
from crm.imports.tables import records_by_address
from crm.models import EntityType, Record

Key = tuple[Any, ...]


def key_of(said: Said, match: Sequence[str]) -> Key | None:
    """What a row is recognised by; None when it lacks a part of it, or nothing is to be matched."""
    parts = tuple(_comparable(said.get(column_of(key))) for key in match)
    return parts if parts and None not in parts else None


def _comparable(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _lookup(key: str) -> str:
    if key == "email":
        return "email_address__normalized"
    return f"values__{key.removeprefix('f_')}" if key.startswith("f_") else column_of(key)


def records_by_key(entity_type: EntityType, match: Sequence[str], keys: set[Key]) -> dict[Key, list[int]]:
    """The ids of the records behind each key, the oldest first."""
    if not keys:
        return {}
    if list(match) == ["email"]:
        return _by_address(entity_type, keys)
    lookups = [_lookup(key) for key in match]
    rows: QuerySet[Record] = Record.objects.of_type(entity_type)
    for lookup, wanted in zip(lookups, zip(*keys, strict=True), strict=True):
        rows = rows.filter(**{f"{lookup}__in": list(set(wanted))})
    found: dict[Key, list[int]] = defaultdict(list)
    for pk, *parts in rows.order_by("pk").values_list("pk", *lookups):
        if (key := tuple(map(_comparable, parts))) in keys:
            found[key].append(pk)
    return found


def _by_address(entity_type: EntityType, keys: set[Key]) -> dict[Key, list[int]]:
    found: dict[Key, list[int]] = defaultdict(list)
    for normalized, pk in records_by_address(entity_type.pk, [address for (address,) in keys]):
        found[(normalized,)].append(pk)
    return found
