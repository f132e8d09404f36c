"""Email accounts: the sending side is an SMTP server or a provider's API; the IMAP side reads bounces."""

from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.mail.secrets import decrypt, encrypt


class AccountStatus(models.TextChoices):
    ACTIVE = "active", _("Active")
    INACTIVE = "inactive", _("Inactive")


class Security(models.TextChoices):
    TLS = "tls", _("SSL/TLS")
    STARTTLS = "starttls", _("STARTTLS")
    NONE = "none", _("No encryption")


class Mechanism(models.TextChoices):
    BEST = "", _("Best offered")
    PLAIN = "PLAIN", "PLAIN"
    LOGIN = "LOGIN", "LOGIN"
    XOAUTH2 = "XOAUTH2", "XOAUTH2"


class AccountKind(models.TextChoices):
    SMTP = "smtp", _("SMTP server")
    API = "api", _("Mail provider, by API key")


class Provider(models.TextChoices):
    """Mail providers (ESPs). What differs between them stands in crm.mail.api.providers."""

    BREVO = "brevo", "Brevo"
    MAILERSEND = "mailersend", "MailerSend"
    MAILGUN = "mailgun", "Mailgun"
    MAILJET = "mailjet", "Mailjet"
    MAILTRAP = "mailtrap", "Mailtrap"
    MANDRILL = "mandrill", "Mandrill"
    POSTAL = "postal", "Postal"
    POSTMARK = "postmark", "Postmark"
    RESEND = "resend", "Resend"
    SCALEWAY = "scaleway", "Scaleway"
    SENDGRID = "sendgrid", "SendGrid"
    SPARKPOST = "sparkpost", "SparkPost"
    UNISENDER_GO = "unisender_go", "Unisender Go"


class EmailAccountQuerySet(models.QuerySet["EmailAccount"]):
    def usable(self) -> "EmailAccountQuerySet":
        return self.filter(status=AccountStatus.ACTIVE)

    def for_mass_email(self) -> "EmailAccountQuerySet":
        return self.usable().filter(models.Q(is_for_mass_email=True) | models.Q(is_system=True))

    def system(self) -> "EmailAccount | None":
        return self.usable().filter(is_system=True).first()


class EmailAccount(models.Model):
    """One sender. The sandbox account (`is_sandbox`) stands aside when a real account becomes the system account."""

    name = models.CharField(_("Name"), max_length=120)
    status = models.CharField(_("Status"), max_length=10, choices=AccountStatus.choices, default=AccountStatus.ACTIVE)
    email_address = models.EmailField(_("Email Address"))
    from_name = models.CharField(_("From Name"), max_length=120, blank=True)
    is_system = models.BooleanField(_("Is System"), default=False)
    is_for_mass_email = models.BooleanField(_("Is for Mass Email"), default=True)
    is_sandbox = models.BooleanField(default=False)
    # A sender domain with its own return path: bounces come to bounce+TOKEN@envelope_domain.
    envelope_address = models.EmailField(_("Return path"), blank=True)

    extra_headers = models.TextField(
        _("Additional headers"),
        blank=True,
        help_text=_("One per line, such as X-CSA-Complaints: abuse@example.com"),
    )

    kind = models.CharField(_("Sends through"), max_length=10, choices=AccountKind.choices, default=AccountKind.SMTP)

    smtp_host = models.CharField(_("Host"), max_length=255)
    smtp_port = models.PositiveIntegerField(_("Port"), default=587)
    smtp_security = models.CharField(_("Security"), max_length=10, choices=Security.choices, default=Security.STARTTLS)
    smtp_auth = models.BooleanField(_("Auth"), default=True)
    smtp_mechanism = models.CharField(_("Auth Mechanism"), max_length=10, choices=Mechanism.choices, blank=True)
    smtp_username = models.CharField(_("Username"), max_length=255, blank=True)
    smtp_secret = models.TextField(blank=True, editable=False)  # Fernet token, never plain

    provider = models.CharField(_("Provider"), max_length=20, choices=Provider.choices, blank=True)
    api_secret = models.TextField(blank=True, editable=False)  # Fernet token of the key, never plain
    api_second_secret = models.TextField(blank=True, editable=False)  # the same of Mailjet's secret key
    api_url = models.URLField(_("Address of the API"), max_length=255, blank=True)
    api_option = models.CharField(_("Domain, stream or project"), max_length=255, blank=True)

    max_per_hour = models.PositiveIntegerField(_("Max number of emails sent per hour"), null=True, blank=True)
    max_per_second = models.PositiveIntegerField(_("Max number of emails sent per second"), null=True, blank=True)
    connections = models.PositiveSmallIntegerField(_("Connections"), default=4)
    messages_per_connection = models.PositiveSmallIntegerField(_("Messages per connection"), default=100)

    # What the server said in its EHLO (RFC 1870), in octets; empty: nothing yet, or no limit of its own.
    server_size = models.PositiveBigIntegerField(null=True, blank=True, editable=False)

    # Circuit breaker: an account that does not answer is asked again at retry_at, and charges no recipient meanwhile.
    failures = models.PositiveIntegerField(default=0)
    retry_at = models.DateTimeField(null=True, blank=True)
    last_error = models.TextField(blank=True)
    last_ok_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = EmailAccountQuerySet.as_manager()

    class Meta:
        verbose_name = _("Email Account")
        verbose_name_plural = _("Email Accounts")
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["is_system"], condition=models.Q(is_system=True), name="one_system_account")
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("crm:email_account_edit", args=[self.pk])

    @property
    def password(self) -> str:
        """The plain SMTP password. Raises SecretUnreadable when no key fits."""
        return decrypt(self.smtp_secret) if self.smtp_secret else ""

    @password.setter
    def password(self, plain: str) -> None:
        self.smtp_secret = encrypt(plain) if plain else ""

    @property
    def is_api(self) -> bool:
        return self.kind == AccountKind.API

    @property
    def api_key(self) -> str:
        """The plain API key. Raises SecretUnreadable when no key fits."""
        return decrypt(self.api_secret) if self.api_secret else ""

    @api_key.setter
    def api_key(self, plain: str) -> None:
        self.api_secret = encrypt(plain) if plain else ""

    @property
    def api_second_key(self) -> str:
        """Raises SecretUnreadable when no key fits."""
        return decrypt(self.api_second_secret) if self.api_second_secret else ""

    @api_second_key.setter
    def api_second_key(self, plain: str) -> None:
        self.api_second_secret = encrypt(plain) if plain else ""

    @property
    def server_name(self) -> str:
        """Where mail leaves, for people to read."""
        return self.get_provider_display() if self.is_api else f"{self.smtp_host}:{self.smtp_port}"

    @property
    def is_backing_off(self) -> bool:
        return self.retry_at is not None and self.retry_at > timezone.now()

    @property
    def status_tone(self) -> str:
        return "success" if self.status == AccountStatus.ACTIVE else "muted"
