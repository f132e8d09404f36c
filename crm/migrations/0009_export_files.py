"""Exported files, and the job that removes them when their days are over."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


def add_job(apps, schema_editor):
    defaults = {"name": "Clean-up", "scheduling": "20 * * * *"}
    apps.get_model("crm", "ScheduledJob").objects.get_or_create(key="clean_up", defaults=defaults)


def drop_job(apps, schema_editor):
    apps.get_model("crm", "ScheduledJob").objects.filter(key="clean_up").delete()


class Migration(migrations.Migration):
    dependencies = [("crm", "0008_mailbox_seed")]
    operations = [
        migrations.CreateModel(
            name="ExportFile",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=255, verbose_name="Name")),
                (
                    "format",
                    models.CharField(
                        choices=[("xlsx", "Excel workbook (XLSX)"), ("csv", "CSV, comma separated, UTF-8")],
                        max_length=4,
                        verbose_name="Format",
                    ),
                ),
                ("stored_as", models.CharField(max_length=80, unique=True)),
                ("rows", models.PositiveBigIntegerField(verbose_name="Rows")),
                ("octets", models.PositiveBigIntegerField(verbose_name="Size")),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="Created At")),
                ("expires_at", models.DateTimeField(verbose_name="Expires")),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="export_files",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "task",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="export", to="crm.backgroundtask"
                    ),
                ),
            ],
            options={
                "verbose_name": "Exported file",
                "verbose_name_plural": "Exported files",
                "ordering": ["-id"],
                "indexes": [models.Index(fields=["owner", "-id"], name="export_owner")],
            },
        ),
        migrations.RunPython(add_job, drop_job),
    ]
