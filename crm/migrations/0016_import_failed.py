"""An import that cannot go on, because a field is gone, has failed and says why."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("crm", "0015_task_language")]
    operations = [
        migrations.AddField("import", "problem", models.CharField(blank=True, max_length=300)),
        migrations.AlterField(
            "import",
            "status",
            models.CharField(
                choices=[
                    ("draft", "Draft"), ("running", "In Process"), ("finished", "Complete"), ("failed", "Failed"),
                    ("reverting", "Reverting"), ("reverted", "Reverted"),
                ],
                default="draft", max_length=10, verbose_name="Status",
            ),
        ),
    ]  # fmt: skip
