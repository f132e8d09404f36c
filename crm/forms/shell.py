"""Forms of the shell: signing in, and what people set for themselves."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from django import forms
from django.conf import settings
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm
from django.core.validators import MaxLengthValidator
from django.utils.translation import gettext_lazy as _

from crm.forms.administration import time_zones
from crm.forms.administration_dkim import WriteOnlyTextarea
from crm.forms.administration_fields import LineField
from crm.kept_forms import SECRETS
from crm.models import User

LONGEST_PASSWORD = 256  # hashing time grows with length: a stranger must not choose it


class SignInForm(AuthenticationForm):
    error_messages = {
        **AuthenticationForm.error_messages,
        "invalid_login": _("User name and password do not match. Both are case-sensitive."),
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].label = _("User name")
        self.fields["password"].widget.attrs["maxlength"] = LONGEST_PASSWORD
        self.fields["password"].validators.append(MaxLengthValidator(LONGEST_PASSWORD))


class ProfileForm(forms.ModelForm[User]):
    first_name = LineField(label=_("First name"), required=False, max_length=120)
    last_name = LineField(label=_("Last name"), required=False, max_length=120)
    time_zone = forms.ChoiceField(label=_("Time zone"), required=False)

    class Meta:
        model = User
        fields = ["first_name", "last_name", "language", "time_zone"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        language, zone = (
            cast(forms.ChoiceField, self.fields["language"]),
            cast(forms.ChoiceField, self.fields["time_zone"]),
        )
        language.choices = [("", _("As my browser asks")), *settings.LANGUAGES]
        zone.choices = [("", _("As in the settings of this Herald")), *time_zones()]


class OwnPasswordForm(PasswordChangeForm):  # not subscriptable at run time
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["new_password1"].help_text = _("At least 12 characters.")
        self.fields["new_password2"].help_text = ""
        self.fields["new_password2"].label = _("Password again")
        self.fields["old_password"].widget.attrs.pop("autofocus", None)  # it is not the first form of its page
        for field in self.fields.values():
            field.widget.attrs["maxlength"] = LONGEST_PASSWORD
            field.validators.append(MaxLengthValidator(LONGEST_PASSWORD))


class LeftOutForm(forms.Form):
    """What a form that waited for signing in does not bring along (crm.kept_forms): secrets, and files by name."""

    def __init__(self, secrets: Sequence[str], files: Mapping[str, str]) -> None:
        super().__init__()
        for name in secrets:
            one_line = name != "private_key"  # the browser joins the lines of what is pasted into a password input
            widget = forms.PasswordInput if one_line else WriteOnlyTextarea
            self.fields[name] = forms.CharField(
                label=str(SECRETS.get(name, name)), widget=widget({"autocomplete": "off"})
            )
        for name, file in files.items():
            self.fields[name] = forms.FileField(label=_("File"), help_text=file, required=False)
