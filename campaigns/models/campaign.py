"""Campaigns: what is sent to whom, and why."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from targets.models import TargetList


class CampaignStatus(models.TextChoices):
    PLANNING = "planning", _("Planning")
    ACTIVE = "active", _("Active")
    INACTIVE = "inactive", _("Inactive")
    COMPLETE = "complete", _("Complete")


class CampaignType(models.TextChoices):
    EMAIL = "email", _("Email")
    NEWSLETTER = "newsletter", _("Newsletter")
    INFORMATIONAL = "informational", _("Informational Email")
    WEB = "web", _("Web")
    TELEVISION = "television", _("Television")
    RADIO = "radio", _("Radio")
    MAIL = "mail", _("Mail")


EMAIL_TYPES = frozenset({CampaignType.EMAIL, CampaignType.NEWSLETTER, CampaignType.INFORMATIONAL})


class Campaign(models.Model):
    """Inactive campaigns do not send. Informational Email ignores opt-outs and carries no tracking."""

    name = models.CharField(_("Name"), max_length=200)
    status = models.CharField(
        _("Status"), max_length=10, choices=CampaignStatus.choices, default=CampaignStatus.PLANNING
    )
    type = models.CharField(_("Type"), max_length=15, choices=CampaignType.choices, default=CampaignType.EMAIL)
    start_date = models.DateField(_("Start Date"), null=True, blank=True)
    end_date = models.DateField(_("End Date"), null=True, blank=True)
    budget = models.DecimalField(_("Budget"), max_digits=14, decimal_places=2, null=True, blank=True)
    currency = models.CharField(_("Currency"), max_length=3, default="EUR")
    target_lists = models.ManyToManyField(
        TargetList, verbose_name=_("Target Lists"), blank=True, related_name="campaigns",
        help_text=_("Targets that should receive messages."),
    )  # fmt: skip
    excluding_target_lists = models.ManyToManyField(
        TargetList, verbose_name=_("Excluding Target Lists"), blank=True, related_name="excluding_campaigns",
        help_text=_("Targets that should not receive messages."),
    )  # fmt: skip
    assigned_user = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("Assigned User"), null=True, blank=True, on_delete=models.SET_NULL,
        related_name="campaigns",
    )  # fmt: skip
    description = models.TextField(_("Description"), blank=True)
    created_at = models.DateTimeField(_("Created At"), auto_now_add=True)
    modified_at = models.DateTimeField(_("Modified At"), auto_now=True)

    class Meta:
        verbose_name = _("Campaign")
        verbose_name_plural = _("Campaigns")
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("campaigns:detail", args=[self.pk])

    def clean(self) -> None:
        if self.start_date and self.end_date and self.end_date < self.start_date:
            raise ValidationError({"end_date": _("The end date is before the start date.")})

    @property
    def sends_email(self) -> bool:
        return self.type in EMAIL_TYPES

    @property
    def is_informational(self) -> bool:
        return self.type == CampaignType.INFORMATIONAL

    @property
    def status_tone(self) -> str:
        tones = {CampaignStatus.ACTIVE: "accent", CampaignStatus.COMPLETE: "success"}
        return tones.get(CampaignStatus(self.status), "muted")
