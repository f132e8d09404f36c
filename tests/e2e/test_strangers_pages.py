"""What somebody sees who is not signed in: the page to sign in, and every page that a mail leads to.

As tests.e2e.test_every_page asks of the shell's pages: axe, the console, the policy, both themes, from 320 px on, also
with words that are 40 % longer.
"""

from collections.abc import Callable, Iterator
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from campaigns.models import Link
from tests.campaigns.tracking.conftest import Mail, make_mail
from tests.e2e.looking import Looking
from tests.e2e.mousing import Mouse

Theme = Literal["light", "dark"]
pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)

LONG = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"
MESSAGE = f"""# Thank you
Your seat is kept: [the way there](https://acme.example.com/{LONG}).

| Day | What there is to see |
|-----|----------------------|
| 1   | {LONG} |

> {LONG}

    a line of code that is much longer than a telephone held upright is wide, and longer still
"""


@pytest.fixture
def seen(browser: Browser) -> Iterator[Looking]:
    context = browser.new_context(reduced_motion="reduce")
    yield Looking(context.new_page())
    context.close()


def opt_out(page: Page, at: str, mail: Mail) -> str:
    """Nothing is pressed on it, which would be the sign of a person: it stays the question."""
    page.goto(at + mail.opt_out_url)
    return "Unsubscribe"


def opted_out(page: Page, at: str, mail: Mail) -> str:
    """By the pointer alone: a press could come when the page that follows is there."""
    page.goto(at + mail.opt_out_url)
    page.mouse.move(40, 40)
    page.mouse.move(60, 80)
    page.wait_for_selector("text=Subscribe again")
    return "You have been unsubscribed"


def preferences(page: Page, at: str, mail: Mail) -> str:
    page.goto(at + mail.preferences_url)
    return "Email preferences"


def saved_preferences(page: Page, at: str, mail: Mail) -> str:
    page.goto(at + mail.preferences_url)
    page.get_by_role("switch").last.check()
    page.click("button")
    page.wait_for_selector("[role=status]")
    return "Email preferences"


def message(page: Page, at: str, mail: Mail) -> str:
    Link.objects.filter(pk=mail.link.pk).update(message=MESSAGE)
    page.goto(at + mail.click_url)
    return "Thank you"


def bad_link(page: Page, at: str, _mail: Mail) -> str:
    page.goto(at + "/p/not-a-link")
    return "This link does not work"


def login(page: Page, at: str, _mail: Mail) -> str:
    page.goto(at + "/login/")
    return "Sign in"


def refused_login(page: Page, at: str, _mail: Mail) -> str:
    page.goto(at + "/login/")
    page.fill("[name=username]", "nobody")
    page.fill("[name=password]", "wrong")
    page.press("[name=password]", "Enter")
    page.wait_for_selector("[role=alert]")
    return "Sign in"


# Each opens its page and tells the heading that it must have.
PAGES: list[Callable[[Page, str, Mail], str]] = [
    opt_out, opted_out, preferences, saved_preferences, message, bad_link, login, refused_login,
]  # fmt: skip
ANSWERED_404 = (
    "the server responded with a status of 404"  # the console tells the answer of a bad link, as it should be
)


@pytest.mark.parametrize("show", PAGES, ids=lambda one: one.__name__)
def test_the_page_is_accessible_fits_and_keeps_to_the_policy(
    show: Callable[[Page, str, Mail], str], seen: Looking, live_server: LiveServer
) -> None:
    seen.page.emulate_media(color_scheme="light")
    seen.resize(1440)
    heading = show(seen.page, live_server.url, make_mail())
    expect(seen.page.locator("h1")).to_have_text(heading)
    seen.settled()
    look_at(seen)
    if show is not opt_out:
        seen.works_by_keyboard()
    seen.kept_to_the_policy()
    expected = [one for one in seen.problems if show is bad_link and ANSWERED_404 in one]
    assert "\n".join(one for one in seen.problems if one not in expected) == ""


def look_at(seen: Looking) -> None:
    """Wide and narrow, light and dark: the theme of these pages is the one of the machine."""
    light = background(seen.page)
    looks: list[tuple[int, Theme, Theme]] = [(1440, "light", "dark"), (390, "dark", "light")]
    for width, first, second in looks:
        seen.resize(width)
        seen.page.emulate_media(color_scheme=first)
        seen.accessible()
        seen.fits()
        Mouse(seen).meets_everything()
        seen.page.emulate_media(color_scheme=second)
        seen.colours_are_accessible()
    seen.page.emulate_media(color_scheme="dark")
    assert background(seen.page) != light
    seen.with_longer_words()


def background(page: Page) -> str:
    return str(page.evaluate("getComputedStyle(document.body).backgroundColor"))
