"""Indexes that keep searching and sorting a million records quick. Searching inside words is PostgreSQL's trigrams;
SQLite has no such index and goes without."""

from django.db import migrations, models

TRIGRAMS = {
    "record_name_trigrams": "crm_record USING gin (UPPER(name::text) gin_trgm_ops)",
    "record_phone_trigrams": "crm_record USING gin (UPPER(phone::text) gin_trgm_ops)",
    "address_trigrams": "crm_emailaddress USING gin (UPPER(normalized::text) gin_trgm_ops)",
}


def make(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
        for name, definition in TRIGRAMS.items():
            schema_editor.execute(f"CREATE INDEX {name} ON {definition}")


def drop(apps, schema_editor):
    """The extension stays: others may use it."""
    if schema_editor.connection.vendor == "postgresql":
        for name in TRIGRAMS:
            schema_editor.execute(f"DROP INDEX IF EXISTS {name}")


class Migration(migrations.Migration):
    dependencies = [("crm", "0004_lists_saved_filters")]
    operations = [migrations.RunPython(make, drop)]
