"""Reports as files for spreadsheets: the records of a list with its columns, and every group of a grid."""

import io
from typing import Any

from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils.translation import gettext as _

from crm.csv_text import write_csv
from crm.entities.export import columns_of
from crm.exports import Column, Table
from crm.exports.xlsx import write_xlsx
from crm.lists.posted import everything, request_again
from crm.models import ExportFormat, User
from targets.models import Report
from targets.reports.pages import records
from targets.reports.records import report_type
from targets.reports.tables import Table as GridTable

REPORT = "report"


def open_report(user: User, given: dict[str, Any]) -> Table:
    """{"report": pk, "query": the state of its page}: what search and order left of it. Raises ReportError."""
    if not user.can_edit:
        raise PermissionDenied
    report = Report.objects.visible_to(user).select_related("entity_type", "owner").get(pk=given["report"])
    rows = records(request_again(everything(given["query"]), user), report).chosen()
    trail = [(_("Reports"), reverse("targets:report_list"))]
    page = report.get_absolute_url()
    return Table(report.name, rows, _columns(report), "report.exported", page, about=report, trail=trail)


def _columns(report: Report) -> list[Column]:
    """Those of the report in its order; all fields when it has none of its own."""
    known = {column.key: column for column in columns_of(report_type(report))}
    return [known[name] for name in report.columns if name in known] or list(known.values())


def grid_file(table: GridTable, name: str, format: ExportFormat) -> io.BytesIO:
    """Every group with every figure; a grid is small enough to be written at once."""
    file, rows = io.BytesIO(), list(table.file_rows())
    if format == ExportFormat.XLSX:
        write_xlsx(file, name, table.file_heading(), rows, len(rows))
    else:
        write_csv(file, table.file_heading(), rows)
    file.seek(0)
    return file
