"""Reports: questions about the records of one entity type, kept under a name."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from crm.models import EntityType, User


class ReportKind(models.TextChoices):
    LIST = "list", _("List")
    GRID = "grid", _("Grid")


class ChartKind(models.TextChoices):
    NONE = "", _("No chart")
    BAR = "bar", _("Bar")
    LINE = "line", _("Line")
    PIE = "pie", _("Pie")


class ReportQuerySet(models.QuerySet["Report"]):
    def visible_to(self, user: User) -> "ReportQuerySet":
        """The person's own and the shared ones; administrators see all, so that none is left without a keeper."""
        if user.is_administrator:
            return self
        return self.filter(Q(owner_id=user.pk) | Q(is_shared=True))


class Report(models.Model):
    """A list report has columns, a grid report groups its records by up to two fields and reckons aggregates.

    `criteria` is a filter tree (crm.criteria); an empty object holds for every record of the type. What it means
    depends on whose eyes see it: “me” is the owner, and days begin in the owner's time zone, so that the page, a target
    list made of the report and a nightly sync all name the same records.
    """

    name = models.CharField(_("Name"), max_length=200)
    description = models.TextField(_("Description"), blank=True)
    kind = models.CharField(_("Type"), max_length=4, choices=ReportKind.choices, default=ReportKind.LIST)
    # Emptied when the type is removed: the report then says so instead of vanishing.
    entity_type = models.ForeignKey(
        EntityType, verbose_name=_("Entity type"), null=True, on_delete=models.SET_NULL, related_name="reports"
    )
    criteria = models.JSONField(_("Filters"), default=dict, blank=True)
    columns = models.JSONField(_("Columns"), default=list, blank=True)  # names; empty: those of the type's list
    sort = models.CharField(_("Sort by"), max_length=80, blank=True)  # a column, or of a grid its aggregate; "-" turns
    groups = models.JSONField(_("Group by"), default=list, blank=True)  # [["created_at", "month"], ["owner", ""]]
    aggregates = models.JSONField(_("Figures"), default=list, blank=True)  # [["count", ""], ["sum", "f_revenue"]]
    chart = models.CharField(_("Chart"), max_length=4, choices=ChartKind.choices, blank=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("Assigned User"), null=True, on_delete=models.SET_NULL,
        related_name="reports",
    )  # fmt: skip
    is_shared = models.BooleanField(_("Shared with everybody"), default=False)
    pinned_by = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="pinned_reports", blank=True)
    created_at = models.DateTimeField(_("Created At"), auto_now_add=True)
    modified_at = models.DateTimeField(_("Modified At"), auto_now=True)

    objects = ReportQuerySet.as_manager()

    class Meta:
        verbose_name = _("Report")
        verbose_name_plural = _("Reports")
        ordering = ["name", "id"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("targets:report", args=[self.pk])

    @property
    def is_grid(self) -> bool:
        return self.kind == ReportKind.GRID

    def may_be_edited_by(self, user: User) -> bool:
        return user.can_edit and (self.owner_id == user.pk or user.is_administrator)
