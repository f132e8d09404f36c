"""Every icon that a page shows is in the sprite that the front-end build cuts."""

import re
from pathlib import Path

from django.conf import settings

from crm.navigation import _bulk_actions, _items

ROOT = Path(settings.BASE_DIR)
SPRITE = set((ROOT / "frontend" / "icons.txt").read_text().split())
TAGS = re.compile(r'\{% (?:icon|menu_link \S+ \S+|menu_post \S+ \S+) "([^"]+)"')


def test_templates_use_icons_of_the_sprite() -> None:
    used = {name for path in (ROOT / "templates").rglob("*.html") for name in TAGS.findall(path.read_text())}
    assert used - SPRITE == set()


def test_registered_items_use_icons_of_the_sprite() -> None:
    used = {item.icon for items in _items.values() for item in items} | {action.icon for action in _bulk_actions}
    assert used - SPRITE == set()


def test_the_list_of_icons_is_sorted_without_doubles() -> None:
    lines = (ROOT / "frontend" / "icons.txt").read_text().splitlines()
    assert lines == sorted(set(lines))
