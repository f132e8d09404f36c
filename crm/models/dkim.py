"""The key with which the mails of an email account are signed (DKIM)."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from crm.mail.dkim_keys import Algorithm as KeyAlgorithm
from crm.mail.dkim_keys import record_name, record_strings, record_text
from crm.mail.secrets import decrypt, encrypt
from crm.models.accounts import EmailAccount


class Algorithm(models.TextChoices):
    RSA = KeyAlgorithm.RSA.value, _("RSA, 2048 bits (understood everywhere)")
    ED25519 = KeyAlgorithm.ED25519.value, _("Ed25519 (short and quick, not yet read by all)")


class DkimKey(models.Model):
    """`public` is the p= of the record to publish. Nothing is signed before `is_signing`: a signature whose record
    nobody finds is worse than none."""

    account = models.OneToOneField(EmailAccount, on_delete=models.CASCADE, related_name="dkim_key")
    domain = models.CharField(_("Domain"), max_length=253)
    selector = models.CharField(_("Selector"), max_length=63)
    algorithm = models.CharField(_("Algorithm"), max_length=10, choices=Algorithm.choices, default=Algorithm.RSA)
    public = models.TextField(editable=False)
    secret = models.TextField(editable=False)  # Fernet token of the PEM, never plain
    is_signing = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("DKIM key")
        verbose_name_plural = _("DKIM keys")

    def __str__(self) -> str:
        return self.record_name

    @property
    def pem(self) -> str:
        """The private key. Raises SecretUnreadable when no encryption key fits."""
        return decrypt(self.secret)

    @pem.setter
    def pem(self, plain: str) -> None:
        self.secret = encrypt(plain)

    @property
    def record_name(self) -> str:
        return record_name(self.domain, self.selector)

    @property
    def record(self) -> str:
        return record_text(KeyAlgorithm(self.algorithm), self.public)

    @property
    def record_in_strings(self) -> str:
        """As a zone file wants it: a long record in several quoted strings."""
        return " ".join(f'"{text}"' for text in record_strings(self.record))
