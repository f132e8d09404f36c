"""The conditions of a report while they are edited: the filter builder of lists within a larger form."""

from functools import cached_property
from typing import Any

from django.http import QueryDict

from crm.criteria import CriteriaError, Problem, parse
from crm.lists import builder
from targets.models import Report
from targets.reports.records import report_fields


class CriteriaEditor:
    """What templates/includes/list_builder_*.html take for a list: its name, the id of its builder, the drawn form."""

    name = "report"
    builder_id = "report-builder"

    def __init__(self, report: Report, posted: QueryDict | None = None) -> None:
        self.report, self.posted = report, posted
        self.fields = report_fields(report)

    @property
    def _is_submitted(self) -> bool:
        return self.posted is not None and f"{builder.ROOT}.mode" in self.posted

    @property
    def is_building(self) -> bool:
        """Whether a button of the builder was pressed, so that the form comes again as it is."""
        return self.posted is not None and f"{builder.ROOT}.do" in self.posted

    @cached_property
    def data(self) -> Any:
        """The tree as JSON, which may still be incomplete."""
        if self.posted is not None and self._is_submitted:
            return builder.submitted(self.posted, self.fields)
        return self.report.criteria or {"all": [[*builder.BLANK]]}

    @cached_property
    def criteria(self) -> Any:
        """What the report keeps: without blank lines, an empty object for no condition at all."""
        if not isinstance(self.data, dict) or len(self.data) != 1:
            return self.data
        found = builder.without_blanks(self.data)
        return found if next(iter(found.values())) else {}

    @cached_property
    def problems(self) -> list[Problem]:
        if self.is_building or not self.criteria:
            return []
        try:
            parse(self.criteria, self.fields)
        except CriteriaError as error:
            return error.problems
        return []

    @property
    def form(self) -> builder.ShownGroup:
        """As it is drawn, each problem beside its condition."""
        data = self.data if self.is_building or not self.criteria else self.criteria
        return builder.shown(data, self.fields, self.problems)
