"""The form of a record, made from its entity type."""

from typing import Any, cast

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.forms import BoundField
from django.utils.translation import gettext_lazy as _

from crm.entities.links import RecordLinkField
from crm.entities.values import control, defaults_of, from_stored, offer_present, to_stored
from crm.forms.administration_fields import AddressField, LineField
from crm.forms.seen import SeenForm
from crm.models import EntityType, Record, User

PREFIX = "f_"  # of the form fields that stand for EntityFields: no name of theirs can hide a column
NAME_COLUMNS = ("salutation", "first_name", "last_name")


def has_account(entity_type: EntityType) -> bool:
    """Contacts and the administrator's own people belong to an account; a lead only says the name of one."""
    return entity_type.is_person and entity_type.key not in {"Lead", "User"}


class OwnerField(forms.ModelChoiceField[User]):
    def label_from_instance(self, obj: User) -> str:
        return obj.get_full_name() or obj.get_username()


def _owners() -> QuerySet[User]:
    return User.objects.filter(is_active=True).order_by("first_name", "last_name", "username")


class RecordForm(SeenForm[Record]):
    """Columns and fields of one record. Colleagues' names and addresses come from their logins: not changed here."""

    salutation = LineField(label=_("Salutation"), required=False, max_length=40)
    first_name = LineField(label=_("First name"), required=False, max_length=120)
    last_name = LineField(label=_("Last name"), required=False, max_length=120)
    name = LineField(label=_("Name"), max_length=255)
    email = AddressField(label=_("Email"), required=False, max_length=254)
    phone = LineField(
        label=_("Phone"), required=False, max_length=60, widget=forms.TextInput(attrs={"type": "tel"})
    )  # fmt: skip
    owner = OwnerField(queryset=User.objects.none(), label=_("Assigned User"), required=False, empty_label="—")

    class Meta:
        model = Record
        fields = ["salutation", "first_name", "last_name", "name", "phone", "owner", "language", "description"]
        widgets = {"description": forms.Textarea(attrs={"rows": 4})}
        help_texts = {"language": _("Emails to this person, and the opt-out page, are in this language.")}

    def __init__(self, *args: Any, entity_type: EntityType, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.entity_type = entity_type
        self.custom = list(entity_type.fields.all())
        cast(OwnerField, self.fields["owner"]).queryset = _owners()
        cast(forms.ChoiceField, self.fields["language"]).choices = [("", _("As in the settings")), *settings.LANGUAGES]
        self._keep_to_type()
        self._fill()

    def _keep_to_type(self) -> None:
        """Takes out what the type does not have, and adds what the administrator gave it."""
        is_user = self.entity_type.key == "User"
        gone = {"name"} if self.entity_type.is_person else set(NAME_COLUMNS)
        for name in gone | ({*NAME_COLUMNS, "email"} if is_user else set()):
            self.fields.pop(name, None)
        if has_account(self.entity_type):
            accounts = EntityType.objects.get(key="Account")
            self.fields["account"] = RecordLinkField(entity_type=accounts, label=_("Account"), required=False)
        for field in self.custom:
            self.fields[PREFIX + field.name] = control(field)
        self.order_fields([*NAME_COLUMNS, "name", "email", "phone", "account", *self._custom_names()])

    def _custom_names(self) -> list[str]:
        return [PREFIX + field.name for field in self.custom]

    def _fill(self) -> None:
        """What stands in the record now, for the fields that are not columns."""
        record = self.instance
        self.initial["email"] = record.email_address.address if record.email_address else ""
        self.initial["account"] = record.account
        values = record.values if record.pk else {**defaults_of(self.custom), **record.values}
        for field in self.custom:
            self.initial[PREFIX + field.name] = from_stored(field, values.get(field.name))
            offer_present(self.fields[PREFIX + field.name], values.get(field.name))
        for name, shown in self.fields.items():
            if isinstance(shown, RecordLinkField):
                present = self.initial.get(name)
                shown.present = present if isinstance(present, Record) else None

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        names = [data.get(name) for name in ("first_name", "last_name", "email")]
        needs_name = self.entity_type.is_person and "first_name" in self.fields and "email" not in self.errors
        if needs_name and not any(names):
            self.add_error("last_name", ValidationError(_("Give a name or an email address."), code="required"))
        return data

    def custom_values(self) -> dict[str, Any]:
        """Record.values after this form: empty fields go, values that the type has no field for stay."""
        values = dict(self.instance.values)
        for field in self.custom:
            stored = to_stored(self.cleaned_data[PREFIX + field.name])
            if stored in (None, "", []):
                values.pop(field.name, None)
            else:
                values[field.name] = stored
        return values

    # ---- for the template

    def about(self) -> list[BoundField]:
        """Who it is."""
        names = (*NAME_COLUMNS, "name", "email", "phone", "account")
        return [self[name] for name in names if name in self.fields]

    def details(self) -> list[BoundField]:
        """The fields of the type."""
        return [self[name] for name in self._custom_names()]

    def record_keeping(self) -> list[BoundField]:
        return [self[name] for name in ("owner", "language", "description")]
