"""What people changed about one thing: its entries of the audit trail, in words, newest first."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Model, Q

from crm.models import AuditEntry, EntityField
from crm.trail import Reader, action_text, who_did

MOST = 20


@dataclass(frozen=True, slots=True)
class Line:
    """One entry. `what` is the action in words; `changes` are (name, before → after or the one value)."""

    entry: AuditEntry
    who: str
    what: str
    changes: list[tuple[str, str]]


def history_of(things: Sequence[Model], fields: Iterable[EntityField] | None = None) -> list[Line]:
    """The newest entries about any of the things; `fields` are those of the record among them."""
    about = Q(pk__in=[])
    for thing in things:
        about |= Q(object_type=thing._meta.label_lower, object_id=thing.pk)
    entries = list(AuditEntry.objects.filter(about).select_related("user")[:MOST])
    reader = Reader(entries, fields)
    return [Line(entry, who_did(entry), action_text(entry.action), reader.changes(entry)) for entry in entries]
