"""What a change of a type or a field leaves to do for its records: at once for few of them, else in the background."""

from collections.abc import Callable, Mapping
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm.background import Interrupted, Progress, begin, register
from crm.entities.bulk import is_long
from crm.entities.rewriting import Change, converted_or_nothing, forget, in_portions, moved_choices, rewrite
from crm.entities.type_fields import FORGET, change_kind, holding, remove_field, save_field
from crm.entities.types import REMOVE, TypeRefused, remove_type
from crm.models import BackgroundTask, EntityField, EntityType, Record, TaskStatus, User

CONVERT, CHOICES, REMOVE_TYPE = "entity_field.convert", "entity_field.choices", "entity_type.remove"
Portion = Callable[[QuerySet[Record]], int]


# ---- the acts: each answers with a task to watch, or with None when all is done


@transaction.atomic
def take_field_away(field: EntityField, user: User) -> BackgroundTask | None:
    """Raises FieldRefused."""
    title = _("Remove the values of “%(field)s”") % {"field": field.label}
    name, entity_type = field.name, field.entity_type
    records = remove_field(field, user)
    return _now_or_later(FORGET, title, user, records, lambda rows: forget(rows, name),
                         {"type": entity_type.key, "field": name})  # fmt: skip


@transaction.atomic
def give_kind(field: EntityField, new: EntityField, user: User) -> BackgroundTask | None:
    """Raises FieldRefused."""
    title = _("Convert the values of “%(field)s”") % {"field": field.label}
    change_kind(field, new, user)
    told = {
        "type": field.entity_type.key, "field": field.name,
        "old": _described(field), "new": _described(new),
    }  # fmt: skip
    return _rewritten(CONVERT, title, user, field, converted_or_nothing(field, new), told)


@transaction.atomic
def keep_field(field: EntityField, user: User, fates: Mapping[str, str]) -> BackgroundTask | None:
    """Save a field; records move off the choices that `fates` name."""
    save_field(field, user, fates)
    if not fates:
        return None
    title = _("Change the choices of “%(field)s”") % {"field": field.label}
    told = {"type": field.entity_type.key, "field": field.name, "fates": dict(fates)}
    return _rewritten(CHOICES, title, user, field, moved_choices(fates), told)


def take_type_away(entity_type: EntityType, fate: str, user: User) -> BackgroundTask | None:
    """Raises TypeRefused."""
    total = entity_type.records.count()
    if not is_long(total):
        remove_type(entity_type, fate, user, lambda _done: None)
        return None
    title = _("Remove the entity type “%(type)s”") % {"type": entity_type.plural}
    return begin(REMOVE_TYPE, title, user, total=total, parameters={"type": entity_type.key, "fate": fate})


def _rewritten(
    kind: str, title: str, user: User, field: EntityField, change: Change, told: dict[str, Any]
) -> BackgroundTask | None:
    records = holding(field.entity_type, field.name)
    return _now_or_later(kind, title, user, records, lambda rows: rewrite(rows, field.name, change), told)


def _now_or_later(
    kind: str, title: str, user: User, records: QuerySet[Record], act: Portion, told: dict[str, Any]
) -> BackgroundTask | None:
    total = records.count()
    if is_long(total):
        return begin(kind, title, user, total=total, parameters=told)
    act(records)
    return None


# ---- the same in the background


def _described(field: EntityField) -> dict[str, Any]:
    return {"name": field.name, "label": field.label, "kind": field.kind, "options": field.options}


def _each_portion(progress: Progress, act: Portion) -> None:
    """From where another worker stopped: not every change may be made twice. Raises Interrupted."""
    given = progress.parameters
    entity_type = EntityType.objects.get(key=given["type"])
    changed = given.get("changed", 0)
    for rows in in_portions(holding(entity_type, given["field"]).filter(pk__gt=given.get("after", 0))):
        changed = _one_portion(progress.task, rows, act, changed)
    text = ngettext("%(number)s record was changed.", "%(number)s records were changed.", changed)
    progress.finish(text % {"number": changed}, reverse("crm:entity_detail", args=[entity_type.pk]), number=changed)


@transaction.atomic
def _one_portion(task: BackgroundTask, rows: QuerySet[Record], act: Portion, changed: int) -> int:
    """How many are changed by now; the row of the task tells in the same transaction how far that is.

    Raises Interrupted where another worker took over meanwhile: then nothing of this portion is done.
    """
    ids = list(rows.order_by("pk").values_list("pk", flat=True))
    changed += act(rows)
    task.parameters = {**task.parameters, "after": ids[-1] if ids else 0, "changed": changed}
    task.done += len(ids)
    own = BackgroundTask.objects.filter(pk=task.pk, status=TaskStatus.RUNNING, started_at=task.started_at)
    if not own.update(parameters=task.parameters, done=task.done, seen_at=timezone.now()):
        raise Interrupted
    return changed


def _forget(progress: Progress) -> None:
    name = progress.parameters["field"]
    _each_portion(progress, lambda rows: forget(rows, name))


def _convert(progress: Progress) -> None:
    name, old, new = (progress.parameters[part] for part in ("field", "old", "new"))
    change = converted_or_nothing(EntityField(**old), EntityField(**new))
    _each_portion(progress, lambda rows: rewrite(rows, name, change))


def _move_choices(progress: Progress) -> None:
    name, change = progress.parameters["field"], moved_choices(progress.parameters["fates"])
    _each_portion(progress, lambda rows: rewrite(rows, name, change))


def _remove_type(progress: Progress) -> None:
    """Raises TypeRefused."""
    entity_type = EntityType.objects.filter(key=progress.parameters["type"]).first()
    if entity_type is None:
        raise TypeRefused(_("The type is gone already."))
    fate = progress.parameters["fate"]
    number = remove_type(entity_type, fate, progress.user, progress.tell)
    progress.finish(done_text(number, fate), reverse("crm:entity_list"), number=number)


def done_text(number: int, fate: str) -> str:
    if fate == REMOVE:
        text = ngettext("The type and %(number)s record were removed.", "The type and %(number)s records were removed.",
                        number)  # fmt: skip
    else:
        text = ngettext("The type was removed, %(number)s record was moved.",
                        "The type was removed, %(number)s records were moved.", number)  # fmt: skip
    return text % {"number": f"{number:,}"}


for _kind, _work in {FORGET: _forget, CONVERT: _convert, CHOICES: _move_choices, REMOVE_TYPE: _remove_type}.items():
    register(_kind, _work, goes_on=True)
