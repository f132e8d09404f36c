from django.db import migrations, models
from django.db.models import Count

BOUNCED, FAILED = 6, 5  # an action of the log, a status of the queue


def count_refused(apps, schema_editor):
    """Of the bounces so far, those whose mail was never sent."""
    items = apps.get_model("campaigns", "QueueItem").objects.filter(status=FAILED, is_test=False)
    bounces = apps.get_model("campaigns", "LogRecord").objects.filter(
        action=BOUNCED, is_test=False, queue_item_id__in=items.values("pk")
    )
    mass_emails = apps.get_model("campaigns", "MassEmail").objects
    for mass_email_id, refused in bounces.order_by().values_list("mass_email_id").annotate(n=Count("pk")):
        mass_emails.filter(pk=mass_email_id).update(refused_count=refused)


class Migration(migrations.Migration):

    dependencies = [
        ('campaigns', '0010_portion_stretches'),
    ]

    operations = [
        migrations.AddField(
            model_name='massemail',
            name='refused_count',
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.RunPython(count_refused, migrations.RunPython.noop),
    ]
