"""Target lists that follow reports."""

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from targets.models.lists import TargetList
from targets.models.reports import Report


class SyncMode(models.TextChoices):
    ADD = "add", _("Add only")
    FOLLOW = "follow", _("Add, and take off those whom a report brought")
    EXACT = "exact", _("Exact")


MODE_HELP = {
    SyncMode.ADD: _("Nobody leaves the list by a sync."),
    SyncMode.FOLLOW: _("Who was added by hand, import or from a log stays, even if no report finds them."),
    SyncMode.EXACT: _("Everybody whom no report finds is taken off, also those added by hand or import."),
}


class ReportSync(models.Model):
    """How a target list follows reports, and what came of the last time. There is a row once somebody chose a report.

    `claimed_at` is the last sign of life of a run: whoever sets it by compare-and-set is the only one at work.
    """

    target_list = models.OneToOneField(TargetList, on_delete=models.CASCADE, related_name="sync")
    reports = models.ManyToManyField(Report, verbose_name=_("Reports"), related_name="synced_lists", blank=True)
    mode = models.CharField(_("What a sync does"), max_length=6, choices=SyncMode.choices, default=SyncMode.ADD)
    is_automatic = models.BooleanField(_("Sync automatically"), default=True)
    claimed_at = models.DateTimeField(null=True, blank=True)
    last_run_at = models.DateTimeField(_("Last run"), null=True, blank=True)
    last_user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )  # of a run by hand
    last_added = models.PositiveIntegerField(default=0)
    last_removed = models.PositiveIntegerField(default=0)
    problems = models.JSONField(default=list, blank=True)  # [[report or "", sentence]] of the last run

    class Meta:
        verbose_name = _("Sync with Reports")
        verbose_name_plural = _("Sync with Reports")
        ordering = ["target_list__name", "id"]

    def __str__(self) -> str:
        return str(self.target_list)

    def get_absolute_url(self) -> str:
        return reverse("targets:sync", args=[self.target_list_id])

    @property
    def mode_help(self) -> str:
        """What a sync does to those whom no report finds."""
        return str(MODE_HELP[SyncMode(self.mode)])
