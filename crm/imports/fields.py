"""What an import can fill: the fields of the record form, each with the same control that people type into."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from crm.entities.forms import PREFIX, RecordForm
from crm.models import EntityField, EntityType, FieldKind, Record

FULL_NAME = "full_name"  # of a person, in one cell: cut into first and last name
FULL_NAME_LABEL = _("Full name (first and last)")
UNMATCHABLE = (forms.MultipleChoiceField, forms.BooleanField)


@dataclass(frozen=True, slots=True)
class ImportField:
    """`key` is the name of the form field; those of the type's own fields begin with f_."""

    key: str
    label: str
    control: forms.Field
    is_required: bool = False
    source: str | Promise = ""  # the label, to be translated into other languages
    kind: str = ""  # of a field of the type, and what that takes: EntityField.options
    options: Sequence[Any] = ()

    @property
    def is_own(self) -> bool:
        return self.key.startswith(PREFIX)

    @property
    def name(self) -> str:
        """In Record.values."""
        return self.key.removeprefix(PREFIX)

    def is_as_before(self, kind: str, options: Sequence[Any]) -> bool:
        """Whether the field, which is this by now, still takes all that it took. More choices do no harm."""
        if kind in {FieldKind.CHOICE, FieldKind.CHOICES}:
            return kind == self.kind and set(self.options) <= set(options)
        return (kind, list(options)) == (self.kind, list(self.options))

    @property
    def can_match(self) -> bool:
        return not isinstance(self.control, UNMATCHABLE) and self.key not in {"description", FULL_NAME}


def import_fields(entity_type: EntityType) -> dict[str, ImportField]:
    """By key, in the order of the form; what it carries hidden is nobody's to fill."""
    form = RecordForm(entity_type=entity_type, instance=Record(entity_type=entity_type))
    own = {PREFIX + field.name: field for field in form.custom}
    shown = {key: control for key, control in form.fields.items() if not control.widget.is_hidden}
    found = {key: _field(key, control, own.get(key)) for key, control in shown.items()}
    if "first_name" in found:
        full = forms.CharField(required=False, max_length=255)
        found[FULL_NAME] = ImportField(FULL_NAME, str(FULL_NAME_LABEL), full, source=FULL_NAME_LABEL)
    return found


def _field(key: str, control: forms.Field, own: EntityField | None) -> ImportField:
    """Labels of the type's own fields are as they are kept; those of columns are lazy."""
    is_required, control.required = control.required, False
    label = str(control.label or key)
    if own is None:
        return ImportField(key, label, control, is_required, control.label or key)
    return ImportField(key, label, control, is_required, own.label or label, own.kind, tuple(own.options))


def column_of(key: str) -> str:
    """The attribute of Record: links to one record or user are ids."""
    return f"{key}_id" if key in {"account", "owner"} else key


def can_import(entity_type: EntityType) -> bool:
    """Every type but the colleagues, each of whom is a login."""
    return entity_type.key != "User"
