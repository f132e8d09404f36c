"""Conditions on the fields of a type find their few records among a million: an index of the values as text, in which
PostgreSQL looks before it reads the JSON of every record."""

from django.db import migrations


def make(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(
            'CREATE INDEX record_values_trigrams ON crm_record USING gin (UPPER("values"::text) gin_trgm_ops)'
        )
        schema_editor.execute("ANALYZE crm_record")  # else the index seems to find a handful of rows, whatever is asked


def drop(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP INDEX IF EXISTS record_values_trigrams")


class Migration(migrations.Migration):
    dependencies = [("crm", "0016_import_failed")]
    operations = [migrations.RunPython(make, drop)]
