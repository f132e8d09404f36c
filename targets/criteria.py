"""Target list membership as criteria of every entity type."""

from collections.abc import Sequence
from functools import reduce
from operator import and_
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from crm.criteria import Field, Kind, register_fields
from crm.models import EntityType
from targets.models import Membership, TargetList


def _lists() -> Sequence[tuple[str, str]]:
    return [(str(pk), name) for pk, name in TargetList.objects.order_by("name").values_list("pk", "name")]


def _on(members: Any, operator: str, value: Any) -> Q:
    if operator == "any":
        return Q(Exists(members.filter(target_list__in=value)))
    return reduce(and_, [Q(Exists(members.filter(target_list=one))) for one in value])


def _members() -> Any:
    return Membership.objects.filter(record=OuterRef("pk"))


def membership_fields(entity_type: EntityType) -> list[Field]:
    heading = _("Target lists")
    return [
        Field(
            "target_list", _("Target List"), Kind.LISTS, lambda op, value: _on(_members(), op, value), _lists, heading
        ),
        Field(
            "opted_out_of",
            _("Opted out of target list"),
            Kind.LISTS,
            lambda op, value: _on(_members().opted_out(), op, value),
            _lists,
            heading,
        ),
    ]


register_fields(membership_fields)
