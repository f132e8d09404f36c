"""Acts on many records at once: up to a hundred while the person waits, more in the background.

What is posted is the state of the list, never a million ids; the query and the person's rights are applied again when
the work runs. The records are taken in portions by id, so nobody else waits long for the database.
"""

import json
from collections.abc import Callable, Iterator
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import ngettext

from crm.audit import audit
from crm.background import Progress, register
from crm.criteria.json import JsonWith, JsonWithout
from crm.entities.listing import record_list
from crm.entities.saving import remove_records
from crm.entities.values import to_stored
from crm.lists.posted import request_again, selection_of
from crm.models import EntityType, Record, User

AT_ONCE = 100
PORTION = 2_000


def is_long(number: int) -> bool:
    """Whether an act on so many records goes to the background."""
    return number > AT_ONCE


def portions(rows: QuerySet[Any]) -> Iterator[list[int]]:
    """The ids of the rows, fixed at the beginning, some hundred at a time."""
    ids = list(rows.order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(ids), PORTION):
        yield ids[start : start + PORTION]


# ---- the selection, from the page to the worker


def selected_again(entity_type: EntityType, selection: str, user: User) -> QuerySet[Record]:
    """The records that the selection names now, seen with the eyes of `user`."""
    return record_list(request_again(selection, user), entity_type).selected()


def each_portion(progress: Progress, act: Callable[[QuerySet[Record]], int]) -> int:
    """Do `act` to every portion of the task's selection; the sum of its answers."""
    entity_type = EntityType.objects.get(key=progress.parameters["type"])
    records = selected_again(entity_type, progress.parameters["selection"], progress.user)
    seen = changed = 0
    for ids in portions(records):
        changed += act(Record.objects.filter(pk__in=ids))
        seen += len(ids)
        progress.tell(seen)
    return changed


def parameters(entity_type: EntityType, request: HttpRequest, **more: Any) -> dict[str, Any]:
    return {"type": entity_type.key, "selection": selection_of(request), **more}


# ---- removing


REMOVE, UPDATE = "records.remove", "records.update"


def remove_in_background(progress: Progress) -> None:
    entity_type = EntityType.objects.get(key=progress.parameters["type"])
    removed = each_portion(progress, lambda records: remove_records(records, progress.user))
    progress.finish(removed_text(removed), entity_type.get_absolute_url(), number=removed)


def removed_text(number: int) -> str:
    return ngettext("%(number)s record was removed.", "%(number)s records were removed.", number) % {"number": number}


# ---- one field of many records

COLUMNS = {"phone", "owner", "language", "description", "account"}


def update_records(records: QuerySet[Record], name: str, value: Any) -> int:
    """Set one field: a column, or with the prefix f_ a field of the type. `value` is what the form cleaned to."""
    if name in COLUMNS:
        return records.update(**{name: value, "modified_at": timezone.now()})
    key, stored = name.removeprefix("f_"), to_stored(value)
    changed = JsonWithout("values", key) if stored in (None, "", []) else JsonWith("values", key, json.dumps(stored))
    return records.update(values=changed, modified_at=timezone.now())


def updated_text(number: int) -> str:
    return ngettext("%(number)s record was changed.", "%(number)s records were changed.", number) % {"number": number}


def note_update(user: User, entity_type: EntityType, name: str, number: int) -> None:
    if number:
        audit(user, "record.changed_many", None, type=entity_type.key, field=name, number=number)


register(REMOVE, remove_in_background)
