"""Values of one field in many records, changed because the field was: taken away, of another kind, other choices.

All of it works in portions by id, each a transaction of its own, and may be done again from the beginning: what was
changed already is no longer found.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
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
from crm.entities.links import RecordLinkField
from crm.entities.values import control, from_stored, is_id, plain_text, plain_texts, to_stored
from crm.models import EntityField, FieldKind, Record

PORTION = 2_000
MOST_LOOKED_AT = 20_000  # values that a page looks at before the change
EXAMPLES = 5
LONGEST_NAME = 255  # of a record
TEXTS = {FieldKind.TEXT, FieldKind.LONG_TEXT}
YES = {"yes", "true", "1", "x"}
NO = {"no", "false", "0", ""}
KEEP, CLEAR = "keep", "clear"  # beside “another choice”: what becomes of a choice that is taken away

Change = Callable[[Sequence[Any]], Sequence[Any]]  # stored values of a portion → as many stored values, None for none


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
        values = change([row.values[name] for row in rows])
        changed = [row for row, value in zip(rows, values, strict=True) if _put(row, name, value)]
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


class Converter:
    """A stored value of the old kind → one of the new kind."""

    def __init__(self, old: EntityField, new: EntityField) -> None:
        self.old, self.new, self.shown = old, new, control(new)
        self.shown.required = False
        self.named: dict[str, Record | ValidationError] = {}  # of links: what the texts lead to
        self.names: dict[Any, str] = {}  # of links: what the records are called

    def look_up(self, values: Sequence[Any]) -> None:
        """Prepare for these values: what is asked of the database is asked for all of them together."""
        if self.old.kind == FieldKind.LINK:
            known = [value for value in values if is_id(value)]
            self.names = dict(zip(known, plain_texts(self.old, known), strict=True))
        if isinstance(self.shown, RecordLinkField) and self.new.kind != self.old.kind:
            texts = {str(self._as_input(value)).strip() for value in values}
            self.named = self.shown.named(sorted(text for text in texts if 0 < len(text) <= LONGEST_NAME))

    def __call__(self, value: Any) -> Any:
        """Raises DoesNotFit."""
        if self.new.kind == self.old.kind:
            return value
        if self.new.kind == FieldKind.CHECKBOX:
            return _ticked(self.old, value)
        try:
            return self._cleaned(self._as_input(value))
        except ValidationError as error:
            raise DoesNotFit(self._in_words(value)) from error

    def _cleaned(self, text: Any) -> Any:
        found = self.named.get(text.strip()) if self.named and isinstance(text, str) else None
        if isinstance(found, ValidationError):
            raise found.with_traceback(None)
        return to_stored(found or self.shown.clean(text))

    def _in_words(self, value: Any) -> str:
        return self.names[value] if is_id(value) and value in self.names else plain_text(self.old, value)

    def _as_input(self, value: Any) -> Any:
        """The value as somebody would type it into the new field."""
        if self.old.kind == FieldKind.LINK and self.new.kind != FieldKind.CHOICES:
            return self._in_words(value)
        return _as_input(self.old, self.new, value)


def _as_input(old: EntityField, new: EntityField, value: Any) -> Any:
    parts = value if isinstance(value, list) else [value]
    if new.kind == FieldKind.CHOICES:
        return [str(part) for part in parts]
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
    convert = Converter(old, new)
    rows = with_value(old).order_by("pk").values_list("values", flat=True)[: MOST_LOOKED_AT + 1]
    values = [known[old.name] for known in rows.iterator(chunk_size=PORTION)]
    convert.look_up(values)
    lost = 0
    examples: list[str] = []
    for value in values:
        try:
            convert(value)
        except DoesNotFit as refusal:
            lost += 1
            if len(examples) < EXAMPLES and str(refusal) not in examples:
                examples.append(str(refusal))
    return Outlook(len(values) - lost, lost, tuple(examples), len(values) > MOST_LOOKED_AT)


def usual_values(field: EntityField, most: int) -> list[str]:
    """What stands in the field most often, in words."""
    known = with_value(field).order_by("pk").values_list("values", flat=True)[:MOST_LOOKED_AT]
    ones = [one for values in known.iterator(chunk_size=2_000) for one in _listed(values[field.name])]
    counted = Counter(plain_texts(field, ones))
    return [words for words, _number in counted.most_common(most)]


def converted_or_nothing(old: EntityField, new: EntityField) -> Change:
    """What does not fit goes: the person was told and said so, by `outlook`, which finds it in the same way."""
    convert = Converter(old, new)

    def one(value: Any) -> Any:
        try:
            return convert(value)
        except DoesNotFit:
            return None

    def change(values: Sequence[Any]) -> list[Any]:
        convert.look_up(values)
        return [one(value) for value in values]

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

    def each(value: Any) -> Any:
        if not isinstance(value, list):
            return one(value)
        return list(dict.fromkeys(moved for part in value if (moved := one(part)) is not None))

    return lambda values: [each(value) for value in values]


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
