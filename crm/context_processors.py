"""What every page of the signed-in shell needs: theme, navigation, languages."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import chain
from typing import cast

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from crm.access import Request
from crm.models import Theme, User
from crm.navigation import HEADINGS, NavItem, Section, Text, current, items
from crm.task_notices import finished, watched

THEME_COOKIE = "theme"
SIDEBAR_COOKIE = "sidebar"
SHOWN = (Section.HOME, Section.MARKETING, Section.AUDIENCE, Section.INSIGHT)


@dataclass(frozen=True, slots=True)
class Link:
    """An item of the navigation as this request shows it."""

    item: NavItem
    is_current: bool
    count: int
    has_alarm: bool


@dataclass(frozen=True, slots=True)
class Navigation:
    sections: list[tuple[Text, list[Link]]]  # (heading, links); the first has no heading
    foot: list[Link]
    dock: list[Link]
    create: list[NavItem]
    is_here: bool  # whether any link is current

    @property
    def is_below_more(self) -> bool:
        """On the phone: the page belongs to a link that the dock has no place for."""
        return self.is_here and not any(link.is_current for link in self.dock)

    @property
    def with_keys(self) -> list[Link]:
        """Those that a letter after g leads to."""
        every = [*(link for _heading, links in self.sections for link in links), *self.foot]
        return [link for link in every if link.item.key]


def theme_of(request: HttpRequest) -> str:
    chosen = request.COOKIES.get(THEME_COOKIE, "")
    return chosen if chosen in Theme.values else Theme.AUTO


def shell(request: HttpRequest) -> dict[str, object]:
    """`navigation` is made only when a template shows it: fragments and error pages ask the database nothing."""
    return {
        "theme": theme_of(request),
        "themes": Theme.choices,
        "is_narrow": request.COOKIES.get(SIDEBAR_COOKIE) == "narrow",
        "languages": settings.LANGUAGES,
        "navigation": SimpleLazyObject(_maker(request)),
        "finished_tasks": SimpleLazyObject(lambda: finished(request)),
        "watched_tasks": SimpleLazyObject(lambda: watched(request)),
    }


def _maker(request: HttpRequest) -> Callable[[], Navigation | None]:
    signed_in = isinstance(getattr(request, "user", None), User)
    return lambda: navigation(cast(Request, request)) if signed_in else None


def navigation(request: Request) -> Navigation:
    every = {section: items(section, request) for section in (*SHOWN, Section.FOOT)}
    view = request.resolver_match.view_name if request.resolver_match else ""
    here = current(list(chain.from_iterable(every.values())), request.path, view)
    links = {section: [_link(item, request, is_current=item in here) for item in every[section]] for section in every}
    sections: list[tuple[Text, list[Link]]] = [
        (HEADINGS.get(section, ""), links[section]) for section in SHOWN if links[section]
    ]
    dock = [link for _heading, those in sections for link in _docked(those)]
    create = items(Section.CREATE, request) if request.user.can_edit else []
    return Navigation(sections, links[Section.FOOT], dock[:4], create, bool(here))


def _link(item: NavItem, request: Request, *, is_current: bool) -> Link:
    count = item.count(request) if item.count else 0
    return Link(item, is_current, count, item.alarm(request) if item.alarm else False)


def _docked(links: list[Link]) -> list[Link]:
    """What stands for a section on the phone is current wherever one is in it."""
    is_here = any(link.is_current for link in links)
    return [replace(link, is_current=is_here) for link in links if link.item.dock]
