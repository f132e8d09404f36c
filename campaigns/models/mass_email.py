"""Mass emails, and the frozen form in which one is sent."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from campaigns.models.campaign import Campaign
from campaigns.models.template import EmailTemplate
from crm.models import EmailAccount
from targets.models import TargetList


class MassEmailStatus(models.TextChoices):
    DRAFT = "draft", _("Draft")
    PENDING = "pending", _("Pending")
    IN_PROCESS = "in_process", _("In Process")
    COMPLETE = "complete", _("Complete")
    FAILED = "failed", _("Failed")
    CANCELED = "canceled", _("Canceled")


S = MassEmailStatus
# The allowed moves; every one of them is a compare-and-set on the old status (campaigns.lifecycle, campaigns.sending).
MOVES: dict[str, frozenset[str]] = {
    S.DRAFT: frozenset({S.PENDING}),
    S.PENDING: frozenset({S.DRAFT, S.IN_PROCESS, S.FAILED, S.CANCELED}),
    S.IN_PROCESS: frozenset({S.COMPLETE, S.CANCELED, S.FAILED}),
    S.COMPLETE: frozenset({S.IN_PROCESS}),  # Retry failed, resend uncertain
    S.FAILED: frozenset({S.DRAFT}),
    S.CANCELED: frozenset(),
}
TAKING_RETRIES = (S.IN_PROCESS, S.COMPLETE)


class MassEmailQuerySet(models.QuerySet["MassEmail"]):
    def due(self) -> "MassEmailQuerySet":
        return self.filter(status=S.PENDING, start_at__lte=timezone.now(), paused_at=None)

    def sending(self) -> "MassEmailQuerySet":
        """In Process, not paused, of a campaign that may send."""
        return self.filter(status=S.IN_PROCESS, paused_at=None).exclude(campaign__status="inactive")

    def move(self, pk: int, old: str, new: str, **values: object) -> bool:
        """Compare-and-set of the status; True when this call made the move. Raises ValueError for one not allowed."""
        if new not in MOVES[old]:
            raise ValueError(f"A mass email cannot go from {old} to {new}.")
        return bool(self.filter(pk=pk, status=old).update(status=new, modified_at=timezone.now(), **values))


class MassEmail(models.Model):
    """One email template for the people of some target lists at a time. Counters count people, tests excluded."""

    campaign = models.ForeignKey(
        Campaign, verbose_name=_("Campaign"), on_delete=models.CASCADE, related_name="mass_emails"
    )
    name = models.CharField(_("Name"), max_length=200)
    status = models.CharField(_("Status"), max_length=10, choices=S.choices, default=S.DRAFT)
    start_at = models.DateTimeField(_("Date Start"), null=True, blank=True)
    # *Send now* moves Date Start to the end of its undo time; what stood there before comes back with Undo.
    planned_start_at = models.DateTimeField(null=True, blank=True)
    is_send_now = models.BooleanField(default=False)  # Pending by *Send now*: Undo is offered until it starts
    template = models.ForeignKey(
        EmailTemplate, verbose_name=_("Email Template"), null=True, blank=True, on_delete=models.SET_NULL,
        related_name="mass_emails",
    )  # fmt: skip
    target_lists = models.ManyToManyField(
        TargetList, verbose_name=_("Target Lists"), blank=True, related_name="mass_emails"
    )
    excluding_target_lists = models.ManyToManyField(
        TargetList, verbose_name=_("Excluding Target Lists"), blank=True, related_name="excluding_mass_emails"
    )
    account = models.ForeignKey(
        EmailAccount, verbose_name=_("SMTP Account"), null=True, blank=True, on_delete=models.SET_NULL,
        related_name="mass_emails", help_text=_("Empty: the system account."),
    )  # fmt: skip
    from_address = models.EmailField(_("From Address"), blank=True)
    from_name = models.CharField(_("From Name"), max_length=120, blank=True)
    reply_to_address = models.EmailField(_("Reply-to Address"), blank=True)
    reply_to_name = models.CharField(_("Reply-to Name"), max_length=120, blank=True)
    opt_out_entirely = models.BooleanField(
        _("Opt-Out Entirely"),
        default=False,
        help_text=_(
            "Email addresses of recipients that unsubscribe will be marked as opted out and will not receive any mass "
            "emails anymore."
        ),
    )
    store_sent = models.BooleanField(
        _("Store Sent Emails"), default=False, help_text=_("Keep a copy of every email in the CRM.")
    )

    # Paused is a state of In Process (and of Pending): who sends must look here. Empty reason: paused by a person.
    paused_at = models.DateTimeField(null=True, blank=True)
    pause_reason = models.TextField(blank=True)
    failure = models.TextField(blank=True)  # why it is Failed, in words
    queued_at = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    completed_at = models.DateTimeField(null=True, blank=True)
    test_sent_at = models.DateTimeField(null=True, blank=True)
    last_portion_at = models.DateTimeField(null=True, blank=True)  # fairness: the longest waiting one goes first

    total_count = models.PositiveIntegerField(default=0)  # people in the queue who were not skipped at the start
    sent_count = models.PositiveIntegerField(default=0)
    failed_count = models.PositiveIntegerField(default=0)
    opened_count = models.PositiveIntegerField(default=0)
    clicked_count = models.PositiveIntegerField(default=0)
    opted_out_count = models.PositiveIntegerField(default=0)
    opted_in_count = models.PositiveIntegerField(default=0)
    hard_bounced_count = models.PositiveIntegerField(default=0)
    soft_bounced_count = models.PositiveIntegerField(default=0)
    refused_count = models.PositiveIntegerField(default=0)  # of the bounces, those that came while sending
    complaint_count = models.PositiveIntegerField(default=0)
    guarded_at = models.DateTimeField(null=True, blank=True)  # paused once for its bounces; a person decides after that

    assigned_user = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("Assigned User"), null=True, blank=True, on_delete=models.SET_NULL,
        related_name="mass_emails",
    )  # fmt: skip
    version = models.PositiveIntegerField(default=1)  # counts the saves of its form, so that nobody overwrites unseen
    modified_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(_("Created At"), auto_now_add=True)
    modified_at = models.DateTimeField(_("Modified At"), auto_now=True)

    objects = MassEmailQuerySet.as_manager()

    class Meta:
        verbose_name = _("Mass Email")
        verbose_name_plural = _("Mass Emails")
        ordering = ["-id"]
        indexes = [models.Index(fields=["status", "start_at"], name="mass_email_due")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("campaigns:mass_email_detail", args=[self.pk])

    @property
    def is_paused(self) -> bool:
        return self.paused_at is not None

    @property
    def is_editable(self) -> bool:
        """Content, sender and lists are frozen when sending starts."""
        return self.status in {S.DRAFT, S.PENDING}

    @property
    def takes_retries(self) -> bool:
        """Whether messages of it can be sent again: under one that is Canceled they would stay."""
        return self.status in TAKING_RETRIES

    @property
    def can_undo_send(self) -> bool:
        """*Send now* was pressed and its time of grace is running."""
        waits = self.start_at is not None and self.start_at > timezone.now()
        return self.status == S.PENDING and self.is_send_now and waits and not self.is_paused

    @property
    def status_tone(self) -> str:
        if self.is_paused:
            return "muted"
        tones = {S.PENDING: "accent", S.IN_PROCESS: "warning", S.COMPLETE: "success", S.FAILED: "danger"}
        return tones.get(S(self.status), "muted")


class FrozenMassEmail(models.Model):
    """What is sent, fixed when sending starts: content, sender, lists. Later edits of anything change nobody's mail.

    `mass_email_id` is a plain number: the recipient pages need this row after the mass email is deleted.
    """

    mass_email_id = models.BigIntegerField(primary_key=True)
    campaign_id = models.BigIntegerField()
    campaign_name = models.CharField(max_length=200)
    content = models.JSONField()  # campaigns.content.content.Content.as_json()
    sender = models.JSONField()
    links = models.JSONField(default=dict)  # tracking code → Link id
    target_lists = models.JSONField(default=dict)  # id → name
    excluding_target_lists = models.JSONField(default=dict)
    campaign_lists = models.JSONField(default=dict)  # of the campaign: an opt-out is about them too
    opt_out_entirely = models.BooleanField(default=False)
    is_informational = models.BooleanField(default=False)
    account_id = models.BigIntegerField(null=True)
    base_url = models.CharField(max_length=255)
    use_verp = models.BooleanField(default=False)
    store_sent = models.BooleanField(default=False)
    template_name = models.CharField(max_length=200, blank=True)
    template_version = models.PositiveIntegerField(default=0)
    frozen_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("Frozen mass email")
        verbose_name_plural = _("Frozen mass emails")

    def __str__(self) -> str:
        return f"{self.mass_email_id} {self.campaign_name}"


LARGEST_ID = 2**63 - 1


class PortionStatus(models.IntegerChoices):
    READY = 0, _("Ready")
    RUNNING = 1, _("Running")
    DONE = 2, _("Done")


class Portion(models.Model):
    """Up to 2,000 queue items of one mass email: what a worker claims and what one Celery task carries.

    A portion that is not Done counts with its whole size towards the hourly limits, a Done one with what it attempted
    for 60 minutes after it finished: so no 60-minute window ever holds more than the limit.
    """

    mass_email_id = models.BigIntegerField()
    account_id = models.BigIntegerField()
    status = models.PositiveSmallIntegerField(choices=PortionStatus.choices, default=PortionStatus.READY)
    size = models.PositiveIntegerField()
    attempted = models.PositiveIntegerField(default=0)
    # Items are taken in the order of their ids; up to this one they may be on the wire. One row says so for all of
    # them: a mark on each would cost the database as much as recording what became of it.
    reached = models.BigIntegerField(default=0)
    # Its items lie between these ids, among those of other portions perhaps. So the index of states finds them, and the
    # queue needs none of portions, which would be written twice for every person.
    behind_item = models.BigIntegerField(default=0)
    last_item = models.BigIntegerField(default=LARGEST_ID)
    claim_token = models.CharField(max_length=32, blank=True)
    worker = models.CharField(max_length=120, blank=True)  # host:pid, tells where the journal lies
    connections = models.PositiveSmallIntegerField(default=0)  # of those of the account, that its worker may have now
    lease_until = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("Portion")
        verbose_name_plural = _("Portions")
        indexes = [
            models.Index(fields=["status", "lease_until"], name="portion_open", condition=~Q(status=2)),
            models.Index(fields=["finished_at"], name="portion_finished"),
            models.Index(fields=["mass_email_id"], name="portion_mass_email"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(attempted__lte=F("size")), name="portion_attempted_within_size")
        ]

    def __str__(self) -> str:
        return f"{self.pk}"
