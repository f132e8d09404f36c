"""One list for every page: search, filters, chips, sort, numbered pages, selection and "all results".

A view says what its list is made of, and the same function serves the page, its htmx fragment and the bulk actions:

    def contact_list(request: Request) -> ListPage[Record]:
        return ListPage(
            request,
            Record.objects.for_list(),
            label=_("Contacts"),
            columns=[
                Column("name", _("Name"), sort=("name",), is_link=True),
                Column("created_at", _("Created At"), sort=("created_at",), template="includes/cell_when.html"),
            ],
            search=lambda rows, text: rows.filter(name__icontains=text),
            chips=[Chip("all", _("All")), Chip("active", _("Active"), Q(status="active"))],
            filters=[Filter("owner", _("Assigned User"), lambda rows, pk: rows.filter(owner_id=pk), owner_choices)],
            bulk=[BulkAction(_("Remove"), reverse("crm:records_remove", args=["contacts"]), "trash")],
            row_menu="crm/record_menu.html",
            order="name",
        )

    def contacts(request):        return contact_list(request).render("crm/record_list.html", {"extra": 1})
    def remove_contacts(request): rows = contact_list(request).selected()      # POST

The page template says `{% include "includes/list.html" %}`; it gets the list as `list`. Everything works by links and
forms; with htmx only the results are swapped. A list asks the database for its rows, their count and the counts of
all its chips together: three queries whatever it shows, beside those of its filters' choices.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from functools import cached_property
from typing import Any, Generic, TypeVar

from django.core.paginator import Page, Paginator
from django.db.models import Count, F, Model, Q, QuerySet
from django.db.models.expressions import BaseExpression, Combinable, OrderBy
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.utils.functional import Promise

M = TypeVar("M", bound=Model)
Text = str | Promise
PER_PAGE = 20
LONGEST_TEXT = 200
LONGEST_PK = 18  # digits that fit into the databases' integers


@dataclass(frozen=True, slots=True)
class Column:
    """One column. Its cell shows `value(row)`, else the attribute `name`; `template` gets both as `row` and `value`.

    `sort` is what `?sort=` orders by: field names or expressions. `look`: classes of its cells (num nowrap muted wide).
    """

    name: str
    label: Text
    value: Callable[[Any], object] | None = None
    template: str = ""
    sort: tuple[str | Combinable, ...] = ()
    look: str = ""
    is_link: bool = False

    def of(self, row: Any) -> object:
        return self.value(row) if self.value else getattr(row, self.name)


@dataclass(frozen=True, slots=True)
class Filter:
    """One control of the filter form. With `choices` a select whose other values are ignored, else a text input."""

    name: str
    label: Text
    apply: Callable[[Any, str], Any]  # (rows, value) -> rows
    choices: Callable[[], Iterable[tuple[str, Text]]] | None = None
    input_type: str = "text"


@dataclass(frozen=True, slots=True)
class Chip:
    """A ready-made filter with its count. `where` may not reach over to-many relations: rows would count twice."""

    name: str
    label: Text
    where: Q = Q()


@dataclass(frozen=True, slots=True)
class BulkAction:
    """A button of the bulk bar. It posts the selection to `url`, whose view calls `selected()` of the same list."""

    label: Text
    url: str
    icon: str
    is_dangerous: bool = False


@dataclass(frozen=True, slots=True)
class Nothing:
    """What a list without any row says: what the thing is, why it helps, and the first thing to do."""

    title: Text
    text: Text = ""
    icon: str = ""
    url: str = ""
    button: Text = ""


@dataclass(frozen=True, slots=True)
class Cell:
    column: Column
    value: object

    @property
    def shown(self) -> object:
        return "—" if self.value is None or self.value == "" else self.value


@dataclass(frozen=True, slots=True)
class Line:
    """A row as the table shows it."""

    row: Any
    cells: list[Cell]


@dataclass(frozen=True, slots=True)
class Heading:
    column: Column
    url: str  # "" when it cannot be sorted
    order: str  # "ascending", "descending" or ""


@dataclass(frozen=True, slots=True)
class ShownChip:
    label: Text
    url: str
    count: int
    is_current: bool


@dataclass(frozen=True, slots=True)
class ShownFilter:
    """A filter with its present value; `url` is the same list without it."""

    filter: Filter
    key: str
    value: str
    options: list[tuple[str, Text]]
    url: str

    @property
    def words(self) -> str:
        return str(dict(self.options).get(self.value, self.value))


@dataclass
class ListPage(Generic[M]):
    """The list that a request asks for. See the module for how to use it."""

    request: HttpRequest
    all_rows: "QuerySet[M]"
    _: KW_ONLY
    columns: Sequence[Column]
    label: Text
    name: str = "list"  # its id in the page
    search: Callable[[Any, str], Any] | None = None  # (rows, text) -> rows
    search_hint: Text = ""
    filters: Sequence[Filter] = ()
    chips: Sequence[Chip] = ()  # the first one is chosen when none is asked for
    bulk: Sequence[BulkAction] = ()
    row_menu: str = ""  # template of the last cell, with `row`
    order: str = ""  # the column sorted by at first, with "-" for descending
    size: int = PER_PAGE
    nothing: Nothing | None = None
    prefix: str = ""  # of the parameters: tells two lists of one page apart

    # ---- what was asked

    @cached_property
    def query(self) -> QueryDict:
        """The query string of the list; a bulk action posts it back as `query`."""
        return QueryDict(self.request.POST.get("query", "")) if self.request.method == "POST" else self.request.GET

    def key(self, name: str) -> str:
        return self.prefix + name

    def asked(self, name: str) -> str:
        return self.query.get(self.key(name), "").replace("\0", "").strip()[:LONGEST_TEXT]

    @property
    def has_search(self) -> bool:
        return self.search is not None  # templates would call the function itself

    @property
    def text(self) -> str:
        return self.asked("q") if self.search else ""

    @cached_property
    def chip(self) -> Chip | None:
        return next(
            (chip for chip in self.chips if chip.name == self.asked("show")), self.chips[0] if self.chips else None
        )

    @cached_property
    def shown_filters(self) -> list[ShownFilter]:
        return [self._shown(filter) for filter in self.filters]

    def _shown(self, filter: Filter) -> ShownFilter:
        options = [(str(value), label) for value, label in filter.choices()] if filter.choices else []
        value = self.asked(filter.name)
        if filter.choices and value not in dict(options):
            value = ""
        return ShownFilter(filter, self.key(filter.name), value, options, self.url(**{filter.name: ""}))

    @property
    def active_filters(self) -> list[ShownFilter]:
        return [shown for shown in self.shown_filters if shown.value]

    @property
    def is_narrowed(self) -> bool:
        return bool(self.text or self.active_filters or (self.chip and self.chip.where))

    @cached_property
    def sorting(self) -> tuple[Column | None, bool]:
        """(column, is descending); an unknown or unsortable column gives the list's own order."""
        for asked in (self.asked("sort"), self.order):
            column = next((c for c in self.columns if c.sort and c.name == asked.removeprefix("-")), None)
            if column:
                return column, asked.startswith("-")
        return None, False

    def url(self, **changes: object) -> str:
        """The query string of this list with changes; every change but a page's leads to the first page."""
        query = self.query.copy()
        for name, value in {"page": "", **changes}.items():
            query[self.key(name)] = "" if value is None else str(value)
        for empty in [key for key, value in query.items() if not value]:
            del query[empty]
        return f"?{query.urlencode()}"

    @property
    def clear_url(self) -> str:
        """The list without search, filters and chip; other lists of the page stay as they are."""
        return self.url(q="", show="", **{filter.name: "" for filter in self.filters})

    # ---- rows

    @cached_property
    def narrowed(self) -> QuerySet[M]:
        """The rows after search and filters, before the chip."""
        rows = self.search(self.all_rows, self.text) if self.search and self.text else self.all_rows
        for shown in self.active_filters:
            rows = shown.filter.apply(rows, shown.value)
        return rows

    @cached_property
    def rows(self) -> QuerySet[M]:
        """All results, unsorted."""
        return self.narrowed.filter(self.chip.where) if self.chip else self.narrowed

    @cached_property
    def _chip_counts(self) -> dict[str, int]:
        counts = {f"n{number}": Count("pk", filter=chip.where or None) for number, chip in enumerate(self.chips)}
        found = self.narrowed.order_by().aggregate(**counts)
        return {chip.name: found[f"n{number}"] for number, chip in enumerate(self.chips)}

    @cached_property
    def total(self) -> int:
        return self._chip_counts[self.chip.name] if self.chip else self.rows.count()

    @cached_property
    def page(self) -> "Page[Any]":
        paginator = Paginator(self.rows.order_by(*self._ordering()), self.size)
        paginator.count = self.total  # known already when there are chips
        return paginator.get_page(self.asked("page"))

    def _ordering(self) -> list[str | OrderBy]:
        column, is_descending = self.sorting
        found: list[str | OrderBy] = [_order(by, is_descending) for by in column.sort] if column else []
        return [*found, "-pk" if is_descending else "pk"]  # a row never stands on two pages

    def selected(self) -> QuerySet[M]:
        """The rows that a bulk action is about: the ticked ones, or with `scope=all` every result of the query."""
        data = self.request.POST
        if data.get("scope") == "all":
            return self.rows
        ids = [int(text) for text in data.getlist("selected") if text.isdecimal() and len(text) <= LONGEST_PK]
        return self.all_rows.filter(pk__in=ids)

    def selection_fields(self) -> list[tuple[str, str]]:
        """The selection as hidden fields, for a page that asks before it acts."""
        data = self.request.POST
        kept = [("query", data.get("query", ""))]
        if data.get("scope") == "all":
            return [*kept, ("scope", "all")]
        return kept + [("selected", text) for text in data.getlist("selected")]

    # ---- what the template shows

    @property
    def results_id(self) -> str:
        return f"{self.name}-results"

    @property
    def page_key(self) -> str:
        return self.key("page")

    @property
    def query_string(self) -> str:
        return self.query.urlencode()

    @property
    def kept(self) -> list[tuple[str, str]]:
        """What the filter form must carry along: chip, sort, and the state of other lists of the page."""
        own = {self.key(name) for name in ["q", "page", *(filter.name for filter in self.filters)]}
        return [(key, value) for key, values in self.query.lists() for value in values if key not in own]

    def headings(self) -> list[Heading]:
        current, is_descending = self.sorting
        found = []
        for column in self.columns:
            is_current = column is current
            turned = f"-{column.name}" if is_current and not is_descending else column.name
            order = ("descending" if is_descending else "ascending") if is_current else ""
            found.append(Heading(column, self.url(sort=turned) if column.sort else "", order))
        return found

    def lines(self) -> list[Line]:
        return [Line(row, [Cell(column, column.of(row)) for column in self.columns]) for row in self.page]

    def shown_chips(self) -> list[ShownChip]:
        return [
            ShownChip(chip.label, self._chip_url(chip), self._chip_counts[chip.name], chip is self.chip)
            for chip in self.chips
        ]

    def _chip_url(self, chip: Chip) -> str:
        return self.url(show="" if chip is self.chips[0] else chip.name)

    def render(self, template: str, context: Mapping[str, object] | None = None) -> HttpResponse:
        """The page, or the results alone when htmx asks for them."""
        is_fragment = self.request.headers.get("HX-Target") == self.results_id
        name = "includes/list_results.html" if is_fragment else template
        response = render(self.request, name, {**(context or {}), "list": self, "is_fragment": is_fragment})
        patch_vary_headers(response, ["HX-Request", "HX-Target"])
        if is_fragment:
            response["HX-Push-Url"] = self.request.path + self.url(page=self.asked("page"))  # without empty fields
        return response


def _order(by: str | Combinable, is_descending: bool) -> str | OrderBy:
    if isinstance(by, str):
        return _turned(by) if is_descending else by
    expression = by if isinstance(by, BaseExpression) else F(str(by))
    return expression.desc(nulls_last=True) if is_descending else expression.asc(nulls_last=True)


def _turned(name: str) -> str:
    return name[1:] if name.startswith("-") else f"-{name}"
