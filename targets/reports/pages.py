"""The list of reports, and the records of a list report as a list."""

from dataclasses import replace
from typing import Any

from django.db.models import F, Q
from django.db.models.lookups import IsNull
from django.urls import reverse
from django.utils.translation import gettext as _

from crm.access import Request
from crm.criteria import Field, Fields, Kind, keyed, where
from crm.entities.columns import columns_of
from crm.entities.finding import search_records
from crm.lists import Chip, Column, ListPage, Nothing
from crm.models import EntityType, Record, User
from targets.models import Report, ReportKind
from targets.reports.records import report_q, report_type


def reports(request: Request) -> ListPage[Report]:
    """Every report that the person may see."""
    rows = Report.objects.visible_to(request.user).select_related("entity_type", "owner")
    return ListPage(
        request,
        rows,
        label=_("Reports"),
        kept_as="reports",
        criteria=_fields,
        columns=_columns(),
        search=lambda rows, text: rows.filter(Q(name__icontains=text) | Q(description__icontains=text)),
        search_hint=_("Search reports"),
        chips=[
            Chip("all", _("All")),
            Chip("mine", _("Only My"), Q(owner=request.user)),
            Chip("list", _("Lists"), Q(kind=ReportKind.LIST)),
            Chip("grid", _("Grids"), Q(kind=ReportKind.GRID)),
        ],
        row_menu="targets/reports/row_menu.html",
        order="name",
        nothing=Nothing(
            _("No reports yet"),
            _("A report is a question that stays: who clicked last month, how many contacts each country has."),
            "chart-bar",
            reverse("targets:report_new") if request.user.can_edit else "",
            _("Create Report"),
        ),
    )


def _columns() -> list[Column]:
    moment, muted = "includes/cell_when.html", "muted"
    kind = "targets/reports/cell_kind.html"
    return [
        Column("name", _("Name"), template="targets/reports/cell_name.html", sort=("name",)),
        Column("kind", _("Type"), Report.get_kind_display, kind, ("kind",), "nowrap"),
        Column("entity_type", _("Entity type"), _type_name, sort=("entity_type__label_plural",)),
        Column("owner", _("Assigned User"), sort=("owner__first_name", "owner__username"), look=muted),
        Column("is_shared", _("Shared"), lambda row: _("Everybody") if row.is_shared else _("Only owner"), look=muted),
        Column("modified_at", _("Modified At"), None, moment, ("modified_at",), "nowrap muted hide-sm"),
        Column("created_at", _("Created At"), None, moment, ("created_at",), "nowrap muted", is_optional=True),
    ]


def _type_name(report: Report) -> str:
    return report.entity_type.plural if report.entity_type else ""


def _fields() -> Fields:
    owner = where.one_of(F("owner_id"), Q(IsNull(F("owner_id"), True)), int)
    of_type = where.one_of(F("entity_type_id"), Q(IsNull(F("entity_type_id"), True)), int)
    return keyed([
        Field("name", _("Name"), Kind.TEXT, where.text("name")),
        Field("description", _("Description"), Kind.TEXT, where.text("description")),
        Field("kind", _("Type"), Kind.CHOICE, where.choice("kind"), lambda: ReportKind.choices),
        Field("entity_type", _("Entity type"), Kind.CHOICE, of_type, _types),
        Field("owner", _("Assigned User"), Kind.CHOICE, owner, _people),
        Field("modified_at", _("Modified At"), Kind.MOMENT, where.moment("modified_at")),
        Field("created_at", _("Created At"), Kind.MOMENT, where.moment("created_at")),
    ])  # fmt: skip


def _people() -> list[tuple[str, str]]:
    return [(str(user.pk), str(user)) for user in User.objects.order_by("first_name", "username")]


def _types() -> list[tuple[str, str]]:
    return [(str(one.pk), one.plural) for one in EntityType.objects.all()]


# ---- the records of one


def chosen_columns(report: Report) -> tuple[list[Column], list[str]]:
    """(the columns in their order, the names of those that are gone). The first column leads to the record and is
    always there; the one that only sorts is there and not shown."""
    columns, by = columns_of(report_type(report)), report.sort.removeprefix("-")
    known = {column.name: column for column in columns}
    usual = [column.name for column in columns if not column.is_optional]
    names = [columns[0].name, *(name for name in report.columns or usual if name != columns[0].name)]
    chosen = [replace(known[name], is_optional=False) for name in names if name in known]
    if by in known and by not in names:
        chosen.append(replace(known[by], is_optional=True))
    return chosen, [name for name in dict.fromkeys([*names, by]) if name and name not in known]


def records(request: Request, report: Report, query: Any = None) -> ListPage[Record]:
    """The records of a list report. The report is the only chip: so the list knows that it is narrowed, and finds its
    pages as it does for any filter. Raises ReportError."""
    columns, _gone = chosen_columns(report)
    return ListPage(
        request,
        Record.objects.of_type(report_type(report)).for_list(),
        columns=columns,
        label=report.name,
        name="records",
        search=search_records,
        search_hint=_("Search in the result"),
        chips=[Chip("all", _("Result"), report_q(report))],
        order=report.sort or "name",
        instead=query,
    )
