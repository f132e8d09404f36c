"""Changing when a job runs."""

from django.db import transaction

from crm.audit import audit
from crm.changes import differences
from crm.jobs import reschedule
from crm.models import ScheduledJob, User


def save_schedule(job: ScheduledJob, user: User) -> None:
    """Store status and schedule; the next run is counted from now."""
    with transaction.atomic():
        changes = differences(ScheduledJob.objects.get(pk=job.pk), job, ("status", "scheduling"))
        if changes:
            job.save(update_fields=["status", "scheduling"])
            reschedule(job)
            audit(user, "job.changed", job, **changes)
