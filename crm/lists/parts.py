"""What a list is made of, and what its template gets to see."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.db.models.expressions import Combinable
from django.utils.functional import Promise

Text = str | Promise
CEILING = 10_000  # rows that a list counts; above it says "more than"


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
    is_optional: bool = False  # shown only to those who choose it
    is_sparse: bool = False  # not every row has a value: those without one come last, whichever the direction
    is_indexed: bool = False  # an index has the rows in this order
    among: Q = Q()  # of a sparse column: which rows have a value, where saying more than that leads to an index
    look_up: Callable[[Sequence[Any]], None] | None = None  # gets all rows of a page before `value` is asked of each

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
    is_download: bool = False  # answers with a file: the page stays as it is


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
    """`count` is None until it is asked for; at the ceiling there are more."""

    label: Text
    url: str
    count: int | None
    is_current: bool
    note: Text = ""  # for the ears and the pointer: whose filter it is

    @property
    def is_cut(self) -> bool:
        return self.count is not None and self.count > CEILING


@dataclass(frozen=True, slots=True)
class Applied:
    """A filter in use, in words; `url` is the same list without it."""

    words: str
    url: str


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
