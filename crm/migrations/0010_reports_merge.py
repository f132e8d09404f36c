from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("crm", "0009_entities_custom_types"), ("crm", "0009_export_files")]
    operations = []
