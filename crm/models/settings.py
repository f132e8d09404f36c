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

    # Bounces. Shares are per cent of the sent mails; 0 switches a rule off.
    soft_bounce_limit = models.PositiveSmallIntegerField(
        _("Soft bounces in a row until an address is Invalid"),
        default=3,
        help_text=_("0: soft bounces are logged only. A mail that arrives starts the count anew."),
    )
    soft_bounce_span = models.PositiveSmallIntegerField(
        _("First and last bounce at least so many days apart"),
        default=15,
        help_text=_("From the first to the last: a mailbox that is full for a week costs nobody the address."),
    )
    soft_bounce_days = models.PositiveSmallIntegerField(
        _("Counted within so many days"), default=90, validators=[MinValueValidator(1)]
    )
    guard_after = models.PositiveIntegerField(_("Starts after so many sent emails"), default=200)
    guard_hard_warning = models.FloatField(_("Warn at this share of hard bounces (%)"), default=2.0)
    guard_hard_pause = models.FloatField(_("Pause at this share of hard bounces (%)"), default=5.0)
    guard_complaint_warning = models.FloatField(_("Warn at this share of complaints (%)"), default=0.1)
    guard_complaint_pause = models.FloatField(_("Pause at this share of complaints (%)"), default=0.3)

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
