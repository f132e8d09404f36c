"""The columns of a type's list."""

from collections.abc import Callable
from typing import Any

from django.db.models.fields.json import KeyTextTransform, KeyTransform
from django.utils.translation import gettext as _

from crm.entities.forms import has_account
from crm.entities.values import show
from crm.entities.words import label_of
from crm.lists import Column
from crm.models import EntityField, EntityType, FieldKind, Record


def columns_of(entity_type: EntityType) -> list[Column]:
    """Name, account, the fields marked for the list, email with its state, phone, when it was made."""
    found = [Column("name", _("Name"), template="crm/cell_name.html", sort=("name",))]
    if has_account(entity_type):
        found.append(
            Column("account", _("Account"), lambda record: record.account, "crm/cell_account.html", ("account__name",))
        )
    found += [_custom(field) for field in entity_type.fields.all() if field.on_list]
    found.append(
        Column(
            "email",
            _("Email"),
            template="crm/cell_email.html",
            value=_address,
            sort=("email_address__normalized",),
            look="wide",
        )
    )
    if entity_type.is_person:
        found.append(Column("phone", _("Phone"), sort=("phone",), look="nowrap"))
    found.append(
        Column(
            "created_at",
            _("Created At"),
            template="includes/cell_when.html",
            sort=("created_at",),
            look="nowrap muted hide-sm",
        )
    )
    return found


def _address(record: Record) -> str:
    return record.email_address.address if record.email_address else ""


def _custom(field: EntityField) -> Column:
    is_number = field.kind in {FieldKind.NUMBER, FieldKind.MONEY}
    by = KeyTransform if is_number else KeyTextTransform  # 9 before 10.5: JSON numbers, not their text
    sort = () if field.kind in {FieldKind.LINK, FieldKind.CHOICES} else (by(field.name, "values"),)
    return Column(f"f_{field.name}", label_of(field), _shower(field), sort=sort, look="num" if is_number else "")


def _shower(field: EntityField) -> Callable[[Any], object]:
    return lambda record: show(field, record.values.get(field.name))
