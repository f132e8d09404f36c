"""The form of an email account. Its password can be written, never read."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from crm.forms.administration_fields import AddressField, LineField, host_name
from crm.forms.administration_provider import API_FIELDS, ProviderForm
from crm.mail.header_fields import parse_headers
from crm.models import AccountKind, AccountStatus, Mechanism, Security

PORTS = {Security.TLS: 465, Security.STARTTLS: 587, Security.NONE: 25}


class EmailAccountForm(ProviderForm):
    """An empty password keeps the stored one. An empty port is the usual one of the security."""

    name = LineField(label=_("Name"), max_length=120)
    email_address = AddressField(label=_("Email Address"), max_length=254)
    from_name = LineField(label=_("From Name"), required=False, max_length=120)
    envelope_address = AddressField(
        label=_("Return path"),
        required=False,
        max_length=254,
        help_text=_("Bounces come here, and to bounce+…@ its domain with VERP. Empty: the email address."),
    )
    smtp_host = forms.CharField(
        label=_("Host"),
        required=False,
        max_length=253,
        validators=[host_name],
        help_text=_("Empty: this account only reads mail."),
    )
    smtp_port = forms.IntegerField(label=_("Port"), required=False, min_value=1, max_value=65535)
    smtp_username = LineField(
        label=_("Username"), required=False, max_length=255, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    password = forms.CharField(
        label=_("Password"),
        required=False,
        max_length=4096,  # an access token of XOAUTH2 is long
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    connections = forms.IntegerField(label=_("Connections"), min_value=1, max_value=50, initial=4)
    messages_per_connection = forms.IntegerField(
        label=_("Messages per connection"), min_value=1, max_value=10_000, initial=100
    )

    class Meta(ProviderForm.Meta):
        fields = [
            "kind", *API_FIELDS,
            "name", "email_address", "from_name", "envelope_address", "extra_headers", "status", "is_system",
            "is_for_mass_email",
            "smtp_host", "smtp_security", "smtp_port", "smtp_auth", "smtp_mechanism", "smtp_username",
            "max_per_hour", "max_per_second", "connections", "messages_per_connection",
        ]  # fmt: skip
        help_texts = {
            "is_system": _("Sends everything that names no other account."),
            "is_for_mass_email": _("Mass emails may choose this account."),
            "max_per_hour": _("Empty: only the limit for everything together applies."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].required = False  # SMTP, where nothing is said
        self._was_system = self.instance.is_system
        self._old_host = self.instance.smtp_host
        if self.instance.smtp_secret:
            self.fields["password"].widget.attrs["placeholder"] = "••••••••"
            self.fields["password"].help_text = _("A password is stored. Leave this empty to keep it.")
        for name in ("max_per_hour", "max_per_second"):
            self.fields[name].widget.attrs["min"] = 1

    def clean_kind(self) -> str:
        return self.cleaned_data["kind"] or AccountKind.SMTP

    def clean_extra_headers(self) -> str:
        return "\n".join(f"{name}: {value}" for name, value in parse_headers(self.cleaned_data["extra_headers"]))

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("kind") == AccountKind.API:
            data["smtp_host"], data["smtp_auth"] = "", False
            self.check_provider(data)
        else:
            self._check_host(data)
            self._check_secrecy(data)
        self._check_port(data)
        self._check_system(data)
        for name in ("max_per_hour", "max_per_second"):
            if data.get(name) == 0:
                self.add_error(name, _("Nothing could ever be sent. Leave this empty for no limit."))
        return data

    def _check_host(self, data: dict[str, Any]) -> None:
        """An account without one only reads mail; it cannot be chosen for sending."""
        if data.get("smtp_host") or "smtp_host" in self.errors:
            return
        if data.get("is_system") or data.get("is_for_mass_email"):
            self.add_error("smtp_host", _("Sending needs a host. An account that only reads mail is for neither."))
        else:
            data["smtp_auth"] = False

    def _check_port(self, data: dict[str, Any]) -> None:
        if data.get("smtp_port") is None and "smtp_port" not in self.errors:
            data["smtp_port"] = PORTS[Security(data.get("smtp_security") or Security.STARTTLS)]

    def _check_secrecy(self, data: dict[str, Any]) -> None:
        """Credentials travel encrypted, or not at all; and a stored one is not handed to another host unseen."""
        if not data.get("smtp_auth"):
            return
        if not data.get("smtp_username"):
            self.add_error("smtp_username", _("Signing in needs a user name."))
        if data.get("smtp_security") == Security.NONE:
            self.add_error("smtp_security", _("Without encryption the password could be read on its way. Choose TLS."))
        if data.get("password"):
            return
        if not self.instance.smtp_secret:
            if data.get("smtp_mechanism") != Mechanism.XOAUTH2:  # which has its own page for its token
                self.add_error("password", _("Signing in needs a password."))
        elif "smtp_host" in data and data["smtp_host"] != self._old_host:
            self.add_error("password", _("The host is another one: type the password again."))

    def _check_system(self, data: dict[str, Any]) -> None:
        if self._was_system and not data.get("is_system"):
            self.add_error("is_system", _("Make another account the system account instead."))
        if data.get("is_system") and data.get("status") == AccountStatus.INACTIVE:
            self.add_error("status", _("The system account must be active."))

    def _get_validation_exclusions(self) -> set[str]:
        """Two system accounts are no mistake of the form: saving takes the mark away from the old one."""
        return {*super()._get_validation_exclusions(), "is_system"}  # type: ignore[misc]  # Django's, not in its stubs

    def _post_clean(self) -> None:
        """The password goes into the instance with the other values; without sign-in there is nothing to keep."""
        super()._post_clean()  # type: ignore[misc]  # Django's, not in its stubs
        if not self.cleaned_data.get("smtp_auth"):
            self.instance.smtp_username, self.instance.password = "", ""
        elif self.cleaned_data.get("password"):
            self.instance.password = self.cleaned_data["password"]
        self.keep_keys()


class TestEmailForm(forms.Form):
    """Where *Send Test Email* goes."""

    __test__ = False  # not a test case, whatever its name says to pytest

    recipient = AddressField(label=_("Send a test email to"), max_length=254)
