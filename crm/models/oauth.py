"""That somebody allowed Herald to sign in at a mail provider: OAuth 2 tokens of an email account, renewed in time."""

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from crm.mail.secrets import decrypt, encrypt
from crm.models.accounts import EmailAccount


class OAuthPreset(models.TextChoices):
    GOOGLE = "google", "Google"
    MICROSOFT = "microsoft", "Microsoft"
    OTHER = "other", _("Another provider")


class OAuthGrant(models.Model):
    """One per account: its SMTP and its mailbox sign in with the same token. Secrets are Fernet tokens, never plain."""

    account = models.OneToOneField(EmailAccount, on_delete=models.CASCADE, related_name="oauth")
    preset = models.CharField(_("Provider"), max_length=20, choices=OAuthPreset.choices, default=OAuthPreset.GOOGLE)
    client_id = models.CharField(_("Client ID"), max_length=500)
    client_secret = models.TextField(blank=True, editable=False)
    authorize_url = models.URLField(_("Authorisation endpoint"), max_length=500, blank=True)
    token_url = models.URLField(_("Token endpoint"), max_length=500, blank=True)
    scope = models.CharField(_("Scope"), max_length=1000, blank=True)

    refresh_secret = models.TextField(blank=True, editable=False)
    access_secret = models.TextField(blank=True, editable=False)
    expires_at = models.DateTimeField(null=True, blank=True)
    refreshing_until = models.DateTimeField(null=True, blank=True)  # the lease of whoever asks for a new one now
    granted_at = models.DateTimeField(null=True, blank=True)
    last_error = models.TextField(blank=True)
    # The last time that a mail server refused a token which had not ended, and its words.
    refused_at = models.DateTimeField(null=True, blank=True)
    refused_said = models.TextField(blank=True)

    class Meta:
        verbose_name = _("OAuth 2 sign-in")
        verbose_name_plural = _("OAuth 2 sign-ins")

    def __str__(self) -> str:
        return self.account.name

    def get_absolute_url(self) -> str:
        return reverse("crm:email_account_oauth", args=[self.account_id])

    @property
    def is_granted(self) -> bool:
        return bool(self.refresh_secret)

    @property
    def plain_client_secret(self) -> str:
        """Raises SecretUnreadable."""
        return decrypt(self.client_secret) if self.client_secret else ""

    @plain_client_secret.setter
    def plain_client_secret(self, plain: str) -> None:
        self.client_secret = encrypt(plain) if plain else ""

    @property
    def refresh_token(self) -> str:
        """Raises SecretUnreadable."""
        return decrypt(self.refresh_secret) if self.refresh_secret else ""

    @property
    def access_token(self) -> str:
        """Raises SecretUnreadable."""
        return decrypt(self.access_secret) if self.access_secret else ""
