"""What the shell shows. The apps above register their pages, panels and figures here from their `navigation` modules.

register(Section.MARKETING, NavItem(_("Campaigns"), "campaigns:list", "speakerphone", 10, dock=_("Campaigns")))
register(Section.CREATE, NavItem(_("Campaign"), "campaigns:new", "speakerphone", 10))
register_record_panel(target_lists_of)   # (request, record) -> Panel | None
register_address_panel(bounces_of)       # (request, email address) -> Panel | None
register_home_panel(upcoming)            # (request) -> Panel | None
register_home_figures(of_this_week)      # (request) -> list[Figure]
register_need(failed_sends)              # (request) -> list[Finding]: what somebody has to look at
register_step(first_campaign)            # (request) -> Step
register_search(find_campaigns)          # (request, text) -> list[Found]
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeVar
from urllib.parse import urlencode

from django.db.models import Model, QuerySet
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from crm.access import Request
from crm.health import Finding, State
from crm.models import EmailAddress, Record

Text = str | Promise


class Section(StrEnum):
    """Where an item stands. HOME has no heading, FOOT is at the bottom of the sidebar, CREATE is the ＋ menu."""

    HOME = "home"
    MARKETING = "marketing"
    AUDIENCE = "audience"
    INSIGHT = "insight"
    FOOT = "foot"
    CREATE = "create"


HEADINGS = {Section.MARKETING: _("Marketing"), Section.AUDIENCE: _("Audience"), Section.INSIGHT: _("Insight")}


def everyone(request: Request) -> bool:
    return True


def editors(request: Request) -> bool:
    return request.user.can_edit


def administrators(request: Request) -> bool:
    return request.user.is_administrator


@dataclass(frozen=True, slots=True)
class NavItem:
    """One link. It is current on pages below `active_prefixes`, or below its own URL when none are given, and on
    `active_views` (names of URLs), wherever these are.

    `dock` is its short name on the phone's dock ("" keeps it off), `count` a small number beside it (0 is not shown),
    `key` the letter that leads there after g, `alarm` whether a dot says that something is wrong there, `tone` the
    colour of its icon.
    """

    label: Text
    url_name: str
    icon: str
    order: int = 100
    active_prefixes: tuple[str, ...] = ()
    active_views: tuple[str, ...] = ()
    args: tuple[object, ...] = ()
    dock: Text = ""
    visible: Callable[[Request], bool] = everyone
    count: Callable[[Request], int] | None = None
    key: str = ""
    alarm: Callable[[Request], bool] | None = None
    tone: str = ""

    @property
    def url(self) -> str:
        return reverse(self.url_name, args=self.args)

    def is_above(self, path: str) -> bool:
        prefixes = self.active_prefixes or (self.url,)
        return any(path == "/" if prefix == "/" else path.startswith(prefix) for prefix in prefixes)


@dataclass(frozen=True, slots=True)
class Panel:
    """A card on Home or on a record. `template` gets it as `panel`, with `panel.context` inside.

    On Home: an `is_aside` one stands in the narrow column, an `is_live` one is asked for again every few seconds.
    """

    title: Text
    template: str
    context: dict[str, Any] = field(default_factory=dict)
    order: int = 100
    name: str = ""  # the id of the card
    is_aside: bool = False
    is_live: bool = False


@dataclass(frozen=True, slots=True)
class Figure:
    """One number on Home. `tone` is a data colour: sent, opened, clicked, lead, optout, bounced, good or "".

    `before` is the number of the period before, for the change; `trend` the numbers that the small line shows.
    """

    label: Text
    value: int | None  # None: not measured
    url: str
    note: Text = ""
    tone: str = ""
    order: int = 100
    before: int | None = None
    trend: tuple[int, ...] = ()
    share: str = ""  # of the whole, as text: 37.3%

    @property
    def change(self) -> int | None:
        """Percent more (or, negative, fewer) than before; None where nothing was before."""
        return round(100 * ((self.value or 0) - self.before) / self.before) if self.before else None


@dataclass(frozen=True, slots=True)
class Step:
    """One of the first steps. It detects itself from data whether it is done; `url` is where to do it.

    The steps are shown until all are done that are not optional, or until what they lead to has happened: `is_over`.
    """

    title: Text
    note: Text
    is_done: bool
    url: str = ""
    button: Text = ""
    order: int = 100
    is_optional: bool = False
    is_over: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """One hit of the search over everything. `kind` heads all of its kind, so it is a plural; `more` is where all of
    them are listed, when only the first few were asked for.
    """

    title: str
    url: str
    kind: Text
    icon: str
    note: str = ""
    more: str = ""


@dataclass(frozen=True, slots=True)
class RecordBulkAction:
    """A button of the bulk bar over records. It posts the selection to `url_name` with the slug of the entity type."""

    label: Text
    url_name: str
    icon: str
    order: int = 100
    is_dangerous: bool = False


Items = Callable[[Request], Iterable[NavItem]]
_items: dict[Section, list[NavItem]] = {section: [] for section in Section}
_providers: list[tuple[Section, Items]] = []
_home_panels: list[Callable[[Request], Panel | None]] = []
_home_figures: list[Callable[[Request], list[Figure]]] = []
_needs: list[Callable[[Request], list[Finding]]] = []
_health_panels: list[Callable[[Request], Panel | None]] = []
_steps: list[Callable[[Request], Step | None]] = []
_record_panels: list[Callable[[Request, Record], Panel | None]] = []
_address_panels: list[Callable[[Request, EmailAddress], Panel | None]] = []
_searches: list[Callable[[Request, str], list[Found]]] = []
_bulk_actions: list[RecordBulkAction] = []
T = TypeVar("T")
M = TypeVar("M", bound=Model)


def _add(registered: list[T], new: T) -> None:
    """A module that is imported twice (autoreload, tests) registers once."""
    if new not in registered:
        registered.append(new)


def register(section: Section, item: NavItem) -> None:
    _add(_items[section], item)


def register_items(section: Section, provide: Items) -> None:
    """For items that depend on data, such as one per entity type."""
    _add(_providers, (section, provide))


def register_home_panel(provide: Callable[[Request], Panel | None]) -> None:
    _add(_home_panels, provide)


def register_home_figures(provide: Callable[[Request], list[Figure]]) -> None:
    _add(_home_figures, provide)


def register_need(provide: Callable[[Request], list[Finding]]) -> None:
    """What Home lists under *Needs you*: errors and warnings, each with its fix."""
    _add(_needs, provide)


def register_health_panel(provide: Callable[[Request], Panel | None]) -> None:
    """A card in the narrow column of Health."""
    _add(_health_panels, provide)


def register_step(provide: Callable[[Request], Step | None]) -> None:
    _add(_steps, provide)


def register_record_panel(provide: Callable[[Request, Record], Panel | None]) -> None:
    _add(_record_panels, provide)


def register_address_panel(provide: Callable[[Request, EmailAddress], Panel | None]) -> None:
    """A card on the page of an email address in Administration."""
    _add(_address_panels, provide)


def register_search(find: Callable[[Request, str], list[Found]]) -> None:
    """`find(request, text)` answers with a handful of hits, best first."""
    _add(_searches, find)


def register_record_bulk_action(action: RecordBulkAction) -> None:
    _add(_bulk_actions, action)


def items(section: Section, request: Request) -> list[NavItem]:
    """What this person may see in a section, in order."""
    provided = [item for place, provide in _providers if place == section for item in provide(request)]
    shown = [item for item in [*_items[section], *provided] if item.visible(request)]
    return sorted(shown, key=lambda item: item.order)


def current(every: list[NavItem], path: str, view: str) -> list[NavItem]:
    """Those that claim the view, else those that the path is below."""
    return [item for item in every if view in item.active_views] or [item for item in every if item.is_above(path)]


def _in_order(made: Iterable[Any]) -> list[Any]:
    return sorted((one for one in made if one is not None), key=lambda one: one.order)


def home_panels(request: Request) -> list[Panel]:
    return _in_order(provide(request) for provide in _home_panels)


def home_figures(request: Request) -> list[Figure]:
    return _in_order(figure for provide in _home_figures for figure in provide(request))


def needs(request: Request) -> list[Finding]:
    """Errors first."""
    found = [finding for provide in _needs for finding in provide(request)]
    return sorted(found, key=lambda finding: finding.state != State.ERROR)


def steps(request: Request) -> list[Step]:
    return _in_order(provide(request) for provide in _steps)


def health_panels(request: Request) -> list[Panel]:
    return _in_order(provide(request) for provide in _health_panels)


def record_panels(request: Request, record: Record) -> list[Panel]:
    return _in_order(provide(request, record) for provide in _record_panels)


def address_panels(request: Request, address: EmailAddress) -> list[Panel]:
    return _in_order(provide(request, address) for provide in _address_panels)


def record_bulk_actions() -> list[RecordBulkAction]:
    return _in_order(_bulk_actions)


def first_few(rows: "QuerySet[M]", most: int, where: str, text: str) -> tuple[list[M], str]:
    """The first of what a search finds; and where all of it is listed, "" when that is no more."""
    some = list(rows[: most + 1])
    return some[:most], f"{where}?{urlencode({'q': text})}" if len(some) > most else ""


def found(request: Request, text: str) -> list[Found]:
    """Hits of every registered search, those that are about one kind of thing together."""
    return [hit for find in _searches for hit in find(request, text)]
