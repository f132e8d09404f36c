"""The job that brings target lists in step with their reports, every night."""

from django.db import migrations

KEY = "sync_target_lists"


def seed(apps, schema_editor):
    apps.get_model("crm", "ScheduledJob").objects.get_or_create(
        key=KEY, defaults={"name": "Sync Target Lists with Reports", "scheduling": "0 2 * * *"}
    )


def unseed(apps, schema_editor):
    apps.get_model("crm", "ScheduledJob").objects.filter(key=KEY).delete()


class Migration(migrations.Migration):
    dependencies = [("targets", "0003_targets_sync"), ("crm", "0008_mailbox_seed")]
    operations = [migrations.RunPython(seed, unseed)]
