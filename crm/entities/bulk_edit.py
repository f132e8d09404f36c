"""*Edit field* in the background: the value is read again by its form, as it was when the person confirmed it."""

from crm.background import Progress, register
from crm.entities.bulk import UPDATE, each_portion, note_update, update_records, updated_text
from crm.forms.bulk import EditFieldForm
from crm.models import EntityType


def update_in_background(progress: Progress) -> None:
    """Raises ValueError when the field or the value is no longer possible."""
    entity_type = EntityType.objects.get(key=progress.parameters["type"])
    name = progress.parameters["field"]
    form = EditFieldForm(entity_type, name, {"value": progress.parameters["value"]})
    if not form.is_valid():
        raise ValueError(" ".join(str(error) for error in form.errors.get("value", [])))
    value = form.cleaned_data["value"]
    changed = each_portion(progress, lambda records: update_records(records, name, value))
    note_update(progress.user, entity_type, name, changed)
    progress.finish(updated_text(changed), entity_type.get_absolute_url(), number=changed)


register(UPDATE, update_in_background)
