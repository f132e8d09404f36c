"""Entity types: make, change, order, and take away. Every process sees the change with its next query."""

from collections.abc import Callable, Collection, Sequence

from django.db import IntegrityError, transaction
from django.db.models import Max, ProtectedError, Q, QuerySet
from django.db.models.lookups import IsNull
from django.utils.translation import gettext as _

from crm.audit import audit
from crm.changes import differences
from crm.criteria.json import JsonNumber
from crm.entities.dependents import links_to, list_keys
from crm.entities.naming import key_of, slug_of
from crm.entities.order import STEP, Move, moved, number
from crm.entities.rewriting import Change, converted_or_nothing, in_portions, rewrite
from crm.entities.saving import remove_records
from crm.models import EntityField, EntityType, FieldKind, ListSettings, Record, SavedFilter, User

MOST_TYPES = 60
REMOVE = "remove"  # what becomes of the records of a type that goes; else the key of the type that takes them
TRIES = 3
CHANGEABLE = ("label_singular", "label_plural", "icon", "tone", "on_target_lists")

Tell = Callable[[int], None]  # how many records are done


class TypeRefused(Exception):
    """It cannot be done; the text says why."""


def create_type(entity_type: EntityType, user: User) -> None:
    """Save a new type behind the others. Without a key one is made of the label. Raises TypeRefused."""
    known = list(EntityType.objects.values_list("key", "slug"))
    if len(known) >= MOST_TYPES:
        raise TypeRefused(_("There can be at most %(number)s entity types.") % {"number": MOST_TYPES})
    entity_type.key = entity_type.key or key_of(entity_type.label_singular, [key for key, _slug in known])
    entity_type.slug = slug_of(entity_type.label_plural, [slug for _key, slug in known])
    last = EntityType.objects.aggregate(place=Max("position"), panel=Max("panel_position"))
    entity_type.position = (last["place"] or 0) + STEP
    entity_type.panel_position = (last["panel"] or 0) + STEP
    try:
        with transaction.atomic():
            entity_type.save()
            audit(user, "entity_type.created", entity_type, key=entity_type.key, base=entity_type.base)
    except IntegrityError as error:
        entity_type.pk = None
        raise TypeRefused(_("Somebody made a type of this name just now. Try again.")) from error


def save_type(entity_type: EntityType, user: User) -> None:
    """Write labels, icon, colour and panel; the key stays, so that nothing which names it breaks."""
    before = EntityType.objects.get(pk=entity_type.pk)
    changed = differences(before, entity_type, CHANGEABLE)
    if changed:
        with transaction.atomic():
            entity_type.save(update_fields=list(changed))
            audit(user, "entity_type.changed", entity_type, **changed)


def move_type(entity_type: EntityType, move: Move, user: User) -> None:
    """In the navigation and wherever types stand one after the other."""
    rows = EntityType.objects.order_by("position", "id")
    with transaction.atomic():
        number(rows, moved(list(rows.values_list("pk", flat=True)), entity_type.pk, move))
        audit(user, "entity_type.moved", entity_type, to=str(move))


def arrange_panels(order: Sequence[int], shown: Collection[int], user: User) -> None:
    """Which types have a panel on target lists, and in which order. Types that `order` leaves out stay at the end."""
    rows = EntityType.objects.order_by("panel_position", "position", "id")
    present = list(rows.values_list("pk", flat=True))
    wanted = [pk for pk in order if pk in present]
    with transaction.atomic():
        number(rows, [*wanted, *(pk for pk in present if pk not in wanted)], "panel_position")
        rows.filter(pk__in=shown).update(on_target_lists=True)
        rows.exclude(pk__in=shown).update(on_target_lists=False)
        names = list(EntityType.objects.for_panels().values_list("key", flat=True))
        audit(user, "entity_type.panels_arranged", None, shown=names)


# ---- taking away


def successors(entity_type: EntityType) -> list[EntityType]:
    """The types that could take its records: of the same base, and not logins."""
    return list(EntityType.objects.filter(base=entity_type.base).exclude(pk=entity_type.pk).exclude(key="User"))


def fields_to_come(entity_type: EntityType, successor: EntityType) -> list[EntityField]:
    """The fields that the records bring along, because their new type has none of that name."""
    known = set(successor.fields.values_list("name", flat=True))
    return [field for field in entity_type.fields.all() if field.name not in known]


