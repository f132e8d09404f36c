"""What the page of a record shows of it."""

from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import get_language_info
from django.utils.translation import gettext as _

from crm.entities.values import Shown, phone_link, show
from crm.entities.words import label_of
from crm.models import EntityField, FieldKind, Record, User


def details_of(record: Record, fields: list[EntityField]) -> list[Shown]:
    """Columns and fields that say something, in the order of the form."""
    found = [
        Shown(_("Salutation"), record.salutation),
        Shown(_("First name"), record.first_name),
        Shown(_("Last name"), record.last_name),
        Shown(_("Phone"), phone_link(record.phone) if record.phone else ""),
        Shown(_("Account"), _link(record.account) if record.account else ""),
        *(_custom(record, field) for field in fields),
        Shown(_("Language"), _language(record.language)),
        Shown(_("Assigned User"), _owner(record.owner)),
        Shown(_("Description"), record.description, is_long=True),
    ]
    return [one for one in found if one.value != ""]


def _custom(record: Record, field: EntityField) -> Shown:
    return Shown(label_of(field), show(field, record.values.get(field.name)), field.kind == FieldKind.LONG_TEXT)


def _link(record: Record) -> str:
    return format_html('<a href="{}">{}</a>', reverse("crm:record_detail", args=["accounts", record.pk]), record)


def _language(code: str) -> str:
    return str(get_language_info(code)["name_translated"]).capitalize() if code else ""


def _owner(owner: User | None) -> str:
    return (owner.get_full_name() or owner.get_username()) if owner else ""
