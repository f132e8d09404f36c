"""Background work that a person started and can watch."""

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _


class TaskStatus(models.TextChoices):
    PENDING = "pending", _("Pending")
    RUNNING = "running", _("Running")
    SUCCESS = "success", _("Success")
    FAILED = "failed", _("Failed")


class BackgroundTask(models.Model):
    """n of N of a long piece of work, its result or its error; shown to `owner` until it is finished."""

    kind = models.CharField(max_length=40)
    title = models.CharField(_("Title"), max_length=200)
    parameters = models.JSONField(default=dict)
    status = models.CharField(_("Status"), max_length=10, choices=TaskStatus.choices, default=TaskStatus.PENDING)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    result = models.JSONField(default=dict)
    result_url = models.CharField(max_length=255, blank=True)
    error = models.TextField(blank=True)
    language = models.CharField(max_length=10, blank=True)  # of whoever began it: the result is told in it too
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="background_tasks")
    created_at = models.DateTimeField(auto_now_add=True)
    seen_at = models.DateTimeField(null=True, blank=True)  # the last sign of life
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("Background task")
        verbose_name_plural = _("Background tasks")
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("crm:task_detail", args=[self.pk])

    @property
    def is_finished(self) -> bool:
        return self.status in {TaskStatus.SUCCESS, TaskStatus.FAILED}

    @property
    def status_tone(self) -> str:
        tones = {TaskStatus.PENDING: "muted", TaskStatus.RUNNING: "warning", TaskStatus.SUCCESS: "success"}
        return tones.get(TaskStatus(self.status), "danger")
