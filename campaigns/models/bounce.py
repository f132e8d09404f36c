"""Bounces and complaints with their evidence. The log says that somebody bounced; these rows say why we think so."""

import zlib

from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class BounceKind(models.TextChoices):
    HARD = "hard", _("Hard")
    SOFT = "soft", _("Soft")
    COMPLAINT = "complaint", _("Complaint")


class BounceSource(models.TextChoices):
    MAILBOX = "mailbox", _("Bounce message")
    WEBHOOK = "webhook", _("Report of the provider")
    SMTP = "smtp", _("Refused while sending")


class Proof(models.TextChoices):
    """What proved that it is about a mail of ours, most trusted first."""

    VERP = "verp", _("Signed return path (VERP)")
    HEADER = "header", _("Signed opt-out link of the returned mail")
    MESSAGE_ID = "message_id", _("Message-ID of the returned mail, and its recipient")
    SERVER = "server", _("The server's own answer")
    PROVIDER = "provider", _("The provider's authenticated report")
    NONE = "", _("None")


class Decision(models.TextChoices):
    """What was done. The second block changed nothing."""

    INVALIDATED = "invalidated", _("The address is Invalid")
    OPTED_OUT = "opted_out", _("Opted out entirely")
    LOGGED = "logged", _("Logged only")
    SOFT_LIMIT = "soft_limit", _("Too many soft bounces: the address is Invalid")

    UNPROVEN = "unproven", _("Ignored: nothing proves that it is about a mail of ours")
    FORGED = "forged", _("Ignored: its token is not one of ours")
    STRANGER = "stranger", _("Ignored: it is about another address than the one we mailed")
    TOO_OLD = "too_old", _("Ignored: the mail was sent more than 30 days before")
    TEST = "test", _("It is about a test: nothing was changed")


APPLIED = (Decision.INVALIDATED, Decision.OPTED_OUT, Decision.LOGGED, Decision.SOFT_LIMIT)
KIND_TONES = {BounceKind.HARD: "danger", BounceKind.SOFT: "warning", BounceKind.COMPLAINT: "danger"}


class BounceReport(models.Model):
    """What one message, one event or one reply said about one recipient, and what was done.

    `key` makes it exist once however often it comes. No foreign keys: the evidence outlives what it is about.
    """

    key = models.CharField(max_length=100, unique=True)
    source = models.CharField(_("Source"), max_length=10, choices=BounceSource.choices)
    kind = models.CharField(_("Kind"), max_length=10, choices=BounceKind.choices)
    decision = models.CharField(_("Decision"), max_length=12, choices=Decision.choices)
    proof = models.CharField(_("Proof"), max_length=10, choices=Proof.choices, blank=True)
    reason = models.CharField(_("Reason"), max_length=20, blank=True)  # campaigns.bounces.verdicts.Reason
    code = models.CharField(_("Status code"), max_length=20, blank=True)
    said = models.CharField(_("What the server said"), max_length=1000, blank=True)
    rule = models.CharField(_("Rule"), max_length=120, blank=True)
    address = models.CharField(_("Email Address"), max_length=254, blank=True)
    account_id = models.BigIntegerField(null=True)
    campaign_id = models.BigIntegerField(null=True)
    mass_email_id = models.BigIntegerField(null=True)
    queue_item_id = models.BigIntegerField(null=True)
    record_id = models.BigIntegerField(null=True)
    email_address_id = models.BigIntegerField(null=True)
    message_key = models.CharField(max_length=64, blank=True)  # BounceMessage, "" when there is none
    at = models.DateTimeField(_("Date"), default=timezone.now)
    reverted_at = models.DateTimeField(_("Reverted"), null=True)
    reverted_by = models.CharField(max_length=150, blank=True)

    class Meta:
        verbose_name = _("Bounce")
        verbose_name_plural = _("Bounces")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["queue_item_id"], name="bounce_item"),
            models.Index(fields=["record_id"], name="bounce_record"),
            models.Index(fields=["mass_email_id", "kind"], name="bounce_mass_email"),
            models.Index(fields=["email_address_id", "-at"], name="bounce_address"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.address}"

    def get_absolute_url(self) -> str:
        return reverse("campaigns:bounce_detail", args=[self.pk])

    @property
    def is_applied(self) -> bool:
        return self.decision in APPLIED

    @property
    def may_be_reverted(self) -> bool:
        changed = (Decision.INVALIDATED, Decision.OPTED_OUT, Decision.SOFT_LIMIT)
        return self.reverted_at is None and self.decision in changed

    @property
    def tone(self) -> str:
        return KIND_TONES[BounceKind(self.kind)]


class BounceMessage(models.Model):
    """The beginning of a bounce message as it came, compressed with zlib. One row for all its recipients."""

    MOST = 128 * 1024  # octets kept

    key = models.CharField(max_length=64, primary_key=True)  # SHA-256
    packed = models.BinaryField()
    size = models.PositiveBigIntegerField()  # octets that it had

    class Meta:
        verbose_name = _("Bounce message")
        verbose_name_plural = _("Bounce messages")

    def __str__(self) -> str:
        return self.key[:12]

    @property
    def raw(self) -> bytes:
        return zlib.decompress(bytes(self.packed))


class BounceProbe(models.Model):
    """A test mail to an address that does not exist: does the bounce come home?"""

    account_id = models.BigIntegerField()
    queue_item_id = models.BigIntegerField(unique=True)  # a test's, of no mass email: what its return path names
    address = models.CharField(_("Email Address"), max_length=254)
    is_accepted = models.BooleanField(default=False)
    said = models.TextField(blank=True)  # by the server that took it, or did not
    report_id = models.BigIntegerField(null=True)
    sent_at = models.DateTimeField(_("Date Sent"), default=timezone.now)
    answered_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("Bounce probe")
        verbose_name_plural = _("Bounce probes")
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.address
