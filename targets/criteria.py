"""Target list membership as criteria of every entity type: on a list, listed on it, opted out of it."""

from collections.abc import Callable, Sequence
from functools import partial, reduce
from operator import and_
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from crm.criteria import Field, Kind, register_fields
from crm.models import EntityType
from targets.models import Membership, TargetList
from targets.models.lists import MembershipQuerySet


def _lists() -> Sequence[tuple[str, str]]:
    return [(str(pk), name) for pk, name in TargetList.objects.order_by("name").values_list("pk", "name")]


def _on(members: Callable[[], MembershipQuerySet], operator: str, value: Any) -> Q:
    here = members().filter(record=OuterRef("pk"))
    if operator == "any":
        return Q(Exists(here.filter(target_list__in=value)))
    return reduce(and_, [Q(Exists(here.filter(target_list=one))) for one in value])


def membership_fields(entity_type: EntityType) -> list[Field]:
    members = Membership.objects
    asked: list[tuple[str, str, Callable[[], MembershipQuerySet]]] = [
        ("target_list", _("Target List"), members.all),
        ("listed_on", _("Listed on target list"), members.listed),
        ("opted_out_of", _("Opted out of target list"), members.opted_out),
    ]
    return [Field(key, label, Kind.LISTS, partial(_on, rows), _lists, _("Target lists")) for key, label, rows in asked]


register_fields(membership_fields)
