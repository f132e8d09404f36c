"""The settings that administrators edit: one row."""

from django.conf import settings as django_settings
from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _


class Settings(models.Model):
    """General settings and Outbound Emails. Always the row with pk 1: `Settings.load()`."""

    site_url = models.URLField(
        _("Site URL"),
        blank=True,
        help_text=_("The address of this Herald as recipients reach it. Links in emails begin with it."),
    )
    company_name = models.CharField(_("Company name"), max_length=120, blank=True)
    language = models.CharField(_("Language"), max_length=5, choices=django_settings.LANGUAGES, default="en")
    time_zone = models.CharField(_("Time zone"), max_length=40, default="UTC")

    from_address = models.EmailField(_("System Email Address"), blank=True)
    from_name = models.CharField(_("From Name"), max_length=120, blank=True)
    postal_address = models.TextField(
        _("Postal address of the sender"), blank=True, help_text=_("Shown where a template says {senderAddress}.")
    )

    max_per_hour = models.PositiveIntegerField(
        _("Max number of emails sent per hour"), default=10_000, validators=[MinValueValidator(1)]
    )
    max_per_batch = models.PositiveIntegerField(
        _("Max number of emails sent per batch"), default=10_000, validators=[MinValueValidator(1)]
    )
    disable_opt_out_link = models.BooleanField(
        _("Disable mandatory opt-out link"),
        default=False,
        help_text=_("By default an opt-out link is added when the email template has none."),
    )
    open_tracking = models.BooleanField(
        _("Email Open Tracking"),
        default=False,
        help_text=_("Not reliable: many programs load images by themselves or not at all."),
    )
    use_verp = models.BooleanField(
        _("Use VERP"),
        default=False,
        help_text=_("Variable envelope return path, for more reliable handling of bounces. Your SMTP must support it."),
    )

    class Meta:
        verbose_name = _("Settings")
        verbose_name_plural = _("Settings")

    def __str__(self) -> str:
        return "Settings"

    @classmethod
    def load(cls) -> "Settings":
        return cls.objects.get_or_create(pk=1)[0]

    @property
    def base_url(self) -> str:
        """Where links in mails point to, without a slash at the end."""
        return (self.site_url or django_settings.SITE_URL or "http://127.0.0.1:8000").rstrip("/")
