"""What people keep of lists: their columns, page size and saved filters."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from crm.models.users import User

SIZES = (20, 50, 100, 200)


class SavedFilter(models.Model):
    """A state of a list under a name: the query string with search, chip, filters, conditions and sort."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="saved_filters")
    list_key = models.CharField(max_length=80)
    name = models.CharField(_("Name"), max_length=80)
    query = models.TextField(blank=True)
    is_shared = models.BooleanField(_("Shared with everybody"), default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("Saved filter")
        verbose_name_plural = _("Saved filters")
        indexes = [models.Index(fields=["list_key"], name="saved_filter_list")]

    def __str__(self) -> str:
        return self.name

    def may_be_edited_by(self, user: User) -> bool:
        return self.owner_id == user.pk or (self.is_shared and user.is_administrator)


class ListSettings(models.Model):
    """Columns in their order, page size and default filter of one person for one list; empty means the list's own."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="list_settings")
    list_key = models.CharField(max_length=80)
    columns = models.JSONField(default=list, blank=True)
    size = models.PositiveSmallIntegerField(null=True, blank=True)
    default_filter = models.ForeignKey(SavedFilter, null=True, blank=True, on_delete=models.SET_NULL)

    class Meta:
        verbose_name = _("Settings of a list")
        verbose_name_plural = _("Settings of lists")
        constraints = [models.UniqueConstraint(fields=["user", "list_key"], name="list_settings_once")]

    def __str__(self) -> str:
        return self.list_key
