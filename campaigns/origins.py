"""Names for what target lists keep as numbers: the mass emails that people opted out through."""

from collections.abc import Collection

from campaigns.models import MassEmail
from targets.origins import Origin


def mass_emails(ids: Collection[int]) -> dict[int, Origin]:
    """Mass email id → what a target list shows for it; a removed one has none."""
    rows = MassEmail.objects.filter(pk__in=ids)
    return {row.pk: Origin(row.name, row.get_absolute_url()) for row in rows}
