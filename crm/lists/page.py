"""ListPage: what a request asks of a list, and the rows that answer. The package says how to use it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from functools import cached_property
from typing import Any, Generic, TypeVar

from django.core.paginator import Page
from django.db.models import F, Model, Q, QuerySet
from django.db.models.expressions import BaseExpression, Combinable, OrderBy
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.utils.cache import patch_vary_headers

from crm.criteria import Fields
from crm.lists.counting import CappedPaginator, capped_counts
from crm.lists.fetching import LatePage, early, in_parts, ordered
from crm.lists.found import Found
from crm.lists.kept import Kept
from crm.lists.narrowing import Narrowing
from crm.lists.parts import (
    CEILING,
    Applied,
    BulkAction,
    Cell,
    Chip,
    Column,
    Filter,
    Heading,
    Line,
    Nothing,
    ShownChip,
    ShownFilter,
    Text,
)

M = TypeVar("M", bound=Model)
PER_PAGE = 20
LONGEST_TEXT = 200
LONGEST_PK = 18  # digits that fit into the databases' integers
BUILDER = "b."  # how the parameters of the filter builder begin; they never stay in a URL


@dataclass
class ListPage(Generic[M]):
    """The list that a request asks for. See the package for how to use it."""

    request: HttpRequest
    all_rows: "QuerySet[M]"
    _: KW_ONLY
    columns: Sequence[Column]
    label: Text
    name: str = "list"  # its id in the page
    search: Callable[[Any, str], Any] | None = None  # (rows, text) -> rows
    search_hint: Text = ""
    filters: Sequence[Filter] = ()
    criteria: Callable[[], Fields] | None = None  # what the filter builder may ask about
    chips: Sequence[Chip] = ()  # the first one is chosen when none is asked for
    bulk: Sequence[BulkAction] = ()
    row_menu: str = ""  # template of the last cell, with `row`
    order: str = ""  # the column sorted by at first, with "-" for descending
    size: int = PER_PAGE
    nothing: Nothing | None = None
    prefix: str = ""  # of the parameters: tells two lists of one page apart
    export: str = ""  # where all results can be exported; gets the query string of the list
    kept_as: str = ""  # the name under which columns, page size and saved filters are kept
    not_kept: Sequence[str] = ()  # filters by what only this page's thing has, where others share `kept_as`
    instead: QueryDict | None = None  # this query string instead of the request's
    chip_key: str = "show"  # the parameter that names the chip
    beside: str = ""  # template of what stands elsewhere in the page and follows the state of the list, by its own id

    # ---- what was asked

    @cached_property
    def submitted(self) -> QueryDict:
        """Everything that came, the parameters of the filter builder among it."""
        if self.instead is not None:
            return self.instead
        return QueryDict(self.request.POST.get("query", "")) if self.request.method == "POST" else self.request.GET

    @cached_property
    def query(self) -> QueryDict:
        """The query string of the list; a bulk action posts it back as `query`."""
        query = self.submitted.copy()
        for key in [key for key in query if key.startswith(BUILDER)]:
            del query[key]
        return query

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
            (chip for chip in self.chips if chip.name == self.asked(self.chip_key)),
            self.chips[0] if self.chips else None,
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

    @cached_property
    def active_filters(self) -> list[ShownFilter]:
        return [self._shown(filter) for filter in self.filters if self.asked(filter.name)]

    @cached_property
    def narrowing(self) -> Narrowing | None:
        """The conditions of the filter builder, for lists that have one."""
        return Narrowing(self, self.criteria()) if self.criteria else None

    @cached_property
    def kept(self) -> Kept | None:
        """Columns, page size and saved filters of this person, for lists that keep them."""
        user = getattr(self.request, "user", None)
        return Kept(self, user) if self.kept_as and user is not None and user.is_authenticated else None

    @property
    def is_narrowed(self) -> bool:
        conditions = self.narrowing is not None and bool(self.narrowing.text)
        return bool(self.text or self.applied or conditions or (self.chip and self.chip.where))

    @property
    def is_searched(self) -> bool:
        """By words or filters, which a chip is not."""
        return bool(self.text or self.applied)

    @property
    def problems(self) -> list[str]:
        """Why the filter cannot be used; then the list shows no rows rather than wrong ones."""
        conditions = self.narrowing.sentences if self.narrowing else []
        return [*conditions, *(self.kept.problems if self.kept else [])]

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
        none: dict[str, object] = {filter.name: "" for filter in self.filters}
        return self.url(q="", where="", saved="", count="", **{self.chip_key: self.first_chip}, **none)

    @property
    def first_chip(self) -> str:
        """What asks for the first chip: its name only where a default filter would come instead."""
        return self.chips[0].name if self.chips and self.kept and self.kept.has_default else ""

    # ---- rows

    @cached_property
    def found(self) -> QuerySet[M]:
        """The rows after search and filters, before the chip."""
        if self.problems:
            return self.all_rows.none()
        rows = self.search(self.all_rows, self.text) if self.search and self.text else self.all_rows
        for shown in self.active_filters:
            rows = shown.filter.apply(rows, shown.value) if shown.value else rows
        return self.narrowing.apply(rows) if self.narrowing else rows

    @cached_property
    def results(self) -> Found[M]:
        return Found(self.all_rows, self.found, self.chips, self.chip)

    @cached_property
    def rows(self) -> "QuerySet[M]":
        """All results, unsorted."""
        return self.results.rows

    @cached_property
    def _chip_counts(self) -> dict[str, int | None]:
        """Those that are None the page asks for itself, once it stands, as the part `ready_id`."""
        return self.results.counts(is_late=self.request.headers.get("HX-Target") == self.ready_id)

    @property
    def counts_late(self) -> bool:
        return None in self._chip_counts.values()

    @cached_property
    def total(self) -> int:
        """The number of results; beyond the ceiling only that there are more, unless `count=exact` is asked for."""
        if self.chip and not self.is_exact:
            return self._chip_counts[self.chip.name] or 0
        return self.rows.count() if self.is_exact else capped_counts([self.rows])[0]

    def counts_of(self, pages: "Sequence[ListPage[M]]") -> list[int]:
        """The results of other states of this list, all together in one query."""
        return capped_counts([page.found.filter(page.chip.where if page.chip else Q()) for page in pages])

    @property
    def is_exact(self) -> bool:
        return self.asked("count") == "exact"

    @property
    def is_cut(self) -> bool:
        return self.total > CEILING and not self.is_exact

    @property
    def exact_url(self) -> str:
        return self.url(count="exact")

    @cached_property
    def page(self) -> "Page[Any]":
        size = self.kept.size(self.size) if self.kept else self.size
        found = LatePage(self._early, self._matching, self.all_rows, self.total)
        return CappedPaginator(found, size, self.total, is_exact=self.is_exact).get_page(self.asked("page"))

    def _early(self) -> "QuerySet[M]":
        """The beginning of very many results, where the list has an index of its order; else nothing."""
        column, _is_descending = self.sorting
        if column is None or not column.is_indexed or not self.is_narrowed or self.total <= CEILING:
            return self.all_rows.none()
        return early(self.results.results, self.all_rows, self._ordering(), column)

    def _matching(self) -> Sequence[QuerySet[M]]:
        """All results in order, the parts one behind the other."""
        column, _is_descending = self.sorting
        if not self.is_narrowed:
            return in_parts(self.rows, column, lambda rows: rows.order_by(*self._ordering()))
        few = self.results.are_few
        return in_parts(self.results.results, column, lambda part: ordered(part, self._ordering(), are_few=few))

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

    def chosen(self) -> QuerySet[M]:
        """The same in the order of the list."""
        return self.selected().order_by(*self._ordering())

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
    def builder_id(self) -> str:
        return f"{self.name}-builder"

    @property
    def ready_id(self) -> str:
        return f"{self.name}-ready"

    @property
    def saved_id(self) -> str:
        return f"{self.name}-saved"

    @property
    def page_key(self) -> str:
        return self.key("page")

    @property
    def query_string(self) -> str:
        return self.query.urlencode()

    @property
    def carried(self) -> list[tuple[str, str]]:
        """What the search form must carry along: chip, sort, conditions, and the state of other lists of the page."""
        own = {self.key(name) for name in ["q", "page", "count", *(filter.name for filter in self._controls)]}
        return [(key, value) for key, values in self.query.lists() for value in values if key not in own]

    @property
    def _controls(self) -> Sequence[Filter]:
        """The filters that have a control: where there is a filter builder it does their work."""
        return () if self.criteria else self.filters

    @cached_property
    def applied(self) -> list[Applied]:
        """Filters and conditions in use, each with the way out of it."""
        simple = [Applied(f"{one.filter.label}: {one.words}", one.url) for one in self.active_filters if one.value]
        return [*simple, *(self.narrowing.applied if self.narrowing else [])]

    @cached_property
    def shown_columns(self) -> Sequence[Column]:
        return self.kept.columns(self.columns) if self.kept else [c for c in self.columns if not c.is_optional]

    def headings(self) -> list[Heading]:
        current, is_descending = self.sorting
        found = []
        for column in self.shown_columns:
            is_current = column is current
            turned = f"-{column.name}" if is_current and not is_descending else column.name
            order = ("descending" if is_descending else "ascending") if is_current else ""
            found.append(Heading(column, self.url(sort=turned) if column.sort else "", order))
        return found

    def lines(self) -> list[Line]:
        columns, rows = self.shown_columns, list(self.page)
        for column in columns:
            if column.look_up:
                column.look_up(rows)
        return [Line(row, [Cell(column, column.of(row)) for column in columns]) for row in rows]

    def shown_chips(self) -> list[ShownChip]:
        saved = self.kept is not None and self.kept.current is not None
        return [
            ShownChip(
                chip.label, self._chip_url(chip), self._chip_counts.get(chip.name), chip is self.chip and not saved
            )
            for chip in self.chips
        ]

    def _chip_url(self, chip: Chip) -> str:
        name = self.first_chip if chip is self.chips[0] else chip.name
        return self.url(**{self.chip_key: name}, saved="", count="")

    def render(self, template: str, context: Mapping[str, object] | None = None) -> HttpResponse:
        """The page, or for htmx the part that it asks for; a redirect to a clean URL when filters were applied."""
        asked_part = self.request.headers.get("HX-Target")
        if target := self._redirect():
            return HttpResponseRedirect(self.request.path + target)
        parts = {
            self.results_id: "includes/list_results.html",
            self.builder_id: "includes/list_builder.html",
            self.saved_id: "includes/list_saved_chips.html",
            self.ready_id: "includes/list_ready_chips.html",
        }
        name = parts.get(asked_part or "", template)
        is_fragment = name == parts[self.results_id]
        response = render(self.request, name, {**(context or {}), "list": self, "is_fragment": is_fragment})
        patch_vary_headers(response, ["HX-Request", "HX-Target"])
        if is_fragment:
            response["HX-Push-Url"] = self.request.path + self.url(page=self.asked("page"))  # without empty fields
        return response

    def _redirect(self) -> str:
        """Where to go instead: the applied conditions as one parameter, or this person's default filter."""
        if self.narrowing and self.narrowing.is_applied:
            return self.url(where=self.narrowing.text, count="")
        is_plain = not self.request.GET and not self.request.headers.get("HX-Request")
        return self.kept.default_url if self.kept and is_plain else ""


def _order(by: str | Combinable, is_descending: bool) -> str | OrderBy:
    if isinstance(by, str):
        return _turned(by) if is_descending else by
    expression = by if isinstance(by, BaseExpression) else F(str(by))
    return expression.desc(nulls_last=True) if is_descending else expression.asc(nulls_last=True)


def _turned(name: str) -> str:
    return name[1:] if name.startswith("-") else f"-{name}"
