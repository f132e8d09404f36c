"""Other words for choices and labels; nothing changes in the database."""

import django.core.validators
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("crm", "0017_values_trigrams"),
    ]

    operations = [
        migrations.AlterField(
            model_name="emailaccount",
            name="smtp_security",
            field=models.CharField(
                choices=[("tls", "SSL/TLS"), ("starttls", "STARTTLS"), ("none", "No encryption")],
                default="starttls",
                max_length=10,
                verbose_name="Security",
            ),
        ),
        migrations.AlterField(
            model_name="mailbox",
            name="security",
            field=models.CharField(
                choices=[("tls", "SSL/TLS"), ("starttls", "STARTTLS"), ("none", "No encryption")],
                default="tls",
                max_length=10,
                verbose_name="Security",
            ),
        ),
        migrations.AlterField(
            model_name="settings",
            name="guard_after",
            field=models.PositiveIntegerField(default=200, verbose_name="Starts after so many sent emails"),
        ),
        migrations.AlterField(
            model_name="settings",
            name="soft_bounce_days",
            field=models.PositiveSmallIntegerField(
                default=90,
                validators=[django.core.validators.MinValueValidator(1)],
                verbose_name="Counted within so many days",
            ),
        ),
        migrations.AlterField(
            model_name="settings",
            name="soft_bounce_span",
            field=models.PositiveSmallIntegerField(
                default=15,
                help_text="From the first to the last: a mailbox that is full for a week costs nobody the address.",
                verbose_name="First and last bounce at least so many days apart",
            ),
        ),
    ]
