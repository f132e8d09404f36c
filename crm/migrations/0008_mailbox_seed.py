"""The job that reads the mailboxes, and the sandbox's bounce folder as the mailbox of its account."""

from django.db import migrations

KEY = "check_group_email_accounts"


def seed(apps, schema_editor):
    apps.get_model("crm", "ScheduledJob").objects.get_or_create(
        key=KEY, defaults={"name": "Check Group Email Accounts", "scheduling": "*/5 * * * *"}
    )
    for account in apps.get_model("crm", "EmailAccount").objects.filter(is_sandbox=True):
        apps.get_model("crm", "Mailbox").objects.get_or_create(
            account=account, defaults={"kind": "maildir", "after": "mark_read"}
        )


def unseed(apps, schema_editor):
    apps.get_model("crm", "ScheduledJob").objects.filter(key=KEY).delete()


class Migration(migrations.Migration):
    dependencies = [("crm", "0007_mailbox_mailboxes")]
    operations = [migrations.RunPython(seed, unseed)]
