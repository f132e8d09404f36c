"""The campaign log."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Action(models.IntegerChoices):
    SENT = 1, _("Sent")
    OPENED = 2, _("Opened")
    CLICKED = 3, _("Clicked")
    OPTED_OUT = 4, _("Opted Out")
    OPTED_IN = 5, _("Opted In")
    BOUNCED = 6, _("Bounced")
    LEAD_CREATED = 7, _("Lead Created")


ACTION_TONES = {
    Action.SENT: "muted", Action.OPENED: "info", Action.CLICKED: "accent", Action.OPTED_OUT: "warning",
    Action.OPTED_IN: "success", Action.BOUNCED: "danger", Action.LEAD_CREATED: "teal",
}  # fmt: skip
COUNTED_ONCE = (Action.SENT, Action.OPENED, Action.CLICKED, Action.BOUNCED)


class Bounce(models.TextChoices):
    NONE = "", ""
    HARD = "hard", _("Hard")
    SOFT = "soft", _("Soft")


class LogRecord(models.Model):
    """One event of one person; never deleted by an opt-in or by deleting a campaign.

    Written where what happens by the thousand is recorded, `campaigns.sending` (`recording`, `recording_sent`) and
    `campaigns.tracking.recording`, and by `campaigns.log` for everything else.
    """

    campaign_id = models.BigIntegerField()
    mass_email_id = models.BigIntegerField(null=True)
    queue_item_id = models.BigIntegerField(null=True)
    record_id = models.BigIntegerField(null=True)
    email_address_id = models.BigIntegerField(null=True)
    address = models.CharField(_("Email Address"), max_length=254, blank=True)
    action = models.PositiveSmallIntegerField(_("Action"), choices=Action.choices)
    link_id = models.BigIntegerField(default=0)  # 0: none; not null because it is part of what makes an event unique
    tracking_url_id = models.BigIntegerField(null=True)
    bounce = models.CharField(max_length=4, choices=Bounce.choices, blank=True, default="")
    is_machine = models.BooleanField(default=False)
    is_test = models.BooleanField(default=False)
    detail = models.CharField(max_length=500, blank=True, default="")
    at = models.DateTimeField(_("Date"), default=timezone.now)

    class Meta:
        verbose_name = _("Log record")
        verbose_name_plural = _("Log")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["queue_item_id", "action", "link_id", "is_machine"],
                condition=Q(action__in=[1, 2, 3, 6]),
                name="event_counted_once",
            )
        ]
        indexes = [
            models.Index(fields=["campaign_id", "action", "-id"], name="log_campaign_action"),
            models.Index(fields=["campaign_id", "-id"], name="log_campaign_newest"),
            models.Index(fields=["record_id", "-id"], name="log_person"),
        ]

    def __str__(self) -> str:
        return f"{self.get_action_display()} {self.address}"

    @property
    def status_tone(self) -> str:
        return ACTION_TONES[Action(self.action)]


class Hit(models.Model):
    """Every raw click and open, also the repeated and the mechanical ones. No address of the visitor is kept."""

    queue_item_id = models.BigIntegerField()
    mass_email_id = models.BigIntegerField(null=True)
    link_id = models.BigIntegerField(default=0)  # 0: the open pixel
    is_machine = models.BooleanField(default=False)
    why_machine = models.CharField(max_length=40, blank=True, default="")
    user_agent = models.CharField(max_length=200, blank=True, default="")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("Hit")
        verbose_name_plural = _("Hits")
        indexes = [models.Index(fields=["queue_item_id", "link_id"], name="hit_item_link")]

    def __str__(self) -> str:
        return f"{self.queue_item_id}/{self.link_id}"
