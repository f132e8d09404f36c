"""The job *Clean-up*: what is kept for some time only goes when that is over.

register_cleaning("exports_removed", clean_up, _("Exported files"))  # () -> how many went; for the job's log
"""

import logging
from collections.abc import Callable

from django.utils.functional import Promise

from crm.jobs import Counts, name_counts, register

logger = logging.getLogger(__name__)
_cleanings: dict[str, Callable[[], int]] = {}


def register_cleaning(name: str, clean: Callable[[], int], label: str | Promise = "") -> None:
    _cleanings[name] = clean
    if label:
        name_counts({name: label})


def clean_up() -> Counts:
    """Every registered cleaning. One that fails keeps no other from its work; then the run counts as failed."""
    counts: Counts = {}
    failed = []
    for name, clean in _cleanings.items():
        try:
            counts[name] = clean()
        except Exception as error:
            logger.exception("Cleaning up failed: %s", name)
            failed.append(f"{name}: {type(error).__name__}: {error}")
    if failed:
        raise RuntimeError("; ".join(failed))
    return counts


register("clean_up", clean_up)
