"""What stands above every panel of a target list."""

from typing import Any

from targets.categories import trail
from targets.models import TargetList
from targets.onward import ways_from
from targets.panels import tabs
from targets.sync import sync_of


def header(target_list: TargetList) -> dict[str, Any]:
    found = tabs(target_list)
    sync = sync_of(target_list)
    return {
        "target_list": target_list,
        "entry_count": sum(number for shown_type, number in found if shown_type),
        "opted_out_count": found[-1][1],
        "tabs": found,
        "trail": trail(target_list.category),
        "onward": ways_from(target_list),
        "sync": sync,
        "sync_reports": list(sync.reports.all()) if sync.pk else [],
    }
