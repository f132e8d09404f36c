"""The reports that a mail provider (ESP) posts to Herald about the mails of an email account."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from crm.mail.secrets import decrypt, encrypt
from crm.models import EmailAccount, Provider


class EspWebhook(models.Model):
    """Where a provider's events of one account come in: with its own password, and a signature where there is one."""

    account = models.OneToOneField(EmailAccount, on_delete=models.CASCADE, related_name="webhook")
    provider = models.CharField(_("Provider"), max_length=20, choices=Provider.choices)
    secret = models.TextField(editable=False)  # Fernet token of the password, never plain
    signing_secret = models.TextField(blank=True, editable=False)  # the same of the provider's signing key
    last_event_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("Webhook")
        verbose_name_plural = _("Webhooks")

    def __str__(self) -> str:
        return f"{self.account} {self.get_provider_display()}"

    @property
    def password(self) -> str:
        """Raises SecretUnreadable when no encryption key fits."""
        return decrypt(self.secret)

    @password.setter
    def password(self, plain: str) -> None:
        self.secret = encrypt(plain)

    @property
    def signing_key(self) -> str:
        """Raises SecretUnreadable when no encryption key fits."""
        return decrypt(self.signing_secret) if self.signing_secret else ""

    @signing_key.setter
    def signing_key(self, plain: str) -> None:
        self.signing_secret = encrypt(plain) if plain else ""
