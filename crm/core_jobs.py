"""What the core itself does in the background."""

from crm import background
from crm.entities import bulk, bulk_edit
from crm.imports import reverting, running, tidying
from crm.jobs import register_tick

WORKS = (bulk, bulk_edit, running, reverting)  # each registers its work when it is imported
register_tick(background.sweep)
register_tick(tidying.tidy_up)
