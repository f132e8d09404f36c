"""The audit trail in words: what an action is called, what a changed field is called, and what its value means.

Names and values of fields come from the model that an entry is about. The apps `register` the words for their actions
(in `trail_words`), and for what an entry tells besides fields.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeGuard

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db.models import DateField, Field, ForeignKey, Model
from django.utils import formats, timezone
from django.utils.dateparse import parse_datetime
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from crm.entities.words import label_of, option_label
from crm.models import AuditEntry, EntityField, Record, User

Text = str | Promise
NOTHING: tuple[object, ...] = (None, "", [], {})
SAME = "self"  # the model that the entry itself is about


@dataclass(frozen=True, slots=True)
class Told:
    """A name in the trail that is no field. Numbers are ids of `model`, where there is one; texts are of `choices`.

    `is_many`: a list under it is a list, not what stood there before and after.
    """

    label: Text
    model: str = ""  # "app.model" in lower case, or SAME
    choices: Sequence[tuple[str, Text]] = ()
    is_many: bool = False


_actions: dict[str, Text] = {}
_told: dict[str, Told] = {}


def register(actions: Mapping[str, Text], told: Mapping[str, Told] | None = None) -> None:
    """`actions` by their full name, or by what stands behind the dot when the word is the same for all things."""
    _actions.update(actions)
    _told.update(told or {})


def action_text(action: str) -> str:
    """The action in words; one that nobody uses any more, by its bare name."""
    return str(_actions.get(action) or _actions.get(action.rpartition(".")[2]) or action)


def who_did(entry: AuditEntry) -> str:
    """The person by name; a login that there is no more by what it was called; else Herald."""
    full = entry.user.get_full_name() if entry.user else ""
    return full or entry.user_name or _("Herald itself")


def model_of(entry: AuditEntry) -> type[Model] | None:
    """None for entries about nothing, and about a type that there is no more."""
    try:
        return apps.get_model(entry.object_type)
    except (LookupError, ValueError):
        return None


def field_of(model: type[Model] | None, name: str) -> "Field[Any, Any] | None":
    try:
        found = model._meta.get_field(name) if model else None
    except FieldDoesNotExist:
        return None
    return found if isinstance(found, Field) else None


def is_named(field: "Field[Any, Any] | None") -> "TypeGuard[Field[Any, Any]]":
    """Whether it has a name that people read; others are called by their column."""
    return field is not None and isinstance(field.verbose_name, Promise)


class Reader:
    """Reads some entries together: the names of all people and things in them are asked for once."""

    def __init__(self, entries: Sequence[AuditEntry], fields: Iterable[EntityField] | None = None) -> None:
        """`fields`: those of the records that the entries are about, where the caller knows them."""
        self.entries = entries
        self._given = fields

    def changes(self, entry: AuditEntry) -> list[tuple[str, str]]:
        """(name, before → after or the one value) of what did change."""
        shown = ((name, self._shown(entry, name, change)) for name, change in entry.changes.items())
        return [(self._label(entry, name), text) for name, text in shown if text]

    def _label(self, entry: AuditEntry, name: str) -> str:
        field = field_of(model_of(entry), name)
        if is_named(field):
            return str(capfirst(field.verbose_name))
        own = self._own_field(entry, name)
        return label_of(own) if own else str(_told[name].label) if name in _told else name

    def _own_field(self, entry: AuditEntry, name: str) -> EntityField | None:
        """That of a record's type; without the record, one of that name."""
        return self._own_fields.get(name) if model_of(entry) is Record else None

    @cached_property
    def _own_fields(self) -> dict[str, EntityField]:
        if self._given is not None:
            return {field.name: field for field in self._given}
        asked = {name for entry in self.entries if model_of(entry) is Record for name in entry.changes}
        found = EntityField.objects.filter(name__in=[name for name in asked if field_of(Record, name) is None])
        return {field.name: field for field in found.order_by("-pk")} if asked else {}

    def _shown(self, entry: AuditEntry, name: str, change: Any) -> str:
        if not isinstance(change, list):
            return "" if change in NOTHING or _is_zero(change) else self._value(entry, name, change)
        if len(change) != 2 or (name in _told and _told[name].is_many):
            return ", ".join(self._value(entry, name, value) for value in change)
        before, after = change
        if before == after or (before in NOTHING and after in NOTHING):
            return ""
        if any(isinstance(value, list | dict) for value in change):
            return _("Changed")  # too long to be shown
        shown = [self._value(entry, name, value) if value not in NOTHING else "—" for value in change]
        return shown[1] if entry.action.endswith(".created") else " → ".join(shown)

    def _value(self, entry: AuditEntry, name: str, value: Any) -> str:
        if isinstance(value, bool):
            return _("Yes") if value else _("No")
        model, field = _pointed_at(entry, name), field_of(model_of(entry), name)
        if model is not None and isinstance(value, int):
            return self._names.get(model, {}).get(value, f"#{value}")
        own = self._own_field(entry, name)
        if own and isinstance(value, str):
            return option_label(own, value) if value in own.options else value
        return _of_field(field, value) if field else _of_nothing(name, value)

    @cached_property
    def _names(self) -> dict[type[Model], dict[int, str]]:
        """Model → id → what people call it, for all ids that stand in the entries: one query for each model."""
        wanted: dict[type[Model], set[int]] = {}
        for entry in self.entries:
            for name, change in entry.changes.items():
                if model := _pointed_at(entry, name):
                    values = change if isinstance(change, list) else [change]
                    wanted.setdefault(model, set()).update(one for one in values if isinstance(one, int))
        return {
            model: {pk: _called(row) for pk, row in model._default_manager.in_bulk(ids).items()}
            for model, ids in wanted.items()
            if ids
        }


def _is_zero(change: Any) -> bool:
    """Of a number of things there is nothing to tell; False is an answer."""
    return change == 0 and not isinstance(change, bool)


def _called(row: Model) -> str:
    return row.get_full_name() or row.get_username() if isinstance(row, User) else str(row)


def _pointed_at(entry: AuditEntry, name: str) -> type[Model] | None:
    """The model whose ids stand under the name."""
    model = model_of(entry)
    field = field_of(model, name)
    if isinstance(field, ForeignKey):
        target = field.related_model
        return target if isinstance(target, type) else None
    if field is not None or name not in _told or not _told[name].model:
        return None
    return model if _told[name].model == SAME else apps.get_model(_told[name].model)


def _of_field(field: "Field[Any, Any]", value: Any) -> str:
    words = dict(field.flatchoices)
    if value in words:
        return str(words[value])
    return _moment(value) if isinstance(field, DateField) else str(value)


def _moment(value: object) -> str:
    """As the reader writes it; a day that came without its time, as it stands."""
    moment = parse_datetime(str(value))
    if moment is None or timezone.is_naive(moment):
        return str(value)
    return formats.date_format(timezone.localtime(moment), "SHORT_DATETIME_FORMAT")


def _of_nothing(name: str, value: Any) -> str:
    if isinstance(value, int):
        return formats.number_format(value, use_l10n=True, force_grouping=True)
    choices = dict(_told[name].choices) if name in _told else {}
    return str(choices.get(value, value))
