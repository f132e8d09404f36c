"""What every page of the signed-in shell needs: theme, navigation, languages."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from crm.access import Request
from crm.models import Theme, User
from crm.navigation import HEADINGS, NavItem, Section, Text, items
from crm.task_notices import finished, watched

THEME_COOKIE = "theme"
SIDEBAR_COOKIE = "sidebar"


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
    shown = [Section.HOME, Section.MARKETING, Section.AUDIENCE, Section.INSIGHT]
    sections = [(HEADINGS.get(section, ""), _links(section, request)) for section in shown]
    foot = _links(Section.FOOT, request)
    dock = [link for _heading, links in sections for link in links if link.item.dock]
    create = items(Section.CREATE, request) if request.user.can_edit else []
    return Navigation([entry for entry in sections if entry[1]], foot, dock[:4], create)


def _links(section: Section, request: Request) -> list[Link]:
    return [
        Link(
            item,
            item.is_current(request.path),
            item.count(request) if item.count else 0,
            item.alarm(request) if item.alarm else False,
        )
        for item in items(section, request)
    ]
