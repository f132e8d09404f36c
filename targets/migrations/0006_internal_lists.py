"""Lists that recipients do not read the names of. Those that there are stay as they are."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("targets", "0005_words"),
    ]

    operations = [
        migrations.AddField(
            model_name="targetlist",
            name="is_internal",
            field=models.BooleanField(
                default=False,
                help_text="Neither the unsubscribe page nor the email preferences name it.",
                verbose_name="Not shown to recipients",
            ),
        ),
    ]
