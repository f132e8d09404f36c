"""What the core itself does in the background."""

from crm import background, cleaning
from crm.entities import bulk, bulk_edit, export
from crm.exports import keeping
from crm.jobs import register_tick

WORKS = (bulk, bulk_edit, cleaning, export, keeping)  # each registers its work when it is imported
register_tick(background.sweep)
