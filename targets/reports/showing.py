"""The result of a report as its page, its preview and its card on Home show it."""

from dataclasses import dataclass, field
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from crm.access import Request
from crm.lists import ListPage
from crm.lists.wording import in_words
from crm.models import Record
from targets.models import Report
from targets.reports.charts import chart_of
from targets.reports.grid import grid_of
from targets.reports.pages import chosen_columns, records
from targets.reports.records import ReportError, list_url, report_fields, report_tree
from targets.reports.tables import Table


@dataclass(frozen=True)
class Result:
    """`problems` say why there is nothing else; `notes` what is left out."""

    words: str = ""
    listing: ListPage[Record] | None = None
    table: Table | None = None
    chart: dict[str, Any] | None = None
    list_url: str = ""
    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def shown_result(request: Request, report: Report) -> Result:
    """A report that cannot be used has problems instead of a result."""
    try:
        words, url = words_of(report), list_url(report)
        if report.is_grid:
            table = table_of(request, report)
            return Result(words, table=table, chart=chart_of(table), list_url=url)
        _columns, gone = chosen_columns(report)
        notes = [_("The column “%(name)s” is gone.") % {"name": name} for name in gone]
        query = QueryDict() if request.method == "POST" else None
        return Result(words, listing=records(request, report, query), list_url=url, notes=notes)
    except ReportError as error:
        return Result(problems=error.problems)


def table_of(request: Request, report: Report) -> Table:
    """`?sort=` and, for two dimensions, `?figure=`. Raises ReportError."""
    asked, number = request.GET.get("sort", "")[:20], request.GET.get("figure", "")
    return Table(report, grid_of(report), asked, int(number) if number.isdecimal() and len(number) < 3 else 0)


def words_of(report: Report) -> str:
    """Its conditions as a person would say them; "" for none. Raises ReportError."""
    fields = report_fields(report)
    tree = report_tree(report, fields)
    if tree is None:
        return ""
    words = in_words(tree, fields)
    return words[1:-1] if words.startswith("(") and words.endswith(")") and len(tree.members) > 1 else words
