"""The form of a report, beside its conditions."""

from collections.abc import Iterable, Sequence
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from crm.entities.columns import columns_of
from crm.forms.administration_fields import LineField
from crm.lists import Column
from crm.lists.keeping import moved
from crm.models import EntityType
from targets.models import Report
from targets.reports.dimensions import Dimension, dimensions_of
from targets.reports.figures import Figure, figures_of
from targets.reports.records import report_type, zone_of

MOST_GROUPS, MOST_FIGURES = 2, 4
Options = list[Any]  # of a select, with its optgroups


class ReportForm(forms.ModelForm[Report]):
    """Name, description and sharing; of a list its order, of a grid its groups, figures and chart.

    Columns are read by `ColumnChoice`: their order is part of what is chosen.
    """

    name = LineField(label=_("Name"), max_length=200)

    class Meta:
        model = Report
        fields = ["name", "description", "is_shared", "chart"]
        widgets = {"description": forms.Textarea(attrs={"rows": 2})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        report = self.instance
        if report.is_grid:
            self._add_grid(report, report_type(report))
        else:
            del self.fields["chart"]
            self.fields["sort"] = forms.ChoiceField(
                label=_("Sort by"), required=False, initial=report.sort, choices=sort_options(report_type(report))
            )

    def _add_grid(self, report: Report, entity_type: EntityType) -> None:
        groups = dimension_options(dimensions_of(entity_type, zone_of(report)))
        figures = figure_options(figures_of(entity_type))
        for at in range(MOST_GROUPS):
            label = _("Group by") if at == 0 else _("Then by")
            self.fields[f"group_{at}"] = _choice(label, groups, report.groups, at)
        for at in range(MOST_FIGURES):
            label = _("Figure") if at == 0 else _("Another figure")
            self.fields[f"figure_{at}"] = _choice(label, figures, report.aggregates, at)

    @property
    def group_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name.startswith("group_")]

    @property
    def figure_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name.startswith("figure_")]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if self.instance.is_grid and not self._chosen("group_") and "group_0" not in self.errors:
            self.add_error("group_0", _("Choose what the records are grouped by."))
        if self.instance.is_grid:
            self.instance.groups, self.instance.aggregates = self._chosen("group_"), self._chosen("figure_")
        else:
            self.instance.sort = data.get("sort", "")
        return data

    def _chosen(self, prefix: str) -> list[list[str]]:
        """The chosen ones in order, none twice."""
        texts = [str(value) for name, value in self.cleaned_data.items() if name.startswith(prefix) and value]
        return [spec_of(text) for text in dict.fromkeys(texts)]


def _choice(label: Any, options: Options, chosen: Sequence[Sequence[str]], at: int) -> forms.ChoiceField:
    """A select, empty beyond the first; what was chosen and is gone is shown by its key, to be replaced."""
    text = text_of(chosen[at]) if at < len(chosen) else ""
    known = {value for _heading, members in options for value, _label in members}
    gone = [(text, text)] if text and text not in known else []
    return forms.ChoiceField(label=label, required=False, initial=text, choices=[("", "—"), *gone, *_plain(options)])


def _plain(options: Options) -> Options:
    """A heading with one option alone is the option."""
    return [members[0] if len(members) == 1 else (heading, members) for heading, members in options]


def text_of(spec: Sequence[str]) -> str:
    """["created_at", "month"] as the value of an option."""
    return ":".join(spec)


def spec_of(text: str) -> list[str]:
    first, _colon, second = text.partition(":")
    return [first, second]


def dimension_options(dimensions: Iterable[Dimension]) -> Options:
    found: dict[str, tuple[str, list[tuple[str, str]]]] = {}
    for one in dimensions:
        label = f"{one.label}, {one.period.label}" if one.period else one.label
        found.setdefault(one.key, (one.label, []))[1].append((text_of(one.spec), label))
    return list(found.values())


def figure_options(figures: Iterable[Figure]) -> Options:
    found: dict[str, tuple[str, list[tuple[str, str]]]] = {}
    for one in figures:
        found.setdefault(one.key, (one.label, []))[1].append((text_of(one.spec), one.label))
    return list(found.values())


def sort_options(entity_type: EntityType) -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = [("", _("Name"))]
    for column in columns_of(entity_type):
        if column.sort:
            found += [
                (column.name, _("%(field)s, ascending") % {"field": column.label}),
                (f"-{column.name}", _("%(field)s, descending") % {"field": column.label}),
            ]
    return found


# ---- columns


class ColumnChoice:
    """Which columns a list report has, in which order; `do` is up:NAME or down:NAME."""

    def __init__(self, report: Report, posted: QueryDict | None = None) -> None:
        self.columns = columns_of(report_type(report))
        known = [column.name for column in self.columns]
        usual = [column.name for column in self.columns if not column.is_optional]
        stored = [name for name in report.columns if name in known]
        self.chosen = stored or usual
        self.order = [*self.chosen, *(name for name in known if name not in self.chosen)]
        if posted is not None and "order" in posted:
            self._read(posted, known)

    def _read(self, posted: QueryDict, known: Sequence[str]) -> None:
        order = [name for name in dict.fromkeys(posted.getlist("order")) if name in known[1:]]
        self.order = [known[0], *order, *(name for name in known[1:] if name not in order)]
        ticked = set(posted.getlist("column"))
        verb, _colon, name = posted.get("do", "").partition(":")
        if verb in {"up", "down"}:
            self.order, ticked = moved(self.order, name, -1 if verb == "up" else 1), {*ticked, name}
        self.chosen = [name for name in self.order if name in ticked or name == known[0]]

    @property
    def choices(self) -> list[tuple[Column, bool]]:
        """(column, is chosen) in order, less the name, which always stands first."""
        known = {column.name: column for column in self.columns}
        return [(known[name], name in self.chosen) for name in self.order if name != self.columns[0].name]
