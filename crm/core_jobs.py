"""What the core itself does in the background."""

from crm import background, cleaning
from crm.addresses import export as address_export
from crm.addresses import flags
from crm.entities import bulk, bulk_edit, export, shaping
from crm.exports import keeping
from crm.imports import reverting, running, tidying
from crm.jobs import register_tick

# Each registers its work when it is imported.
WORKS = (address_export, bulk, bulk_edit, cleaning, export, flags, keeping, reverting, running, shaping)
register_tick(background.sweep)
register_tick(tidying.tidy_up)
