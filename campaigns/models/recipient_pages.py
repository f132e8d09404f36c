"""What administrators changed about the pages that recipients reach from a mail: one row."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class RecipientPages(models.Model):
    """Always the row with pk 1: `RecipientPages.load()`. Without a row every page says and looks the standard."""

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
        """Without the octets of the logo, which come when they are asked for. Writes nothing."""
        return cls.objects.defer("logo").filter(pk=1).first() or cls(pk=1)

    @property
    def stamp(self) -> int:
        """Another number after every change: addresses that carry it may be kept for ever."""
        return int(self.changed_at.timestamp()) if self.changed_at else 0
