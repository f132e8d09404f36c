"""What else belongs to a record: the contacts of an account, and the records whose link fields lead to it."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from crm.criteria import dump
from crm.criteria.where import json_record
from crm.entities.forms import has_account
from crm.entities.values import REFERS_TO
from crm.entities.words import label_of
from crm.lists.counting import capped_counts
from crm.models import EntityField, EntityType, FieldKind, Record

MOST = 10


@dataclass(frozen=True, slots=True)
class Related:
    """Records of one type that lead to this one, the first of them by name; `url` is their list, `number` is capped."""

    label: str
    icon: str
    records: Sequence[Record]
    number: int
    url: str


def contacts_of(account: Record) -> list[Related]:
    """Every type that belongs to accounts and has records of this one."""
    kinds = [kind for kind in EntityType.objects.all() if has_account(kind)]
    return _those_with_any([
        (kind.plural, kind, account.contacts.filter(entity_type=kind), _url(kind, "account", account)) for kind in kinds
    ])  # fmt: skip


def link_fields_to(entity_type: EntityType) -> list[EntityField]:
    """The link fields of all types that lead to records of this one."""
    fields = EntityField.objects.filter(kind=FieldKind.LINK).select_related("entity_type")
    return [field for field in fields if (str(field.options[0]) if field.options else REFERS_TO) == entity_type.key]


def linked_to(record: Record) -> list[Related]:
    """Records that name this one in a link field."""
    return _those_with_any([
        (
            _("%(type)s · %(field)s") % {"type": field.entity_type.plural, "field": label_of(field)},
            field.entity_type,
            Record.objects.filter(json_record(field.name)("is", record.pk), entity_type=field.entity_type),
            _url(field.entity_type, f"f_{field.name}", record),
        )
        for field in link_fields_to(record.entity_type)
    ])  # fmt: skip


def _url(kind: EntityType, field: str, record: Record) -> str:
    """The list of the type with the filter."""
    where = dump({"all": [[field, "is", record.pk]]})
    return f"{kind.get_absolute_url()}?{urlencode({'where': where})}"


def _those_with_any(groups: "list[tuple[str, EntityType, QuerySet[Record], str]]") -> list[Related]:
    numbers = capped_counts([rows for _label, _kind, rows, _list in groups])
    return [
        Related(label, kind.icon, _first(rows), number, url)
        for (label, kind, rows, url), number in zip(groups, numbers, strict=True)
        if number
    ]


def _first(rows: "QuerySet[Record]") -> list[Record]:
    return list(rows.select_related("entity_type", "email_address").order_by("name", "pk")[:MOST])
