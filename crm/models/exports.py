"""Files that were exported, until they expire."""

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.models.progress import BackgroundTask


class ExportFormat(models.TextChoices):
    XLSX = "xlsx", _("Excel workbook (XLSX)")
    CSV = "csv", _("CSV, comma separated, UTF-8")


class ExportFile(models.Model):
    """A file in the data directory that only `owner` may open, until `expires_at`."""

    task = models.OneToOneField(BackgroundTask, on_delete=models.CASCADE, related_name="export")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="export_files")
    name = models.CharField(_("Name"), max_length=255)  # that it is saved under
    format = models.CharField(_("Format"), max_length=4, choices=ExportFormat.choices)
    stored_as = models.CharField(max_length=80, unique=True)  # in the folder of exports: not to be guessed
    rows = models.PositiveBigIntegerField(_("Rows"))
    octets = models.PositiveBigIntegerField(_("Size"))
    created_at = models.DateTimeField(_("Created At"), default=timezone.now)
    expires_at = models.DateTimeField(_("Expires"))

    class Meta:
        verbose_name = _("Exported file")
        verbose_name_plural = _("Exported files")
        ordering = ["-id"]
        indexes = [models.Index(fields=["owner", "-id"], name="export_owner")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("crm:export_download", args=[self.pk])

    @property
    def is_expired(self) -> bool:
        return self.expires_at <= timezone.now()
