"""The fields of entity types: make, change, order, give another kind, and take away.

A name never changes, so saved filters and placeholders live through every change of a label. What a change does to the
values of many records is work for the background: each verb here changes the field at once, and answers with what is
left to do for its records.
"""

from collections.abc import Mapping

from django.db import IntegrityError, transaction
from django.db.models import Max, QuerySet
from django.utils.translation import gettext as _

from crm.audit import audit
from crm.changes import differences
from crm.entities.naming import field_name_of
from crm.entities.order import STEP, Move, moved, number
from crm.entities.rewriting import KEEP
from crm.models import BackgroundTask, EntityField, EntityType, ListSettings, Record, TaskStatus, User

MOST_FIELDS = 250
FORGET = "entity_field.forget"  # the background work that takes the values of a removed field away
CHANGEABLE = ("label", "options", "default", "is_required", "on_list")


class FieldRefused(Exception):
    """It cannot be done; the text says why."""


def create_field(field: EntityField, user: User) -> None:
    """Save a new field behind the others. Without a name one is made of the label. Raises FieldRefused."""
    names = list(field.entity_type.fields.values_list("name", flat=True))
    if len(names) >= MOST_FIELDS:
        raise FieldRefused(_("A type can have at most %(number)s fields.") % {"number": MOST_FIELDS})
    field.name = field.name or field_name_of(field.label, names)
    if _is_being_forgotten(field):
        raise FieldRefused(_("The values of a removed field of this name are still being removed. Try again later."))
    field.position = (field.entity_type.fields.aggregate(last=Max("position"))["last"] or 0) + STEP
    try:
        with transaction.atomic():
            field.save()
            audit(user, "entity_field.created", field, type=field.entity_type.key, name=field.name, kind=field.kind)
    except IntegrityError as error:
        field.pk = None
        raise FieldRefused(_("Somebody made a field of this name just now. Try again.")) from error


def _is_being_forgotten(field: EntityField) -> bool:
    """Whether values of another field still stand under its name, and work for the background would take its own."""
    open_ones = BackgroundTask.objects.filter(kind=FORGET, status__in=(TaskStatus.PENDING, TaskStatus.RUNNING))
    given = open_ones.values_list("parameters", flat=True)
    return any(one["type"] == field.entity_type.key and one["field"] == field.name for one in given)


def save_field(field: EntityField, user: User, fates: Mapping[str, str] | None = None) -> None:
    """Write label, choices, default and switches; `fates` are told to the trail (crm.entities.rewriting)."""
    changed = differences(EntityField.objects.get(pk=field.pk), field, CHANGEABLE)
    if not changed:
        return
    told = {name: fate for name, fate in (fates or {}).items() if fate != KEEP}
    more = {"choices_moved": [f"{name} → {fate.lstrip('=')}" for name, fate in told.items()]} if told else {}
    with transaction.atomic():
        field.save(update_fields=list(changed))
        audit(user, "entity_field.changed", field, type=field.entity_type.key, **changed, **more)


def move_field(field: EntityField, move: Move, user: User) -> None:
    """In the form, on the page of a record, and among the columns."""
    rows = EntityField.objects.filter(entity_type_id=field.entity_type_id).order_by("position", "id")
    with transaction.atomic():
        number(rows, moved(list(rows.values_list("pk", flat=True)), field.pk, move))
        audit(user, "entity_field.moved", field, type=field.entity_type.key, to=str(move))


def change_kind(field: EntityField, new: EntityField, user: User) -> None:
    """The field is of the new kind at once; its values follow. Raises FieldRefused for a built-in field."""
    _refuse_builtin(field)
    with transaction.atomic():
        rows = EntityField.objects.filter(pk=field.pk, kind=field.kind)
        if not rows.update(kind=new.kind, options=new.options, default=None):
            raise FieldRefused(_("Somebody else changed this field just now. Look at it again."))
        audit(user, "entity_field.kind_changed", field, type=field.entity_type.key, kind=[field.kind, new.kind])


def remove_field(field: EntityField, user: User) -> QuerySet[Record]:
    """The field goes at once, from everybody's columns too; its values are still in the records of the answer.

    Raises FieldRefused for a built-in field.
    """
    _refuse_builtin(field)
    name, entity_type = field.name, field.entity_type
    with transaction.atomic():
        audit(user, "entity_field.removed", field, type=entity_type.key, name=name, kind=field.kind)
        field.delete()
        _forget_columns(entity_type, f"f_{name}")
    return holding(entity_type, name)


def holding(entity_type: EntityType, name: str) -> QuerySet[Record]:
    """The records that have a value under this name, whatever it is."""
    return Record.objects.filter(entity_type=entity_type, values__has_key=name)


def _forget_columns(entity_type: EntityType, column: str) -> None:
    for row in ListSettings.objects.filter(list_key=entity_type.slug):
        if column in row.columns:
            row.columns = [name for name in row.columns if name != column]
            row.save(update_fields=["columns"])


def _refuse_builtin(field: EntityField) -> None:
    if field.is_builtin:
        raise FieldRefused(_("Built-in fields stay as they are: other parts of Herald count on them."))
