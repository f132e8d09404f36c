"""Target lists as a whole: save, duplicate, remove, and what depends on one."""

from collections.abc import Callable, Sequence

from django.db import transaction
from django.db.models import Model
from django.utils.translation import gettext as _

from crm.audit import audit
from crm.changes import differences
from crm.models import User
from targets.models import TargetList

AUDITED = ("name", "category", "assigned_user_id", "is_internal")
_before_removal: list[Callable[[TargetList], object]] = []


def register_removal(prepare: Callable[[TargetList], object]) -> None:
    """Have `prepare(target_list)` called before one is removed, in the same transaction: the apps above use lists."""
    _before_removal.append(prepare)


def save_list(target_list: TargetList, user: User) -> None:
    with transaction.atomic():
        before = TargetList.objects.filter(pk=target_list.pk).first() if target_list.pk else None
        target_list.save()
        audit(
            user, f"target_list.{'changed' if before else 'created'}", target_list,
            **differences(before, target_list, AUDITED),
        )  # fmt: skip


def copy_of(target_list: TargetList, user: User) -> TargetList:
    """A new list like this one, still without members."""
    with transaction.atomic():
        copy = TargetList.objects.create(
            name=(_("%(name)s (copy)") % {"name": target_list.name})[:200],
            category=target_list.category,
            description=target_list.description,
            is_internal=target_list.is_internal,
            assigned_user=user,
        )
        audit(user, "target_list.duplicated", copy, source=target_list.pk, members=target_list.memberships.count())
    return copy


def remove(target_list: TargetList, user: User) -> None:
    """The list goes, with its memberships and its opt-outs; the records stay."""
    with transaction.atomic():
        for prepare in _before_removal:
            prepare(target_list)
        audit(user, "target_list.removed", target_list, members=target_list.memberships.count())
        target_list.delete()


def users_of(target_list: TargetList) -> list[tuple[str, Sequence[Model]]]:
    """(plural name of a model, its objects) that include or exclude this list: campaigns and mass emails.

    Found through the relations of the model: what lies above this app is not named here.
    """
    found: dict[str, dict[int, Model]] = {}
    for relation in TargetList._meta.related_objects:
        if relation.many_to_many:
            rows = getattr(target_list, relation.get_accessor_name() or "").all()
            plural = str(relation.related_model._meta.verbose_name_plural)
            found.setdefault(plural, {}).update({row.pk: row for row in rows})
    return [(plural, list(rows.values())) for plural, rows in found.items() if rows]
