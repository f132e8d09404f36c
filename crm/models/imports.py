"""Imports: what was asked for, how far each has come, what it did to which record, and what it refused."""

from typing import Any

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from crm.models.entities import EntityType
from crm.models.progress import BackgroundTask


class ImportStatus(models.TextChoices):
    """Draft → Running → Finished → Reverting → Reverted. What a killed worker leaves is taken up by the next one; what
    cannot go on, because a field is gone, has Failed: that can be reverted too."""

    DRAFT = "draft", _("Draft")
    RUNNING = "running", _("In Process")
    FINISHED = "finished", _("Complete")
    FAILED = "failed", _("Failed")
    REVERTING = "reverting", _("Reverting")
    REVERTED = "reverted", _("Reverted")


ENDED = (ImportStatus.FINISHED, ImportStatus.FAILED)
TONES = {
    ImportStatus.RUNNING: "warning", ImportStatus.FINISHED: "success", ImportStatus.FAILED: "danger",
    ImportStatus.REVERTING: "warning",
}  # fmt: skip


class Import(models.Model):
    """One file and what came of it. `position` is the number of the last row that is dealt with for good."""

    entity_type = models.ForeignKey(EntityType, on_delete=models.CASCADE, related_name="imports")
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("User"), null=True, on_delete=models.SET_NULL, related_name="imports"
    )
    file_name = models.CharField(_("File"), max_length=255)
    stored_as = models.CharField(max_length=80, blank=True)  # in the folder of imports; "" once it was removed
    sheets = models.JSONField(default=list)  # of a workbook, by name
    plan = models.JSONField(default=dict)  # see crm.imports.plan
    target_list = models.CharField(max_length=40, blank=True)  # of the app above
    status = models.CharField(_("Status"), max_length=10, choices=ImportStatus.choices, default=ImportStatus.DRAFT)
    task = models.ForeignKey(BackgroundTask, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    problem = models.CharField(max_length=300, blank=True)  # why it failed
    row_count = models.PositiveIntegerField(_("Rows"), default=0)
    last_row = models.PositiveIntegerField(default=0)
    position = models.PositiveIntegerField(default=0)
    created = models.PositiveIntegerField(_("Created"), default=0)
    updated = models.PositiveIntegerField(_("Updated"), default=0)
    unchanged = models.PositiveIntegerField(_("Unchanged"), default=0)
    refused = models.PositiveIntegerField(_("Refused"), default=0)
    listed = models.PositiveIntegerField(_("Added to the list"), default=0)
    reverted = models.PositiveIntegerField(default=0)
    kept = models.PositiveIntegerField(default=0)  # by Revert, because it was changed since
    created_at = models.DateTimeField(_("Created At"), auto_now_add=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    reverted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("Import")
        verbose_name_plural = _("Imports")
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.file_name

    def get_absolute_url(self) -> str:
        return reverse("crm:import_detail", args=[self.pk])

    @property
    def status_tone(self) -> str:
        return TONES.get(ImportStatus(self.status), "muted")

    @property
    def status_is_live(self) -> bool:
        return self.status in {ImportStatus.RUNNING, ImportStatus.REVERTING}


class Outcome(models.IntegerChoices):
    CREATED = 1, _("Created")
    UPDATED = 2, _("Updated")
    UNCHANGED = 3, _("Unchanged")


class Fate(models.IntegerChoices):
    """What Revert made of a row."""

    NONE = 0, _("Open")
    REVERTED = 1, _("Reverted")
    KEPT = 2, _("Changed since, kept")
    GONE = 3, _("Removed before")


class ImportedRow(models.Model):
    """A row that was taken, and the way back. A hot table: no keys of the database, a record may be gone."""

    batch = models.ForeignKey(Import, on_delete=models.CASCADE, related_name="rows", db_index=False)
    number = models.PositiveIntegerField()
    record_id = models.BigIntegerField()
    outcome = models.SmallIntegerField(choices=Outcome.choices)
    changes = models.JSONField(default=dict)  # field → [before, after], of updated records
    is_listed = models.BooleanField(default=False)  # came to the target list with this row
    written_at = models.DateTimeField()  # Record.modified_at as this row left it
    fate = models.SmallIntegerField(choices=Fate.choices, default=Fate.NONE)
    note = models.CharField(max_length=300, blank=True)  # why Revert kept it

    class Meta:
        verbose_name = _("Imported row")
        verbose_name_plural = _("Imported rows")
        constraints = [models.UniqueConstraint(fields=["batch", "number"], name="row_imported_once")]
        indexes = [models.Index(fields=["batch", "record_id"], name="imported_row_record")]

    def __str__(self) -> str:
        return f"{self.number}: {self.record_id}"


class RefusedRow(models.Model):
    """A row that was not taken, with the reason, as it stood in the file."""

    batch = models.ForeignKey(Import, on_delete=models.CASCADE, related_name="refusals", db_index=False)
    number = models.PositiveIntegerField(_("Row"))
    column = models.CharField(_("Column"), max_length=120, blank=True)
    reason = models.CharField(_("Reason"), max_length=300)
    cells: "models.JSONField[list[str], Any]" = models.JSONField(default=list)

    class Meta:
        verbose_name = _("Refused row")
        verbose_name_plural = _("Refused rows")
        constraints = [models.UniqueConstraint(fields=["batch", "number"], name="row_refused_once")]

    def __str__(self) -> str:
        return f"{self.number}: {self.reason}"
