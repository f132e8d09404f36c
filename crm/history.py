"""What people changed about one thing: its entries of the audit trail, in words, newest first."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Model, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.models import AuditEntry

MOST = 20
WORDS = {
    "record.created": gettext_lazy("Created"),
    "record.changed": gettext_lazy("Changed"),
    "email_address.opted_out": gettext_lazy("Opted out"),
    "email_address.opt_out_canceled": gettext_lazy("Opt-out canceled"),
    "email_address.marked_invalid": gettext_lazy("Marked as invalid"),
    "email_address.marked_valid": gettext_lazy("Marked as valid"),
}
Names = Mapping[str, Mapping[int, str]]  # field → id → what people call it
Namer = Callable[[dict[str, set[int]]], Names]


@dataclass(frozen=True, slots=True)
class Line:
    """One entry. `what` is the action in words; `changes` are (name, before → after or the one value)."""

    entry: AuditEntry
    what: str
    changes: list[tuple[str, str]]


def history_of(
    things: Sequence[Model], labels: Mapping[str, str] | None = None, names_of: Namer = lambda ids: {}
) -> list[Line]:
    """The newest entries about any of the things. `labels` name the fields, `names_of` what their ids stand for."""
    about = Q(pk__in=[])
    for thing in things:
        about |= Q(object_type=thing._meta.label_lower, object_id=thing.pk)
    entries = list(AuditEntry.objects.filter(about)[:MOST])
    names = names_of(_ids(entries))
    return [line_of(entry, labels or {}, names) for entry in entries]


def line_of(entry: AuditEntry, labels: Mapping[str, str], names: Names) -> Line:
    """An entry as people read it."""
    changes = [
        (labels.get(name, _("Why") if name == "why" else name), _shown(change, names.get(name, {})))
        for name, change in entry.changes.items()
        if change != ""
    ]
    return Line(entry, str(WORDS.get(entry.action, entry.action)), changes)


def _ids(entries: Sequence[AuditEntry]) -> dict[str, set[int]]:
    """Field → the ids among its changes."""
    found: dict[str, set[int]] = {}
    for entry in entries:
        for name, change in entry.changes.items():
            if name.endswith("_id") and isinstance(change, list):
                found.setdefault(name, set()).update(one for one in change if isinstance(one, int))
    return found


def _shown(change: Any, names: Mapping[int, str]) -> str:
    if isinstance(change, list) and len(change) == 2:
        before, after = ("—" if value in (None, "") else str(names.get(value, value)) for value in change)
        return f"{before} → {after}"
    return str(change)
