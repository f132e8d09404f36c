"""The form of a mailbox: where an email account reads bounces. Its password can be written, never read."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from crm.forms.administration_fields import AddressField, LineField, host_name
from crm.mail.mailbox import MailboxError
from crm.mail.mailbox_opening import allowed_maildir
from crm.models import AfterHandling, Mailbox, MailboxKind, Security, SignIn

READING_PORTS = {Security.TLS: 993, Security.STARTTLS: 143, Security.NONE: 143}


class MailboxForm(forms.ModelForm[Mailbox]):
    """An empty password keeps the stored one. An empty port is the usual one of the security."""

    host = forms.CharField(label=_("Host"), max_length=253, required=False, validators=[host_name])
    port = forms.IntegerField(label=_("Port"), required=False, min_value=1, max_value=65535)
    username = LineField(
        label=_("Username"), required=False, max_length=255, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    password = forms.CharField(
        label=_("Password or token"),
        required=False,
        max_length=8192,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    path = LineField(label=_("Folder of the Maildir"), required=False, max_length=500)
    folders = forms.CharField(
        label=_("Monitored Folders"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("One per line."),
    )
    move_to = LineField(label=_("Move to"), required=False, max_length=255)
    opt_out_address = AddressField(
        label=_("Opt-out address"),
        required=False,
        max_length=254,
        help_text=_("Mail to it arrives in this mailbox. Mail programs then offer to unsubscribe by mail too."),
    )

    class Meta:
        model = Mailbox
        fields = [
            "is_active", "kind", "host", "security", "port", "sign_in", "username", "path",
            "folders", "fetch_since", "after", "move_to", "opt_out_address",
        ]  # fmt: skip
        widgets = {"fetch_since": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._old_host = self.instance.host
        if self.instance.secret:
            self.fields["password"].widget.attrs["placeholder"] = "••••••••"
            self.fields["password"].help_text = _("A password is stored. Leave this empty to keep it.")

    def clean_folders(self) -> str:
        names = [line.strip() for line in self.cleaned_data["folders"].splitlines() if line.strip()]
        return "\n".join(dict.fromkeys(names)) or "INBOX"

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("kind") == MailboxKind.MAILDIR:
            self._check_maildir(data)
        else:
            self._check_imap(data)
        if data.get("after") == AfterHandling.MOVE:
            self._check_target(data)
        return data

    def _check_maildir(self, data: dict[str, Any]) -> None:
        data["port"] = data.get("port") or READING_PORTS[Security.TLS]
        if not data.get("path"):
            self.add_error("path", _("Write the folder of the Maildir."))
            return
        try:
            allowed_maildir(data["path"])
        except MailboxError as error:
            self.add_error("path", str(error))

    def _check_imap(self, data: dict[str, Any]) -> None:
        """Credentials travel encrypted, or not at all; and a stored one is not handed to another host unseen."""
        security = Security(data.get("security") or Security.TLS)
        if data.get("port") is None and "port" not in self.errors:
            data["port"] = READING_PORTS[security]
        for name in ("host", "username"):
            if not data.get(name) and name not in self.errors:
                self.add_error(name, _("IMAP needs this."))
        if security == Security.NONE:
            self.add_error("security", _("Without encryption the password could be read on its way. Choose TLS."))
        if data.get("password"):
            return
        if not self.instance.secret:
            if data.get("sign_in") != SignIn.OAUTH2:  # which has its own page for its token
                self.add_error("password", _("Signing in needs a password."))
        elif "host" in data and data["host"] != self._old_host:
            self.add_error("password", _("The host is another one: type the password again."))

    def _check_target(self, data: dict[str, Any]) -> None:
        target = data.get("move_to", "")
        if not target:
            self.add_error("move_to", _("Write the folder that handled mail is moved to."))
        elif target in data.get("folders", "").split("\n"):
            self.add_error("move_to", _("This folder is read itself: choose another one."))

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]  # Django's, not in its stubs
        if self.cleaned_data.get("password"):
            self.instance.password = self.cleaned_data["password"]
