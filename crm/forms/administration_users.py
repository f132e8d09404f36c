"""Users, their rights and passwords."""

from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from crm.forms.administration_fields import AddressField, LineField
from crm.models import Role, User


def password_input() -> forms.PasswordInput:
    return forms.PasswordInput(attrs={"autocomplete": "new-password"})


class UserForm(forms.ModelForm[User]):
    first_name = LineField(label=_("First name"), required=False, max_length=120)
    last_name = LineField(label=_("Last name"), required=False, max_length=120)
    email = AddressField(label=_("Email"), max_length=254)
    role = forms.ChoiceField(label=_("Role"), choices=Role.choices, initial=Role.MARKETER)

    class Meta:
        model = User
        fields = ["username", "first_name", "last_name", "email", "role", "is_active", "may_send_informational"]
        labels = {"username": _("User name"), "is_active": _("Active")}
        help_texts = {"username": "", "is_active": _("An inactive user cannot sign in.")}


class PasswordForm(forms.Form):
    """A new password, typed twice; at least 12 characters and not a common one."""

    password = forms.CharField(
        label=_("Password"),
        strip=False,
        max_length=256,
        widget=password_input(),
        help_text=_("At least 12 characters."),
    )
    repeated = forms.CharField(label=_("Password again"), strip=False, max_length=256, widget=password_input())

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if {"password", "repeated"} <= set(data) and data["password"] != data["repeated"]:
            self.add_error("repeated", _("The two passwords differ."))
        elif "password" in data:
            self._check(data["password"])
        return data

    def _check(self, password: str) -> None:
        try:
            validate_password(password, self.user)
        except ValidationError as error:
            self.add_error("password", error)
