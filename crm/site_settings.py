"""Saving the one settings row."""

from collections.abc import Collection

from django.db import transaction

from crm.audit import audit
from crm.changes import differences
from crm.jobs import reschedule
from crm.models import ScheduledJob, Settings, User


def save_settings(settings: Settings, names: Collection[str], user: User) -> bool:
    """Store the named fields and audit those that differ; False when nothing did.

    Crontab times are in the time zone of the settings: a new zone moves the next runs.
    """
    with transaction.atomic():
        changes = differences(Settings.load(), settings, names)
        if not changes:
            return False
        settings.save(update_fields=names)
        audit(user, "settings.changed", settings, **changes)
        if "time_zone" in changes:
            for job in ScheduledJob.objects.all():
                reschedule(job)
    return True
