"""The form of a DKIM key. A private key can be written into it, never read out of it."""

import re
from typing import Any

import idna
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from crm.mail.dkim_keys import PrivateKey, UnusableKey, key_from_pem
from crm.models import DkimKey, EmailAccount
from crm.models.dkim import Algorithm

_DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_SELECTOR = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")

REFUSED = {
    "encrypted": _("This key is protected by a password. Give it without one: it is stored encrypted here."),
    "unreadable": _("This is no private key in PEM form (-----BEGIN PRIVATE KEY-----)."),
    "kind": _("Only RSA and Ed25519 keys can sign for DKIM."),
    "size": _("An RSA key must have 2048 to 4096 bits."),
}


class WriteOnlyTextarea(forms.Textarea):
    """Never shows what was typed, not even beside an error."""

    def format_value(self, value: Any) -> None:
        return None


class DkimKeyForm(forms.Form):
    domain = forms.CharField(
        label=_("Domain"), max_length=253, help_text=_("The domain of the From address, or one above it.")
    )
    selector = forms.CharField(
        label=_("Selector"), max_length=63, help_text=_("A name for this key. Every new key needs a new one.")
    )
    algorithm = forms.ChoiceField(label=_("Algorithm"), choices=Algorithm.choices, initial=Algorithm.RSA)
    private_key = forms.CharField(
        label=_("Private key"),
        required=False,
        max_length=10_000,
        widget=WriteOnlyTextarea(attrs={"rows": 4, "autocomplete": "off", "spellcheck": "false"}),
        help_text=_("Leave empty to have a new key made. Or paste one of your own (PEM); it is never shown again."),
    )

    def __init__(self, data: Any, account: EmailAccount, key: DkimKey | None) -> None:
        super().__init__(data, initial=_suggested(account, key))
        self._account, self._key = account, key
        self.private: PrivateKey | None = None

    def clean_domain(self) -> str:
        text: str = self.cleaned_data["domain"].strip().rstrip(".")
        try:
            domain = idna.encode(text, uts46=True).decode("ascii")
        except (idna.IDNAError, UnicodeError):
            domain = ""
        if not _DOMAIN.fullmatch(domain):
            raise ValidationError(_("This is not a domain name."))
        sender = self._account.email_address.rpartition("@")[2].lower()
        if sender != domain and not sender.endswith(f".{domain}"):
            # DMARC asks for alignment (RFC 9989): a signature of a stranger proves nothing about the From address.
            sentence = _("The mails come from %(sender)s: the domain must be that or one above it.")
            raise ValidationError(sentence, params={"sender": sender})
        return domain

    def clean_selector(self) -> str:
        selector: str = self.cleaned_data["selector"].strip().lower()
        if not _SELECTOR.fullmatch(selector):
            raise ValidationError(_("Only letters, digits and hyphens."))
        if self._key and selector == self._key.selector:
            raise ValidationError(_("Choose another selector: mails under way are verified with the old record."))
        return selector

    def clean_private_key(self) -> str:
        if text := self.cleaned_data["private_key"].strip():
            try:
                self.private = key_from_pem(text)
            except UnusableKey as error:
                raise ValidationError(REFUSED[error.why]) from None
        return ""  # it goes no further than `private`


def _suggested(account: EmailAccount, key: DkimKey | None) -> dict[str, str]:
    if key is None:
        return {"domain": account.email_address.rpartition("@")[2], "selector": "herald1"}
    name, number = re.fullmatch(r"(.*?)(\d*)", key.selector).groups()  # type: ignore[union-attr]  # it always matches
    return {"domain": key.domain, "selector": f"{name}{int(number or 1) + 1}", "algorithm": key.algorithm}
