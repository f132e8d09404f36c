"""What the Administration page lists. The apps above add their items through `register`."""

from collections.abc import Callable
from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise

Text = str | Promise


@dataclass(frozen=True, slots=True)
class Item:
    """One page of the administration. `state` answers with one translated line about how things stand now."""

    section: Text
    title: Text
    url_name: str
    icon: str
    state: Callable[[], str]
    order: int = 100

    @property
    def url(self) -> str:
        return reverse(self.url_name)


@dataclass(frozen=True, slots=True)
class AccountPage:
    """A page about one email account that an app above adds; `url_name` takes the account's pk."""

    title: Text
    url_name: str
    icon: str


_items: list[Item] = []
_account_pages: list[AccountPage] = []


def register(item: Item) -> None:
    if item not in _items:
        _items.append(item)


def register_account_page(page: AccountPage) -> None:
    if page not in _account_pages:
        _account_pages.append(page)


def account_pages(account_pk: int) -> list[dict[str, object]]:
    """The registered pages of one account, as templates show them."""
    return [
        {"title": page.title, "icon": page.icon, "url": reverse(page.url_name, args=[account_pk])}
        for page in _account_pages
    ]


def sections() -> list[tuple[str, list[tuple[Item, str]]]]:
    """(section, [(item, its line of state)]) in the order of the items."""
    found: dict[str, list[tuple[Item, str]]] = {}
    for item in sorted(_items, key=lambda item: item.order):
        found.setdefault(str(item.section), []).append((item, item.state()))
    return list(found.items())


def pages() -> list[tuple[str, str, str]]:
    """(title, URL, icon) of every item, without asking how things stand."""
    return [(str(item.title), item.url, item.icon) for item in sorted(_items, key=lambda item: item.order)]
