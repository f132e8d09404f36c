"""What administrators changed about the pages that recipients reach from a mail: one row beside the settings."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from crm.models import Settings


class RecipientPages(models.Model):
    """`RecipientPages.load()`. Without a row every page says and looks the standard."""

    settings = models.OneToOneField(
        Settings, on_delete=models.CASCADE, primary_key=True, related_name="recipient_pages"
    )
    texts = models.JSONField(default=dict)  # language → key of campaigns.recipient_pages.WORDINGS → text
    accent = models.CharField(_("Colour"), max_length=7, blank=True)  # #rrggbb
    logo = models.BinaryField(default=b"", blank=True)
    logo_type = models.CharField(max_length=20, blank=True)  # image/png; empty without a logo
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("Recipient pages")
        verbose_name_plural = _("Recipient pages")

    def __str__(self) -> str:
        return str(_("Recipient pages"))

    @classmethod
    def load(cls) -> "RecipientPages":
        """With the settings, in one query, and without the octets of the logo, which come when they are asked for."""
        both = Settings.objects.select_related("recipient_pages").defer("recipient_pages__logo")
        settings = both.filter(pk=1).first() or Settings.load()
        return getattr(settings, "recipient_pages", None) or cls(settings=settings)

    @property
    def stamp(self) -> int:
        """Another number after every change: addresses that carry it may be kept for ever."""
        return int(self.changed_at.timestamp()) if self.changed_at else 0
