"""The queue: one row per person considered, for whatever reason they get the mail or not."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from campaigns.models.mass_email import Portion


class QueueStatus(models.IntegerChoices):
    PENDING = 0, _("Pending")
    CLAIMED = 1, _("Claimed")
    SENDING = 2, _("Sending")
    SENT = 3, _("Sent")
    DEFERRED = 4, _("Deferred")
    FAILED = 5, _("Failed")
    UNCERTAIN = 6, _("Uncertain")
    SKIPPED = 7, _("Skipped")


Q_ = QueueStatus
OPEN_STATUSES = frozenset({Q_.PENDING, Q_.CLAIMED, Q_.SENDING, Q_.DEFERRED})
IN_HAND = (Q_.CLAIMED, Q_.SENDING)
STATUS_TONES = {
    Q_.PENDING: "muted", Q_.CLAIMED: "accent", Q_.SENDING: "warning", Q_.SENT: "success", Q_.DEFERRED: "warning",
    Q_.FAILED: "danger", Q_.UNCERTAIN: "warning", Q_.SKIPPED: "muted",
}  # fmt: skip


class Reason(models.TextChoices):
    """Why somebody did not get the mail. The first block is decided for the audience, the second while sending."""

    EXCLUDED = "excluded", _("On an excluding target list")
    OPTED_OUT = "opted_out", _("Opted Out")
    OPTED_OUT_OF_LISTS = "opted_out_of_lists", _("Opted out of the target lists")
    INVALID = "invalid", _("Invalid email address")
    NO_ADDRESS = "no_address", _("No email address")
    DUPLICATE = "duplicate", _("Another record has the same email address")
    ERASED = "erased", _("Erased")
    NO_CONSENT = "no_consent", _("No consent")
    NOT_LISTED = "not_listed", _("No longer on the target lists")
    ADDRESS_CHANGED = "address_changed", _("The email address was changed")
    CANCELED = "canceled", _("Sending was canceled")

    USER_UNKNOWN = "user_unknown", _("The mailbox does not exist")
    DOMAIN_UNKNOWN = "domain_unknown", _("The domain does not accept mail")
    ADDRESS_INVALID = "address_invalid", _("The server calls the address invalid")
    ADDRESS_UNSUPPORTED = "address_unsupported", _("The server cannot handle this address")
    MAILBOX_FULL = "mailbox_full", _("The mailbox is full")
    MAILBOX_UNAVAILABLE = "mailbox_unavailable", _("The mailbox is not available")
    GREYLISTED = "greylisted", _("The server asked to try again later")
    POLICY_DEFERRED = "policy_deferred", _("Held back by the receiving server")
    SENDER_DEFERRED = "sender_deferred", _("The sender is held back for now")
    TOO_MANY_RECIPIENTS = "too_many_recipients", _("The server takes no more recipients for now")
    DEFERRED = "deferred", _("Temporary failure")
    POLICY = "policy", _("Refused by the receiving server")
    CONTENT_REFUSED = "content_refused", _("The content was refused")
    SYSTEM_REFUSED = "system_refused", _("The receiving system cannot take the message")
    TOO_LARGE = "too_large", _("The message is too large")
    RENDER = "render", _("The message could not be made")
    NO_REPLY = "no_reply", _("Sent, but the server's answer was lost")


class QueueItem(models.Model):
    """One person of one mass email. Always: total = sum of the states.

    No foreign keys in the database: their triggers are the bottleneck of a million-row build, and the row must outlive
    the record, the address and the mass email, because links in mails lead to it for ever.
    """

    mass_email_id = models.BigIntegerField()
    record_id = models.BigIntegerField(null=True)
    email_address_id = models.BigIntegerField(null=True)
    status = models.PositiveSmallIntegerField(_("Status"), choices=Q_.choices, default=Q_.PENDING)
    reason = models.CharField(_("Reason"), max_length=24, choices=Reason.choices, blank=True, default="")
    is_test = models.BooleanField(_("Is Test"), default=False)
    portion_id = models.BigIntegerField(null=True)
    attempts = models.PositiveSmallIntegerField(_("Attempts"), default=0)
    next_try_at = models.DateTimeField(null=True)
    attempted_at = models.DateTimeField(null=True)  # the last attempt
    sent_at = models.DateTimeField(_("Date Sent"), null=True)
    reply = models.CharField(max_length=1000, blank=True, default="")  # what the server said last

    class Meta:
        verbose_name = _("Queue Item")
        verbose_name_plural = _("Queue Items")
        constraints = [
            models.UniqueConstraint(
                # The address first: so it also finds every mail to an address, and needs no second index.
                fields=["email_address_id", "mass_email_id"],
                condition=Q(is_test=False) & ~Q(status=7),
                name="one_copy_per_address",
            )
        ]
        # Each index is written three times per person: at the start, then twice with its status. No more of them.
        indexes = [
            models.Index(fields=["mass_email_id", "status", "id"], name="queue_state"),
        ]

    def __str__(self) -> str:
        return f"{self.pk} {self.get_status_display()}"

    @property
    def status_tone(self) -> str:
        return STATUS_TONES[Q_(self.status)]

    @classmethod
    def in_hand_of(cls, portion: Portion) -> models.QuerySet["QueueItem"]:
        """What the portion has not told the end of. Found by stretches of the index (mass email, status, id)."""
        between = Q(pk__gt=portion.behind_item, pk__lte=portion.last_item)
        held = cls.objects.filter(between, mass_email_id=portion.mass_email_id, status__in=IN_HAND)
        return held.filter(portion_id=portion.pk)


class Try(models.Model):
    """The ledger of attempts: one row for each that did not end in Sent, and never changed.

    The attempt that was accepted is the row *Sent* of the log; its time, reply and portion stand in the queue item.
    """

    queue_item_id = models.BigIntegerField()
    portion_id = models.BigIntegerField()  # tells the worker
    number = models.PositiveSmallIntegerField()  # attempts that were charged, with this one
    status = models.PositiveSmallIntegerField(_("Status"), choices=Q_.choices)  # what the item became
    phase = models.CharField(max_length=12, blank=True)  # crm.mail.smtp.Phase, "" when there was no message to send
    reply = models.CharField(max_length=500, blank=True)
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("Attempt")
        verbose_name_plural = _("Attempts")
        ordering = ["id"]
        indexes = [models.Index(fields=["queue_item_id"], name="try_item")]

    def __str__(self) -> str:
        return f"{self.queue_item_id}/{self.number} {self.get_status_display()}"


class StoredEmail(models.Model):
    """*Store Sent Emails*: the message of one queue item exactly as it went out, compressed with zlib."""

    queue_item_id = models.BigIntegerField(primary_key=True)
    message = models.BinaryField()

    class Meta:
        verbose_name = _("Stored email")
        verbose_name_plural = _("Stored emails")

    def __str__(self) -> str:
        return f"{self.queue_item_id}"