def fields_to_convert(entity_type: EntityType, successor: EntityType) -> list[tuple[EntityField, EntityField]]:
    """(its field, that of its successor): those of the same name and another kind."""
    known = {field.name: field for field in successor.fields.all()}
    pairs = [(field, known[field.name]) for field in entity_type.fields.all() if field.name in known]
    return [(field, new) for field, new in pairs if new.kind != field.kind]


def remove_type(entity_type: EntityType, fate: str, user: User, tell: Tell) -> int:
    """Take a custom type away; how many records were removed, or moved to the type that `fate` names.

    Raises TypeRefused for a built-in type, for a fate that is none, and when new records keep coming in.
    """
    if entity_type.is_builtin:
        raise TypeRefused(_("Built-in types stay."))
    successor = None if fate == REMOVE else next((one for one in successors(entity_type) if one.key == fate), None)
    if successor is None and fate != REMOVE:
        raise TypeRefused(_("Choose what becomes of the records."))
    done = 0
    for _try in range(TRIES):
        done = _empty(entity_type, successor, user, tell, done)
        if _is_gone(entity_type, fate, done, user):
            return done
    raise TypeRefused(_("New records keep coming in. Stop what makes them, then try again."))


def _empty(entity_type: EntityType, successor: EntityType | None, user: User, tell: Tell, done: int) -> int:
    """Take all its records away; how many they were, with those `done` before."""
    if successor is not None:
        return _move_records(entity_type, successor, tell, done)
    _keep_names(entity_type)
    return done + remove_records(entity_type.records.all(), user, lambda removed: tell(done + removed))


def _move_records(entity_type: EntityType, successor: EntityType, tell: Tell, done: int) -> int:
    """Fields first: so no value is without its field at any moment."""
    after = successor.fields.aggregate(last=Max("position"))["last"] or 0
    for place, field in enumerate(fields_to_come(entity_type, successor), 1):
        EntityField.objects.filter(pk=field.pk).update(entity_type=successor, position=after + STEP * place)
    changes = [(old.name, converted_or_nothing(old, new)) for old, new in fields_to_convert(entity_type, successor)]
    for records in in_portions(entity_type.records.all()):
        done += _bring(records, successor, changes)
        tell(done)
    for link in links_to(entity_type):
        link.options = [successor.key]
        link.save(update_fields=["options"])
    return done


@transaction.atomic
def _bring(records: QuerySet[Record], successor: EntityType, changes: Sequence[tuple[str, Change]]) -> int:
    """A record is of its new type and its values of their new kinds at once, so none is converted twice."""
    for name, change in changes:
        rewrite(records.filter(values__has_key=name), name, change)
    return records.update(entity_type=successor)


def _keep_names(entity_type: EntityType) -> None:
    """Links to records that go become texts with their names. The names first: as long as there are links, whoever goes
    on after a worker that died finds the field still to be done."""
    for link in links_to(entity_type):
        new = EntityField(name=link.name, kind=FieldKind.TEXT, label=link.label)
        change = converted_or_nothing(link, new)
        numbers = ~Q(IsNull(JsonNumber("values", link.name), True))
        links = Record.objects.filter(numbers, entity_type=link.entity_type)
        _rewrite_all(links, link.name, change)
        with transaction.atomic():
            EntityField.objects.filter(pk=link.pk).update(kind=FieldKind.TEXT, options=[], default=None)
            _rewrite_all(links, link.name, change)  # what forms saved meanwhile


def _rewrite_all(records: QuerySet[Record], name: str, change: Change) -> None:
    for portion in in_portions(records):
        rewrite(portion, name, change)


def _is_gone(entity_type: EntityType, fate: str, records: int, user: User) -> bool:
    """The type itself, with what people kept of its lists; False when a record came in meanwhile."""
    keys = list_keys(entity_type)
    try:
        with transaction.atomic():
            audit(user, "entity_type.removed", entity_type, key=entity_type.key, fate=fate, records=records)
            SavedFilter.objects.filter(list_key__in=keys).delete()
            ListSettings.objects.filter(list_key__in=keys).delete()
            EntityType.objects.filter(pk=entity_type.pk).delete()
    except (ProtectedError, IntegrityError):
        return False
    return True
