"""Other words for choices and labels; nothing changes in the database."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("targets", "0004_targets_sync_job"),
    ]

    operations = [
        migrations.AlterField(
            model_name="membership",
            name="source",
            field=models.CharField(
                choices=[
                    ("selection", "Selected by hand"),
                    ("import", "Import"),
                    ("report", "Report"),
                    ("log", "Campaign log"),
                    ("list", "Another list"),
                ],
                default="selection",
                max_length=10,
            ),
        ),
    ]
