"""Forms of the administration pages about bounces."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from campaigns.bounces.webhooks import SIGNING, VIEWS
from campaigns.models import EspWebhook
from crm.forms.administration_fields import AddressField
from crm.models import Provider


class ProbeForm(forms.Form):
    recipient = AddressField(
        label=_("An address that does not exist"),
        max_length=254,
        help_text=_("The server must take the mail first and find out later. A catch-all mailbox never bounces."),
    )


class WebhookForm(forms.ModelForm[EspWebhook]):
    """An empty signing key keeps the stored one."""

    signing_key = forms.CharField(
        label=_("Signing key"),
        required=False,
        max_length=500,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_(
            "Of providers that sign their events: Mailgun, MailerSend, Mandrill, Postal; of Unisender Go the API key."
        ),
    )

    class Meta:
        model = EspWebhook
        fields = ["provider"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = [("", _("Choose")), *(pair for pair in Provider.choices if pair[0] in VIEWS)]
        self.fields["provider"].choices = known  # type: ignore[attr-defined]  # a field with choices

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("provider") in SIGNING and not data.get("signing_key") and not self.instance.signing_secret:
            self.add_error("signing_key", _("This provider signs its events: copy its signing key."))
        return data
