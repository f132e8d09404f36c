"""Questions to begin with: what marketers ask most, each a report that is ready but for its name."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from crm.models import EntityType, User
from targets.models import ChartKind, Report, ReportKind


@dataclass(frozen=True, slots=True)
class Question:
    """`for_type` says whether it makes sense for an entity type; `values` are attributes of the report."""

    key: str
    label: Promise
    icon: str
    for_type: Callable[[EntityType], bool]
    values: dict[str, Any] = field(default_factory=dict)

    @property
    def kind(self) -> str:
        return str(self.values.get("kind", ReportKind.LIST))


_known: list[Question] = []


def register_question(question: Question) -> None:
    """The apps above register what they know to ask."""
    if question not in _known:
        _known.append(question)


def questions(entity_types: Iterable[EntityType]) -> list[tuple[Question, EntityType]]:
    """Each with the first type that it makes sense for."""
    types = list(entity_types)
    first = [(one, next((row for row in types if one.for_type(row)), None)) for one in _known]
    return [(one, row) for one, row in first if row is not None]


def new_report(entity_type: EntityType, kind: str, user: User, question: str = "") -> Report:
    """An unsaved report, filled in where a question is asked."""
    report = Report(entity_type=entity_type, kind=kind, owner=user)
    asked = next((one for one in _known if one.key == question and one.for_type(entity_type)), None)
    if asked is not None:
        report.name = str(asked.label).rstrip("?")
        for name, value in asked.values.items():
            setattr(report, name, value)
    elif report.is_grid:
        report.chart = ChartKind.BAR
    return report


def is_contact(entity_type: EntityType) -> bool:
    return entity_type.key == "Contact"


def has_field(name: str) -> Callable[[EntityType], bool]:
    return lambda entity_type: any(one.name == name for one in entity_type.fields.all())


GRID = {"kind": ReportKind.GRID, "aggregates": [["count", ""]]}
for asked in (
    Question(
        "new-by-month", _("How many contacts come every month?"), "chart-line", is_contact,
        {**GRID, "groups": [["created_at", "month"]], "chart": ChartKind.LINE},
    ),
    Question(
        "by-country", _("Where do our contacts live?"), "chart-bar", is_contact,
        {**GRID, "groups": [["f_country", ""]], "chart": ChartKind.BAR},
    ),
    Question(
        "leads-by-status", _("How many leads has everybody, by status?"), "chart-bar",
        lambda one: one.key == "Lead" and has_field("status")(one),
        {**GRID, "groups": [["owner", ""], ["f_status", ""]], "chart": ChartKind.BAR},
    ),
    Question(
        "email-states", _("How many contacts can get email?"), "chart-pie", is_contact,
        {**GRID, "groups": [["email_state", ""]], "chart": ChartKind.PIE},
    ),
    Question(
        "on-no-address", _("Which contacts have no email address?"), "mail-off", is_contact,
        {"criteria": {"all": [["email_state", "any", ["none"]]]}},
    ),
):  # fmt: skip
    register_question(asked)
