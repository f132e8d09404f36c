"""What the core itself does in the background."""

from crm import background
from crm.entities import bulk, bulk_edit, shaping
from crm.jobs import register_tick

WORKS = (bulk, bulk_edit, shaping)  # each registers its work when it is imported
register_tick(background.sweep)
