"""Edit one field of many records: the control of that field, by itself."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext as _

from crm.entities.forms import OwnerField, has_account
from crm.entities.links import RecordLinkField
from crm.entities.values import control
from crm.entities.words import label_of
from crm.forms.administration_fields import LineField
from crm.models import EntityType, User


def fields_to_edit(entity_type: EntityType) -> list[tuple[str, str]]:
    """(name, label) of every field that many records can get the same value of."""
    account = [("account", _("Account"))] if has_account(entity_type) else []
    columns = [("owner", _("Assigned User")), *account, ("language", _("Language")), ("description", _("Description"))]
    return [*((f"f_{field.name}", label_of(field)) for field in entity_type.fields.all()), *columns]


class EditFieldForm(forms.Form):
    """`value` is the control of the field `name`; empty clears the field."""

    def __init__(self, entity_type: EntityType, name: str, data: Any = None) -> None:
        super().__init__(data)
        self.name = name
        self.fields["value"] = _control(entity_type, name)
        self.fields["value"].required = False


def _control(entity_type: EntityType, name: str) -> forms.Field:
    """Raises LookupError for a field that there is not."""
    custom = {f"f_{field.name}": field for field in entity_type.fields.all()}
    if name in custom:
        return control(custom[name])
    if name == "owner":
        users = User.objects.filter(is_active=True).order_by("first_name", "last_name", "username")
        return OwnerField(queryset=users, label=_("Assigned User"), empty_label="—")
    if name == "account" and has_account(entity_type):
        return RecordLinkField(entity_type=EntityType.objects.get(key="Account"), label=_("Account"))
    if name == "language":
        return forms.ChoiceField(choices=[("", _("As in the settings")), *settings.LANGUAGES], label=_("Language"))
    if name == "description":
        return LineField(label=_("Description"), max_length=20_000)
    raise LookupError(name)
