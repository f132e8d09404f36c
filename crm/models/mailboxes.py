"""The reading side of an email account: the mailbox that bounces come home to, and what was read of it so far."""

from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.mail.secrets import decrypt, encrypt
from crm.models.accounts import AccountStatus, EmailAccount, Security


class MailboxKind(models.TextChoices):
    IMAP = "imap", _("IMAP")
    MAILDIR = "maildir", _("Maildir on this computer")


class SignIn(models.TextChoices):
    PASSWORD = "password", _("Password")
    OAUTH2 = "oauth2", _("OAuth 2 access token")


class AfterHandling(models.TextChoices):
    """What happens to bounces, complaints and opt-outs. All other mail stays as it is, whatever is chosen."""

    LEAVE = "leave", _("Leave it unread")
    MARK_READ = "mark_read", _("Mark it as read")
    MOVE = "move", _("Move it to a folder")


class MailboxQuerySet(models.QuerySet["Mailbox"]):
    def active(self) -> "MailboxQuerySet":
        """The sandbox's is read as long as the sandbox is there: old bounces may still come in."""
        return self.filter(is_active=True, account__status=AccountStatus.ACTIVE).select_related("account")


class Mailbox(models.Model):
    account = models.OneToOneField(EmailAccount, on_delete=models.CASCADE, related_name="mailbox")
    is_active = models.BooleanField(_("Fetch Emails"), default=True)
    kind = models.CharField(_("Kind"), max_length=10, choices=MailboxKind.choices, default=MailboxKind.IMAP)

    host = models.CharField(_("Host"), max_length=255, blank=True)
    port = models.PositiveIntegerField(_("Port"), default=993)
    security = models.CharField(_("Security"), max_length=10, choices=Security.choices, default=Security.TLS)
    sign_in = models.CharField(_("Sign-in"), max_length=10, choices=SignIn.choices, default=SignIn.PASSWORD)
    username = models.CharField(_("Username"), max_length=255, blank=True)
    secret = models.TextField(blank=True, editable=False)  # Fernet token, never plain
    path = models.CharField(_("Folder of the Maildir"), max_length=500, blank=True)

    folders = models.TextField(_("Monitored Folders"), default="INBOX", help_text=_("One per line."))
    fetch_since = models.DateField(
        _("Fetch Since"), null=True, blank=True, help_text=_("Empty: everything that is there.")
    )
    after = models.CharField(
        _("After handling"),
        max_length=10,
        choices=AfterHandling.choices,
        default=AfterHandling.LEAVE,
        help_text=_("Of bounces, complaints and opt-outs. Everything else stays untouched."),
    )
    move_to = models.CharField(_("Move to"), max_length=255, blank=True)
    opt_out_address = models.EmailField(
        _("Opt-out address"),
        blank=True,
        help_text=_("Mail to it arrives in this mailbox. Mail programs then offer to unsubscribe by mail too."),
    )

    reading_until = models.DateTimeField(null=True, blank=True)  # the lease of whoever reads it now
    failures = models.PositiveIntegerField(default=0)
    retry_at = models.DateTimeField(null=True, blank=True)
    last_error = models.TextField(blank=True)
    last_ok_at = models.DateTimeField(null=True, blank=True)

    objects = MailboxQuerySet.as_manager()

    class Meta:
        verbose_name = _("Mailbox")
        verbose_name_plural = _("Mailboxes")

    def __str__(self) -> str:
        return self.account.name

    def get_absolute_url(self) -> str:
        return reverse("crm:email_account_mailbox", args=[self.account_id])

    @property
    def password(self) -> str:
        """The plain password or token. Raises SecretUnreadable when no key fits."""
        return decrypt(self.secret) if self.secret else ""

    @password.setter
    def password(self, plain: str) -> None:
        self.secret = encrypt(plain) if plain else ""

    @property
    def folder_names(self) -> list[str]:
        return [line.strip() for line in self.folders.splitlines() if line.strip()] or ["INBOX"]

    @property
    def is_backing_off(self) -> bool:
        return self.retry_at is not None and self.retry_at > timezone.now()


class MailFolder(models.Model):
    """How far a folder was read: UIDs up to `last_uid` under this UIDVALIDITY (RFC 3501 §2.3.1.1)."""

    mailbox = models.ForeignKey(Mailbox, on_delete=models.CASCADE, related_name="progress")
    name = models.CharField(max_length=255)
    validity = models.BigIntegerField(default=0)
    last_uid = models.BigIntegerField(default=0)

    class Meta:
        verbose_name = _("Folder")
        verbose_name_plural = _("Folders")
        constraints = [models.UniqueConstraint(fields=["mailbox", "name", "validity"], name="one_progress_per_folder")]

    def __str__(self) -> str:
        return self.name


class HandledMessage(models.Model):
    """One message that was read. Written in the transaction of its consequences, so that they happen exactly once.

    `is_settled` is False while the mailbox has not been told yet what to do with it (flag, move): the next run does it.
    """

    mailbox = models.ForeignKey(Mailbox, on_delete=models.CASCADE, related_name="handled")
    folder = models.CharField(max_length=255)
    validity = models.BigIntegerField(default=0)
    uid = models.CharField(max_length=255)  # a number in IMAP, a file name in a Maildir
    digest = models.CharField(max_length=64)  # of Letter: the same message elsewhere is not handled again
    outcome = models.CharField(max_length=20)
    is_settled = models.BooleanField(default=True)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("Handled message")
        verbose_name_plural = _("Handled messages")
        constraints = [
            models.UniqueConstraint(fields=["mailbox", "folder", "validity", "uid"], name="message_handled_once")
        ]
        indexes = [
            models.Index(fields=["mailbox", "digest"], name="handled_digest"),
            models.Index(fields=["mailbox"], name="handled_unsettled", condition=models.Q(is_settled=False)),
        ]

    def __str__(self) -> str:
        return f"{self.folder}/{self.uid}"
