"""Scheduled jobs and the log of their runs."""

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _


class JobStatus(models.TextChoices):
    ACTIVE = "active", _("Active")
    INACTIVE = "inactive", _("Inactive")


class ScheduledJob(models.Model):
    """When a registered job runs. `key` names its function; crontab times are in the settings' time zone."""

    key = models.SlugField(max_length=60, unique=True)
    name = models.CharField(_("Name"), max_length=120)
    status = models.CharField(_("Status"), max_length=10, choices=JobStatus.choices, default=JobStatus.ACTIVE)
    scheduling = models.CharField(_("Scheduling"), max_length=100, default="*/5 * * * *")
    next_run_at = models.DateTimeField(_("Next run"), null=True, blank=True)
    last_run_at = models.DateTimeField(_("Last run"), null=True, blank=True)

    class Meta:
        verbose_name = _("Scheduled Job")
        verbose_name_plural = _("Scheduled Jobs")
        ordering = ["name"]

    def __str__(self) -> str:
        return str(_(self.name))

    def get_absolute_url(self) -> str:
        return reverse("crm:job_detail", args=[self.pk])

    @property
    def status_tone(self) -> str:
        return "success" if self.status == JobStatus.ACTIVE else "muted"


BUILTIN_JOB_NAMES = (
    _("Send Mass Emails"), _("Check Group Email Accounts"), _("Sync Target Lists with Reports"), _("Clean-up"),
)  # fmt: skip


class RunStatus(models.TextChoices):
    RUNNING = "running", _("Running")
    SUCCESS = "success", _("Success")
    FAILED = "failed", _("Failed")


class JobRun(models.Model):
    """One run of a job: when, how long, with what counts, and the error if there was one."""

    job = models.ForeignKey(ScheduledJob, on_delete=models.CASCADE, related_name="runs")
    status = models.CharField(_("Status"), max_length=10, choices=RunStatus.choices, default=RunStatus.RUNNING)
    by_hand = models.BooleanField(default=False)
    started_at = models.DateTimeField(_("Execution Time"))
    finished_at = models.DateTimeField(null=True, blank=True)
    counts = models.JSONField(default=dict)
    error = models.TextField(blank=True)

    class Meta:
        verbose_name = _("Job run")
        verbose_name_plural = _("Log")
        ordering = ["-id"]
        indexes = [models.Index(fields=["job", "-id"], name="run_job_newest")]

    def __str__(self) -> str:
        return f"{self.job_id} {self.started_at:%F %T}"

    @property
    def seconds(self) -> float | None:
        return (self.finished_at - self.started_at).total_seconds() if self.finished_at else None

    @property
    def status_tone(self) -> str:
        return {RunStatus.RUNNING: "warning", RunStatus.SUCCESS: "success"}.get(RunStatus(self.status), "danger")


class Beat(models.Model):
    """The last sign of life of a process role (`beat`, `worker`): what Health and the mass email page look at."""

    role = models.CharField(max_length=20, unique=True)
    seen_at = models.DateTimeField()

    class Meta:
        verbose_name = _("Sign of life")
        verbose_name_plural = _("Signs of life")

    def __str__(self) -> str:
        return self.role
