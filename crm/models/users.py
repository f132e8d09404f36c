"""People who sign in."""

from typing import Any

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.translation import gettext_lazy as _

from crm.models.addresses import EmailAddress
from crm.models.entities import EntityType, Record


class Role(models.TextChoices):
    ADMINISTRATOR = "administrator", _("Administrator")
    MARKETER = "marketer", _("Marketer")
    VIEWER = "viewer", _("Viewer")


class Theme(models.TextChoices):
    AUTO = "auto", _("Automatic")
    LIGHT = "light", _("Light")
    DARK = "dark", _("Dark")


class User(AbstractUser):
    """A login. Each has its `record` of type User, so that colleagues can stand on target lists too."""

    role = models.CharField(_("Role"), max_length=20, choices=Role.choices, default=Role.VIEWER)
    may_send_informational = models.BooleanField(
        _("May send informational email"),
        default=False,
        help_text=_("Informational email goes to opted-out people too."),
    )
    language = models.CharField(_("Language"), max_length=5, choices=settings.LANGUAGES, blank=True)
    time_zone = models.CharField(_("Time zone"), max_length=40, blank=True)
    record = models.OneToOneField(
        Record, verbose_name=_("Record"), null=True, blank=True, on_delete=models.SET_NULL, related_name="login"
    )

    class Meta:
        verbose_name = _("User")
        verbose_name_plural = _("Users")

    def __str__(self) -> str:
        return self.get_full_name() or self.get_username()

    def save(self, *args: Any, **kwargs: Any) -> None:
        super().save(*args, **kwargs)
        fields = kwargs.get("update_fields")
        if fields is None or {"email", "first_name", "last_name"} & set(fields):
            self._keep_record()

    def _keep_record(self) -> None:
        """The record of type User says the same as the login. Raises ValidationError for an unusable address."""
        record = self.record or Record(entity_type=EntityType.objects.get(key="User"))
        record.first_name, record.last_name = self.first_name, self.last_name
        record.name = self.get_full_name() or self.username
        record.email_address = EmailAddress.objects.for_text(self.email) if self.email else None
        record.save()
        if self.record_id is None:
            self.record = record
            User.objects.filter(pk=self.pk).update(record=record)

    @property
    def is_administrator(self) -> bool:
        return self.is_active and self.role == Role.ADMINISTRATOR

    @property
    def can_edit(self) -> bool:
        return self.is_active and self.role in {Role.ADMINISTRATOR, Role.MARKETER}
