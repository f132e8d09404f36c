"""Who gets mail: target lists and their members, the reports that find people for them, and lists that follow those."""

from targets.models.lists import Membership, Source, TargetList
from targets.models.reports import ChartKind, Report, ReportKind
from targets.models.sync import ReportSync, SyncMode

__all__ = [
    "ChartKind", "Membership", "Report", "ReportKind", "ReportSync", "Source", "SyncMode", "TargetList",
]  # fmt: skip
