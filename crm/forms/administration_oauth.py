"""The form of an OAuth 2 sign-in. Its client secret can be written, never read."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from crm.forms.administration_fields import LineField, api_address, outward_address
from crm.mail.oauth import PRESETS
from crm.models import OAuthGrant


class OAuthForm(forms.ModelForm[OAuthGrant]):
    """Of a known provider only the client is asked; empty endpoints and scope are the usual ones."""

    client_id = LineField(label=_("Client ID"), max_length=500)
    client_secret = forms.CharField(
        label=_("Client secret"),
        required=False,
        max_length=1000,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("Empty for a public client: PKCE is used in any case."),
    )
    authorize_url = LineField(
        label=_("Authorisation endpoint"), required=False, max_length=500, validators=[api_address]
    )
    token_url = LineField(
        label=_("Token endpoint"), required=False, max_length=500, validators=[api_address, outward_address]
    )
    scope = LineField(label=_("Scope"), required=False, max_length=1000)

    class Meta:
        model = OAuthGrant
        fields = ["preset", "client_id", "authorize_url", "token_url", "scope"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._old_token_url = self.instance.token_url
        if self.instance.client_secret:
            self.fields["client_secret"].widget.attrs["placeholder"] = "••••••••"
            self.fields["client_secret"].help_text = _("A secret is stored. Leave this empty to keep it.")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        preset = PRESETS.get(data.get("preset") or "")
        for name in ("authorize_url", "token_url", "scope"):
            if data.get(name) or name in self.errors:
                continue
            if preset is None and name != "scope":
                self.add_error(name, _("Write the address: only those of Google and Microsoft are known."))
            elif preset is not None:
                data[name] = getattr(preset, name)
        changed = data.get("token_url") != self._old_token_url
        if self.instance.client_secret and changed and not data.get("client_secret"):
            self.add_error("client_secret", _("The token endpoint is another one: type the secret again."))
        return data

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]  # Django's, not in its stubs
        if self.cleaned_data.get("client_secret"):
            self.instance.plain_client_secret = self.cleaned_data["client_secret"].strip()
