"""Values of one field in many records, changed because the field was: taken away, of another kind, other choices.

All of it works in portions by id, each a transaction of its own, and may be done again from the beginning: what was
changed already is no longer found.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet
from django.db.models.lookups import Exact
from django.utils.translation import gettext as _

from crm.criteria.json import JsonHolds, JsonText, JsonWithout
from crm.entities.dependents import with_value
from crm.entities.values import control, from_stored, plain_text, plain_texts, to_stored
from crm.models import EntityField, FieldKind, Record

PORTION = 2_000
MOST_LOOKED_AT = 20_000  # values that a page looks at before the change
EXAMPLES = 5
TEXTS = {FieldKind.TEXT, FieldKind.LONG_TEXT}
YES = {"yes", "true", "1", "x"}
NO = {"no", "false", "0", ""}
KEEP, CLEAR = "keep", "clear"  # beside “another choice”: what becomes of a choice that is taken away

Change = Callable[[Any], Any]  # stored value → stored value, None for none


class DoesNotFit(Exception):
    """This value cannot be one of the new kind."""


def in_portions(records: QuerySet[Record]) -> Iterator[QuerySet[Record]]:
    """The records that there are at the beginning, some thousand at a time."""
    ids = list(records.order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(ids), PORTION):
        yield Record.objects.filter(pk__in=ids[start : start + PORTION])


def forget(records: QuerySet[Record], name: str) -> int:
    """Take the values of a field out of these records."""
    return records.update(values=JsonWithout("values", name))


def rewrite(records: QuerySet[Record], name: str, change: Change) -> int:
    """Change the values of a field; how many changed. Rows are locked, so no form saves in between."""
    with transaction.atomic():
        rows = [row for row in records.select_for_update(of=("self",)).only("pk", "values") if name in row.values]
        changed = [row for row in rows if _put(row, name, change(row.values[name]))]
        Record.objects.bulk_update(changed, ["values"], batch_size=500)
    return len(changed)


def _put(row: Record, name: str, value: Any) -> bool:
    """Whether that changed the record."""
    before = row.values[name]
    if before == value and type(before) is type(value):
        return False
    row.values = {key: known for key, known in row.values.items() if key != name}
    if value not in (None, "", []):
        row.values[name] = value
    return True


# ---- another kind


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a change of kind does to the values that there are; with `is_partial` only the first of very many."""

    kept: int
    lost: int
    examples: tuple[str, ...]
    is_partial: bool


def converter(old: EntityField, new: EntityField) -> Change:
    """A stored value of the old kind → one of the new kind. Raises DoesNotFit."""
    shown = control(new)
    shown.required = False

    def convert(value: Any) -> Any:
        if new.kind == old.kind:
            return value
        if new.kind == FieldKind.CHECKBOX:
            return _ticked(old, value)
        try:
            return to_stored(shown.clean(_as_input(old, new, value)))
        except ValidationError as error:
            raise DoesNotFit(plain_text(old, value)) from error

    return convert


def _as_input(old: EntityField, new: EntityField, value: Any) -> Any:
    """The value as somebody would type it into the new field."""
    parts = value if isinstance(value, list) else [value]
    if new.kind == FieldKind.CHOICES:
        return [str(part) for part in parts]
    if old.kind == FieldKind.LINK:
        return plain_text(old, value)
    if old.kind == FieldKind.CHECKBOX:
        return str(_("Yes")) if value else str(_("No"))
    if old.kind == FieldKind.DATE_TIME and isinstance(moment := from_stored(old, value), datetime):
        return moment.date().isoformat() if new.kind == FieldKind.DATE else moment.isoformat(" ", "minutes")[:16]
    return ", ".join(str(part) for part in parts)


def _ticked(old: EntityField, value: Any) -> bool:
    if isinstance(value, bool | int | float):
        return bool(value)
    text = str(value).strip().casefold()
    if text in YES | {_("Yes").casefold()}:
        return True
    if text in NO | {_("No").casefold()}:
        return False
    raise DoesNotFit(str(value))


def outlook(old: EntityField, new: EntityField) -> Outlook:
    """Try the change on the values that there are, without changing any."""
    convert = converter(old, new)
    values = with_value(old).order_by("pk").values_list("values", flat=True)[: MOST_LOOKED_AT + 1]
    seen = lost = 0
    examples: list[str] = []
    for known in values.iterator(chunk_size=2_000):
        seen += 1
        try:
            convert(known[old.name])
        except DoesNotFit as refusal:
            lost += 1
            if len(examples) < EXAMPLES and str(refusal) not in examples:
                examples.append(str(refusal))
    return Outlook(seen - lost, lost, tuple(examples), seen > MOST_LOOKED_AT)


def usual_values(field: EntityField, most: int) -> list[str]:
    """What stands in the field most often, in words."""
    known = with_value(field).order_by("pk").values_list("values", flat=True)[:MOST_LOOKED_AT]
    ones = [one for values in known.iterator(chunk_size=2_000) for one in _listed(values[field.name])]
    counted = Counter(plain_texts(field, ones))
    return [words for words, _number in counted.most_common(most)]


def converted_or_nothing(old: EntityField, new: EntityField) -> Change:
    """What does not fit goes: the person was told and said so."""
    convert = converter(old, new)

    def change(value: Any) -> Any:
        try:
            return convert(value)
        except DoesNotFit:
            return None

    return change


# ---- other choices


def with_choice(field: EntityField, choice: str) -> int:
    """How many records have this choice."""
    alone = Q(Exact(JsonText("values", field.name), choice))
    return with_value(field).filter(alone | Q(JsonHolds("values", field.name, choice))).count()


def moved_choices(fates: Mapping[str, str]) -> Change:
    """`fates` say of choices that go what takes their place: KEEP, CLEAR, or another choice as “=its name”."""

    def one(value: Any) -> Any:
        fate = fates.get(value, KEEP) if isinstance(value, str) else KEEP
        return value if fate == KEEP else None if fate == CLEAR else fate.removeprefix("=")

    def change(value: Any) -> Any:
        if not isinstance(value, list):
            return one(value)
        return list(dict.fromkeys(moved for part in value if (moved := one(part)) is not None))

    return change


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
