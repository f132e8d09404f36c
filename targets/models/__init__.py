"""Who gets mail: target lists and their members, and the reports that find people for them."""

from targets.models.lists import Membership, Source, TargetList
from targets.models.reports import ChartKind, Report, ReportKind

__all__ = ["ChartKind", "Membership", "Report", "ReportKind", "Source", "TargetList"]
