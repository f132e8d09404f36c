"""A walk over every page of the map of URLs, wide and narrow, light and dark.

Each page: every control is reached by keyboard and shows its focus, and is met by the mouse; what opens is opened and
closed by mouse; axe finds nothing, the console is silent, the policy blocks nothing, nothing is wider than the screen
from 320 px on, also with words that are 40 % longer and with what opens open. Answers that are no page (fragments,
redirects, POST only) are passed over; the last test counts, so that not everything can be.
"""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.e2e.conftest import is_shown, sign_in
from tests.e2e.looking import Looking
from tests.e2e.mousing import Mouse
from tests.e2e.pages import MORE, NAMES, objects_of, path
from tests.stack import Stack

FEWEST_PAGES = 45
looked_at: list[str] = []


@pytest.fixture(scope="module")
def objects(stack: Stack) -> dict[str, int]:
    return objects_of(stack)


@pytest.fixture(scope="module")
def walker(browser: Browser, stack: Stack, objects: dict[str, int]) -> Iterator[Looking]:
    """One page that stays signed in. Without motion, so that colours are the new ones as soon as the theme is."""
    context = browser.new_context(reduced_motion="reduce")
    page = context.new_page()
    sign_in(page, stack)
    context.add_cookies([{"name": "theme", "value": "light", "url": stack.url}])
    yield Looking(page)
    context.close()


@pytest.fixture(scope="module")
def mouse(walker: Looking) -> Mouse:
    return Mouse(walker)


def is_page(page: Page, url: str) -> bool:
    """Whether it is a page of the shell, and not a fragment, a document, or a URL for POST only."""
    answer = page.request.head(url)
    assert answer.status < 500, f"{url}: {answer.status}"
    if not is_shown(answer):
        return False
    page.goto(url)
    return page.locator("#side").count() == 1


@pytest.mark.parametrize("name", [*NAMES, *MORE])
def test_the_page_is_accessible_fits_and_keeps_to_the_policy(
    name: str, walker: Looking, mouse: Mouse, stack: Stack, objects: dict[str, int]
) -> None:
    walker.afresh()
    walker.resize(1440)
    if is_page(walker.page, stack.url + path(name, objects)):
        looked_at.append(name)
        look_at(walker, mouse)
        assert "\n".join(walker.problems) == ""


def look_at(seen: Looking, mouse: Mouse) -> None:
    """The page is loaded once: it is resized and gets its other theme in place."""
    seen.settled()
    seen.works_by_keyboard()
    mouse.opens_and_closes()
    seen.in_every_look(mouse.meets_everything)
    seen.with_longer_words()
    mouse.opens_and_closes()
    seen.kept_to_the_policy()
    seen.resize(1440)
    mouse.leads_on()


def test_the_walk_saw_the_pages() -> None:
    assert len(looked_at) >= FEWEST_PAGES
    assert {"crm:home", "crm:health", "crm:styleguide", "campaigns:detail", "targets:detail"} <= set(looked_at)
