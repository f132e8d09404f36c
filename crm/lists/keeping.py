"""Writing what people keep of a list."""

from collections.abc import Sequence

from crm.audit import audit
from crm.models import ListSettings, SavedFilter, User
from crm.models.lists import SIZES

MOST_COLUMNS = 100
LONGEST_NAME = 80


def keep_columns(user: User, list_key: str, shown: Sequence[str], size: int | None) -> None:
    """Columns in their order and the page size; unknown names do no harm, the list leaves them out."""
    columns = [name[:LONGEST_NAME] for name in shown[:MOST_COLUMNS]]
    _keep(user, list_key, columns=columns, size=size if size in SIZES else None)


def forget_columns(user: User, list_key: str) -> None:
    _keep(user, list_key, columns=[], size=None)


def moved(order: Sequence[str], name: str, step: int) -> list[str]:
    """The order with one name a place up (-1) or down (1); unchanged at the ends and for unknown names."""
    found = list(order)
    if name in found and 0 <= found.index(name) + step < len(found):
        at = found.index(name)
        found[at], found[at + step] = found[at + step], found[at]
    return found


def keep_default(user: User, saved: SavedFilter, *, is_default: bool) -> None:
    if is_default:
        _keep(user, saved.list_key, default_filter=saved)
    else:
        ListSettings.objects.filter(user=user, default_filter=saved).update(default_filter=None)


def _keep(user: User, list_key: str, **values: object) -> None:
    ListSettings.objects.update_or_create(user=user, list_key=list_key, defaults=values)


def save_filter(saved: SavedFilter, user: User, fields: list[str] | None = None) -> None:
    """A shared filter changes what others see: it is in the audit log."""
    saved.save(update_fields=fields)
    if saved.is_shared:
        audit(user, "saved_filter.shared", saved, query=saved.query[:500])


def remove_filter(saved: SavedFilter, user: User) -> None:
    if saved.is_shared:
        audit(user, "saved_filter.removed", saved)
    saved.delete()
