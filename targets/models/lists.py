"""Target lists and memberships."""

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Count
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from crm.models import Record

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations  # noqa: F401


def _count(members: "MembershipQuerySet") -> Coalesce:
    """As a subquery: only the lists that a page shows are counted."""
    counted = members.order_by().values("target_list").annotate(n=Count("pk")).values("n")
    return Coalesce(models.Subquery(counted), 0)


class TargetListQuerySet(models.QuerySet["TargetList"]):
    def with_counts(self) -> "TargetListQuerySet":
        """Adds `entry_count` and `opted_out_count`."""
        here = Membership.objects.filter(target_list=models.OuterRef("pk"))
        return self.annotate(entry_count=_count(here), opted_out_count=_count(here.opted_out()))


class TargetList(models.Model):
    """A list of records of any entity type; a record is in it once."""

    name = models.CharField(_("Name"), max_length=200)
    category = models.CharField(_("Category"), max_length=120, blank=True)
    description = models.TextField(_("Description"), blank=True)
    assigned_user = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("Assigned User"), null=True, blank=True, on_delete=models.SET_NULL,
        related_name="target_lists",
    )  # fmt: skip
    is_internal = models.BooleanField(
        _("Not shown to recipients"), default=False,
        help_text=_("Neither the unsubscribe page nor the email preferences name it."),
    )  # fmt: skip
    created_at = models.DateTimeField(_("Created At"), auto_now_add=True)
    modified_at = models.DateTimeField(_("Modified At"), auto_now=True)

    objects = TargetListQuerySet.as_manager()

    class Meta:
        verbose_name = _("Target List")
        verbose_name_plural = _("Target Lists")
        ordering = ["name", "id"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("targets:detail", args=[self.pk])


class Source(models.TextChoices):
    SELECTION = "selection", _("Selected by hand")
    IMPORT = "import", _("Import")
    REPORT = "report", _("Report")
    LOG = "log", _("Campaign log")
    LIST = "list", _("Another list")


class MembershipQuerySet(models.QuerySet["Membership"]):
    def listed(self) -> "MembershipQuerySet":
        return self.filter(opted_out_at=None)

    def opted_out(self) -> "MembershipQuerySet":
        return self.filter(opted_out_at__isnull=False)


class Membership(models.Model):
    """A record on a target list: Listed, or Opted Out since `opted_out_at` through `opted_out_mass_email`."""

    # Its index is that of the constraint, which begins with it: one index less for every member of a million.
    target_list = models.ForeignKey(TargetList, on_delete=models.CASCADE, related_name="memberships", db_index=False)
    record = models.ForeignKey(Record, on_delete=models.CASCADE, related_name="memberships")
    opted_out_at = models.DateTimeField(_("Opted Out"), null=True, blank=True)
    opted_out_mass_email = models.BigIntegerField(null=True, blank=True)  # survives the mass email
    source = models.CharField(max_length=10, choices=Source.choices, default=Source.SELECTION)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        verbose_name = _("Membership")
        verbose_name_plural = _("Memberships")
        constraints = [models.UniqueConstraint(fields=["target_list", "record"], name="record_once_per_list")]
        indexes = [  # few of very many, and asked for whenever somebody comes to a list
            models.Index(
                fields=["target_list", "record"],
                name="membership_opted_out",
                condition=models.Q(opted_out_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return str(self.record)  # what a list of members says for the row

    @property
    def target_status(self) -> str:
        return str(_("Opted Out")) if self.opted_out_at else str(_("Listed"))
