"""Reports: which records one is about, and what it says of them.

    add_records(target_list, report_records(report), Source.REPORT)     # one INSERT … SELECT, however many they are

`records` turns a report into a QuerySet and says in words why one cannot be used any more.
"""

from targets.reports.records import ReportError, report_problems, report_records

__all__ = ["ReportError", "report_problems", "report_records"]
