"""Tracking URLs, and the frozen links that mails already sent point to."""

import secrets

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from campaigns.models.campaign import Campaign


class TrackingAction(models.TextChoices):
    REDIRECT = "redirect", _("Redirect")
    SHOW_MESSAGE = "show_message", _("Show Message")


def new_code() -> str:
    """17 hexadecimal digits: the form of code that users know from {trackingUrl:55f2c87b09a220a78}."""
    return secrets.token_hex(9)[:17]


is_web_address = URLValidator(schemes=["http", "https"])


class TrackingUrl(models.Model):
    """A named link whose clicks are logged. `click_count` counts hits, `people_count` people, tests excluded."""

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="tracking_urls")
    name = models.CharField(_("Name"), max_length=200)
    code = models.CharField(max_length=17, unique=True, default=new_code, editable=False)
    action = models.CharField(
        _("Action"), max_length=15, choices=TrackingAction.choices, default=TrackingAction.REDIRECT
    )
    url = models.CharField(
        _("URL"), max_length=2000, blank=True,
        help_text=_("The recipient will be redirected to this location after they follow the link."),
    )  # fmt: skip
    message = models.TextField(_("Message"), blank=True, help_text=_("Markdown."))
    click_count = models.PositiveIntegerField(default=0)
    people_count = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(_("Created At"), auto_now_add=True)

    class Meta:
        verbose_name = _("Tracking URL")
        verbose_name_plural = _("Tracking URLs")
        ordering = ["id"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("campaigns:tracking_url_detail", args=[self.pk])

    def clean(self) -> None:
        if self.action == TrackingAction.SHOW_MESSAGE:
            if not self.message.strip():
                raise ValidationError({"message": _("Write the message that is shown.")})
            return
        if not self.url:
            raise ValidationError({"url": _("Enter the URL.")})
        try:
            is_web_address(self.url)
        except ValidationError as error:
            raise ValidationError({"url": _("Enter an address that begins with http:// or https://.")}) from error

    @property
    def shown_url(self) -> str:
        """Where it leads, without what every address has: for narrow columns."""
        return self.url.removeprefix("https://").removeprefix("http://").removesuffix("/")

    @property
    def placeholder(self) -> str:
        return f"{{trackingUrl:{self.code}}}"


class Link(models.Model):
    """Where a link in a sent mail leads, frozen: it outlives the tracking URL, the mass email and the campaign.

    No foreign keys: links in mails must work for ever, whatever is deleted here.
    """

    mass_email_id = models.BigIntegerField()
    tracking_url_id = models.BigIntegerField()
    code = models.CharField(max_length=17)
    name = models.CharField(max_length=200)
    url = models.CharField(max_length=2000, blank=True)
    message = models.TextField(blank=True)
    frozen_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("Link")
        verbose_name_plural = _("Links")
        indexes = [models.Index(fields=["mass_email_id"], name="link_mass_email")]

    def __str__(self) -> str:
        return self.name
