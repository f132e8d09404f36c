"""The members of a target list as a table for spreadsheets: their status on the list, and everything of the records."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils.translation import gettext as _

from crm.entities.export import columns_of
from crm.exports import Column, Table, Value, register
from crm.lists.posted import request_again
from crm.models import EntityType, User
from targets import origins, panels
from targets.models import Source, TargetList
from targets.reports.files import REPORT, open_report

MEMBERS = "target_list_members"
ON_EVERY_TYPE = {"name", "email", "email_state", "phone", "owner", "language"}


def member_columns(entity_type: EntityType | None) -> list[Column]:
    """Of one type all its fields; of all types what they have in common."""
    found = columns_of(entity_type or EntityType.objects.get(key="Contact"), "record__")
    if entity_type is None:
        kind = Column("type", _("Type"), ("record__entity_type_id",), _types)
        found = [found[0], kind, *(column for column in found[1:] if column.key in ON_EVERY_TYPE)]
    return [
        *(replace(column, key=f"record_{column.key}") for column in found),
        Column("status", _("Target Status"), ("opted_out_at",), _statuses),
        Column("opted_out_at", _("Opted Out"), ("opted_out_at",)),
        Column("opted_out_through", _("Opted out through"), ("opted_out_mass_email",), _through),
        Column("source", _("Source"), ("source",), _sources),
        Column("added", _("Added"), ("created_at",)),
    ]


def _types(pks: Sequence[int]) -> Iterable[Value]:
    names = {kind.pk: kind.singular for kind in EntityType.objects.all()}
    return [names[pk] for pk in pks]


def _statuses(moments: Sequence[datetime | None]) -> Iterable[Value]:
    listed, opted_out = _("Listed"), _("Opted Out")
    return [opted_out if at else listed for at in moments]


def _through(pks: Sequence[int | None]) -> Iterable[Value]:
    names = origins.named({pk for pk in pks if pk})
    return [names[pk].name if pk in names else "" for pk in pks]


def _sources(values: Sequence[str]) -> Iterable[Value]:
    labels = {source.value: str(source.label) for source in Source}
    return [labels.get(value, value) for value in values]


def open_members(user: User, given: dict[str, Any]) -> Table:
    """{"list": pk, "type": the slug of the panel or "" for Opted Out, "selection": what its bulk bar posted}"""
    if not user.can_edit:
        raise PermissionDenied
    target_list = TargetList.objects.get(pk=given["list"])
    entity_type = EntityType.objects.prefetch_related("fields").get(slug=given["type"]) if given["type"] else None
    rows = panels.members(request_again(given["selection"], user), target_list, entity_type).chosen()
    what = entity_type.plural if entity_type else _("Opted Out")
    back = reverse("targets:panel", args=[target_list.pk, given["type"] or "opted-out"])
    trail = [(_("Target Lists"), reverse("targets:list")), (target_list.name, target_list.get_absolute_url())]
    return Table(
        f"{target_list.name} {what}", rows, member_columns(entity_type), "target_list.exported", back,
        {"type": entity_type.key if entity_type else ""}, target_list, trail, what,
    )  # fmt: skip


register(MEMBERS, open_members)
register(REPORT, open_report)
