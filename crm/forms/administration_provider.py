"""The part of an email account's form that is about a mail provider's API. Keys can be written, never read."""

from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

from crm.forms.administration_fields import LineField, api_address, outward_address
from crm.mail.api.providers import PROVIDERS
from crm.models import AccountKind, EmailAccount

API_FIELDS = ("provider", "api_url", "api_option")


def known_addresses() -> list[str]:
    """Of other regions, as suggestions."""
    return [url for row in PROVIDERS.values() for url in (row.url, *row.other_urls) if url]


class KeyField(forms.CharField):
    """A secret that travels in a header of HTTP: never shown, and made of what a header can carry."""

    widget = forms.PasswordInput(attrs={"autocomplete": "new-password"})
    default_validators = [RegexValidator(r"^[!-~]*\Z", _("A key has only letters without accents, digits and signs."))]

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, max_length=1000, **kwargs)


class ProviderForm(forms.ModelForm[EmailAccount]):
    """An empty key keeps the stored one, as long as it goes to the same provider and address."""

    api_key = KeyField(label=_("API key"))
    api_second_key = KeyField(label=_("Secret key"), help_text=_("Only Mailjet has a second one."))
    api_url = forms.CharField(
        label=_("Address of the API"),
        required=False,
        max_length=255,
        validators=[api_address, outward_address],
        widget=forms.URLInput(attrs={"list": "api-addresses", "autocomplete": "off"}),
        help_text=_("Empty: the provider's usual one. Other regions and Postal have their own."),
    )
    api_option = LineField(
        label=_("Domain, stream or project"),
        required=False,
        max_length=255,
        help_text=_("Mailgun: sender domain. Postmark: message stream. Scaleway: project ID. SparkPost: subaccount."),
    )

    class Meta:
        model = EmailAccount
        fields = list(API_FIELDS)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._old_api = (self.instance.provider, self.instance.api_url)
        for name, stored in (
            ("api_key", self.instance.api_secret),
            ("api_second_key", self.instance.api_second_secret),
        ):
            if stored:
                self.fields[name].widget.attrs["placeholder"] = "••••••••"
        if self.instance.api_secret:
            self.fields["api_key"].help_text = _("A key is stored. Leave this empty to keep it.")

    def check_provider(self, data: dict[str, Any]) -> None:
        """For an account that sends through one: what its API cannot do without."""
        row = PROVIDERS.get(data.get("provider") or "")
        if row is None:
            if "provider" not in self.errors:
                self.add_error("provider", _("Choose the provider."))
            return
        if not row.url and not data.get("api_url") and "api_url" not in self.errors:
            self.add_error("api_url", _("This provider has no usual address: write yours."))
        if row.needs_option and not data.get("api_option"):
            self.add_error("api_option", _("This provider needs it."))
        self._check_key("api_key", data, self.instance.api_secret)
        if row.second_key:
            self._check_key("api_second_key", data, self.instance.api_second_secret)

    def _check_key(self, name: str, data: dict[str, Any], stored: str) -> None:
        """A stored key is not handed to another address unseen."""
        if data.get(name) or name in self.errors:
            return
        if not stored:
            self.add_error(name, _("The provider wants a key."))
        elif (data.get("provider"), data.get("api_url", "")) != self._old_api:
            self.add_error(name, _("The provider or its address is another one: type the key again."))

    def keep_keys(self) -> None:
        """Into the instance; an account that does not send through a provider has none."""
        if self.cleaned_data.get("kind") != AccountKind.API:
            self.instance.api_key = self.instance.api_second_key = ""
            self.instance.provider = self.instance.api_url = self.instance.api_option = ""
            return
        for name in ("api_key", "api_second_key"):
            if self.cleaned_data.get(name):
                setattr(self.instance, name, self.cleaned_data[name].strip())
