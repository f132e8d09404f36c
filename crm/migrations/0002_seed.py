"""What every Herald starts with: the built-in entity types, the scheduled jobs and the sandbox account."""

from django.db import migrations

TYPES = [  # key, slug, base, singular, plural, icon
    ("Contact", "contacts", "person", "Contact", "Contacts", "address-book"),
    ("Lead", "leads", "person", "Lead", "Leads", "user-plus"),
    ("Account", "accounts", "company", "Account", "Accounts", "building"),
    ("User", "users", "person", "User", "Users", "user-circle"),
]
FIELDS = {  # type → name, label, kind, options, column of the list
    "Contact": [
        ("jobTitle", "Job title", "text", [], False),
        ("city", "City", "text", [], False),
        ("country", "Country", "text", [], True),
    ],
    "Lead": [
        ("status", "Status", "choice", ["New", "Assigned", "In Process", "Converted", "Recycled", "Dead"], True),
        ("source", "Source", "choice", ["Call", "Email", "Existing Customer", "Partner", "Public Relations", "Web Site", "Campaign", "Other"], False),
        ("accountName", "Account name", "text", [], False),
        ("country", "Country", "text", [], False),
    ],
    "Account": [
        ("website", "Website", "url", [], True),
        ("type", "Type", "choice", ["Customer", "Investor", "Partner", "Reseller"], True),
        ("industry", "Industry", "text", [], False),
        ("country", "Country", "text", [], True),
    ],
    "User": [],
}
JOBS = [("send_mass_emails", "Send Mass Emails", "*/5 * * * *")]


def seed(apps, schema_editor):
    entity_type, entity_field = apps.get_model("crm", "EntityType"), apps.get_model("crm", "EntityField")
    for position, (key, slug, base, singular, plural, icon) in enumerate(TYPES, 1):
        made = entity_type.objects.create(
            key=key, slug=slug, base=base, label_singular=singular, label_plural=plural, icon=icon, is_builtin=True,
            position=position * 10,
        )
        for order, (name, label, kind, options, on_list) in enumerate(FIELDS[key], 1):
            entity_field.objects.create(
                entity_type=made, name=name, label=label, kind=kind, options=options, is_builtin=True, on_list=on_list,
                position=order * 10,
            )
    for key, name, scheduling in JOBS:
        apps.get_model("crm", "ScheduledJob").objects.create(key=key, name=name, scheduling=scheduling)
    apps.get_model("crm", "EmailAccount").objects.create(
        name="Sandbox", email_address="herald@sandbox.example.com", from_name="Herald", is_system=True, is_sandbox=True,
        smtp_host="sandbox", smtp_port=0, smtp_security="none", smtp_auth=False, connections=4,
    )
    apps.get_model("crm", "Settings").objects.create(pk=1, from_address="herald@sandbox.example.com", from_name="Herald")


class Migration(migrations.Migration):
    dependencies = [("crm", "0001_initial")]
    operations = [migrations.RunPython(seed, migrations.RunPython.noop)]
