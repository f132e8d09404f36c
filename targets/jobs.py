"""The job *Sync Target Lists with Reports*, and what else runs in the background."""

from django.utils.translation import gettext_lazy as _

from crm.jobs import Counts, register
from targets import member_acts, works
from targets.sync import sync_all

WORKS = (member_acts, works)  # each registers its work when it is imported


class SomeListsFailed(Exception):
    """The run is marked Failed and names them; the others are in step."""


def sync_target_lists() -> Counts:
    """Reports that cannot be used are no failure of the job: each list shows its own."""
    night = sync_all()
    if night.failed:
        raise SomeListsFailed(", ".join(night.failed))
    return {
        "lists": night.lists,
        "added": night.added,
        "removed": night.removed,
        "with_problems": night.with_problems,
    }


register(
    "sync_target_lists",
    sync_target_lists,
    {"lists": _("Target Lists"), "added": _("Added"), "removed": _("Taken off"), "with_problems": _("Problems")},
)
