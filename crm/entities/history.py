"""What people changed about a record and its email address, in words."""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _

from crm.entities.words import label_of
from crm.history import Line, history_of
from crm.models import EmailAddress, EntityField, Record, User


def record_history(record: Record, fields: Iterable[EntityField]) -> list[Line]:
    """Newest first; people, accounts and addresses by their names: one query, and one for each kind of name."""
    labels = {
        "salutation": _("Salutation"), "first_name": _("First name"), "last_name": _("Last name"), "name": _("Name"),
        "phone": _("Phone"), "owner_id": _("Assigned User"), "language": _("Language"), "account_id": _("Account"),
        "description": _("Description"), "email_address_id": _("Email"),
        **{field.name: label_of(field) for field in fields},
    }  # fmt: skip
    things = [record, record.email_address] if record.email_address else [record]
    return history_of(things, labels, _names)


def _names(changed: dict[str, set[int]]) -> dict[str, dict[int, str]]:
    """Field → id → name, for the ids that stand in changes."""
    people = User.objects.in_bulk(changed.get("owner_id", ()))
    accounts = Record.objects.in_bulk(changed.get("account_id", ()))
    addresses = EmailAddress.objects.in_bulk(changed.get("email_address_id", ()))
    known: dict[str, dict[Any, Any]] = {
        "owner_id": {pk: user.get_full_name() or user.get_username() for pk, user in people.items()},
        "account_id": {pk: account.name for pk, account in accounts.items()},
        "email_address_id": {pk: row.address for pk, row in addresses.items()},
    }
    return known
