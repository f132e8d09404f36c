"""Pages and actions as hits of the search: whatever the navigation and the administration list for this person."""

import unicodedata
from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext as _

from crm.access import Request
from crm.administration import pages
from crm.navigation import Found, Section, items

PLACES = (Section.HOME, Section.MARKETING, Section.AUDIENCE, Section.INSIGHT, Section.FOOT)


def matching_pages(request: Request, text: str) -> list[Found]:
    """Pages and actions whose words begin with every word of `text`; accents and case do not count."""
    wanted = _plain(text).split()
    return [hit for hit in _all(request) if _matches(_plain(f"{hit.title} {hit.note}"), wanted)]


def starting_points(request: Request) -> list[Found]:
    """What the palette shows before anything is typed."""
    return [hit for hit in _all(request) if not hit.note]


def _matches(title: str, wanted: list[str]) -> bool:
    words = title.split()
    return all(any(word.startswith(part) for word in words) for part in wanted)


def _plain(text: str) -> str:
    parts = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in parts if not unicodedata.combining(letter))


def _all(request: Request) -> Iterator[Found]:
    page, action = _("Go to"), _("Actions")
    if request.user.can_edit:
        for item in items(Section.CREATE, request):
            yield Found(_("Create %(what)s") % {"what": item.label}, item.url, action, "plus")
    for section in PLACES:
        for item in items(section, request):
            yield Found(str(item.label), item.url, page, item.icon)
    yield Found(_("Profile"), reverse("crm:profile"), page, "user-circle")
    yield Found(_("Help and keyboard shortcuts"), reverse("crm:help"), page, "help")
    if request.user.is_administrator:
        for title, url, icon in pages():
            yield Found(title, url, page, icon, _("Administration"))
