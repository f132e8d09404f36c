"""The columns of a type's list."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from django.db.models import Q
from django.db.models.fields.json import KeyTextTransform, KeyTransform
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from crm.entities.forms import has_account
from crm.entities.values import is_id, link_to, show
from crm.entities.words import label_of
from crm.lists import Column
from crm.models import EntityField, EntityType, FieldKind, Record

LONG = {FieldKind.LONG_TEXT, FieldKind.CHOICES, FieldKind.URL, FieldKind.EMAIL}  # a line of their own on a phone


def columns_of(entity_type: EntityType) -> list[Column]:
    """Name, account, fields, email with its state, phone, assigned user, dates; some only for those who choose them."""
    moment, late = "includes/cell_when.html", "nowrap muted hide-sm"
    custom = list(entity_type.fields.all())
    found = [Column("name", _("Name"), template="crm/cell_name.html", sort=("name",), is_indexed=True)]
    if has_account(entity_type):
        found.append(_account())
    found += [_custom(field) for field in custom if field.on_list]
    found.append(
        Column(
            "email", _("Email"), _address, "crm/cell_email.html", ("email_address__normalized",), "wide",
            is_sparse=True, is_indexed=True,
        )
    )  # fmt: skip
    if entity_type.is_person:
        found.append(Column("phone", _("Phone"), sort=("phone",), look="nowrap", is_indexed=True))
    return [
        *found,
        Column("created_at", _("Created At"), template=moment, sort=("created_at",), look=late, is_indexed=True),
        *(replace(_custom(field), is_optional=True) for field in custom if not field.on_list),
        Column(
            "owner", _("Assigned User"), sort=("owner__first_name", "owner__username"), is_optional=True, is_sparse=True
        ),
        Column("language", _("Language"), Record.get_language_display, sort=("language",), is_optional=True),
        Column(
            "modified_at", _("Modified At"), None, moment, ("modified_at",), late, is_optional=True, is_indexed=True
        ),
    ]


def _account() -> Column:
    """The accounts have the index of names of their own type: their people are met in its order."""
    kind = EntityType.objects.filter(key="Account").values("pk")[:1]
    return Column(
        "account", _("Account"), template="crm/cell_account.html", sort=("account__name",), is_sparse=True,
        is_indexed=True, among=Q(account__entity_type=kind),
    )  # fmt: skip


def _address(record: Record) -> str:
    return record.email_address.address if record.email_address else ""


def _custom(field: EntityField) -> Column:
    is_number = field.kind in {FieldKind.NUMBER, FieldKind.MONEY}
    by = KeyTransform if is_number else KeyTextTransform  # 9 before 10.5: JSON numbers, not their text
    sort = () if field.kind in {FieldKind.LINK, FieldKind.CHOICES} else (by(field.name, "values"),)
    links = _Links(field.name) if field.kind == FieldKind.LINK else None
    return Column(
        f"f_{field.name}", label_of(field), links or _shower(field), sort=sort, look=_look(field), is_sparse=True,
        look_up=links.look_up if links else None,
    )  # fmt: skip


def _look(field: EntityField) -> str:
    if field.kind in {FieldKind.NUMBER, FieldKind.MONEY}:
        return "num"
    return "wide" if field.kind in LONG else ""


class _Links:
    """The cells of a link field: the records that a page of rows leads to are fetched together."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.known: dict[int, Record] = {}

    def look_up(self, rows: Sequence[Record]) -> None:
        wanted = {value for row in rows if is_id(value := row.values.get(self.name))}
        self.known = Record.objects.select_related("entity_type").in_bulk(wanted) if wanted else {}

    def __call__(self, row: Record) -> str | SafeString:
        value = row.values.get(self.name)
        return link_to(value, self.known.get(value) if is_id(value) else None)


def _shower(field: EntityField) -> Callable[[Any], object]:
    return lambda record: show(field, record.values.get(field.name))
