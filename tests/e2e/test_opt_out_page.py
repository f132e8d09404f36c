"""The opt-out page in a real browser: one click in the mail is enough, and machines that run scripts change nothing."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.campaigns.tracking.conftest import Mail, make_mail

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)

SYNTHETIC = """
for (const name of ["pointermove", "pointerdown", "touchstart", "keydown", "wheel", "scroll"]) {
  document.dispatchEvent(new Event(name, { bubbles: true }));
}
document.body.style.height = "5000px";
scrollTo(0, 900);
"""


def move(page: Page) -> None:
    page.mouse.move(40, 40)
    page.mouse.move(60, 80)


GESTURES: dict[str, Callable[[Page], None]] = {
    "pointer moved": move,
    "pointer pressed": lambda page: page.mouse.down(),
    "wheel": lambda page: page.mouse.wheel(0, 100),
    "key": lambda page: page.keyboard.press("Tab"),
    # By its key, which is the sign and the press in one; a mouse moves first, and may press on the page that follows.
    "button": lambda page: page.locator("button").press("Enter"),
}


def visit(page: Page, live_server: LiveServer) -> tuple[Mail, list[str]]:
    """The mail, and the list that fills with what the page posts."""
    mail, posts = make_mail(), []
    page.on("request", lambda request: posts.append(request.url) if request.method == "POST" else None)
    page.goto(live_server.url + mail.opt_out_url)
    return mail, posts


@pytest.mark.parametrize("gesture", GESTURES)
def test_the_first_sign_of_a_person_opts_out_once(page: Page, live_server: LiveServer, gesture: str) -> None:
    page.clock.install()
    mail, posts = visit(page, live_server)
    page.clock.fast_forward(60_000)
    assert posts == []
    GESTURES[gesture](page)
    page.wait_for_selector("text=You have been unsubscribed")
    move(page)
    page.clock.fast_forward(60_000)
    assert len(posts) == 1
    assert not mail.is_listed()
    assert page.context.cookies() == []


def test_scripts_and_time_opt_nobody_out(page: Page, live_server: LiveServer) -> None:
    page.clock.install()
    mail, posts = visit(page, live_server)
    page.evaluate(SYNTHETIC)
    page.clock.fast_forward(60_000)
    assert posts == []
    assert mail.is_listed()


def test_a_press_that_was_meant_for_the_page_before_takes_nothing_back(page: Page, live_server: LiveServer) -> None:
    mail, posts = visit(page, live_server)
    move(page)
    page.wait_for_selector("text=You have been unsubscribed")
    page.wait_for_load_state()  # it is the styles that hold the button back
    again = page.get_by_role("button", name="Subscribe again")
    page.evaluate("for (const each of document.getAnimations()) { each.currentTime = 0; each.pause(); }")
    box = again.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.evaluate("for (const each of document.getAnimations()) each.finish()")
    assert len(posts) == 1
    assert not mail.is_listed()
    again.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("You are subscribed again")


def test_without_javascript_the_button_does_it(browser: Browser, live_server: LiveServer) -> None:
    page = browser.new_context(java_script_enabled=False).new_page()
    mail, posts = visit(page, live_server)
    move(page)
    assert posts == []
    page.click("button")
    expect(page.locator("h1")).to_have_text("You have been unsubscribed")
    assert not mail.is_listed()
    page.click("text=Subscribe again")
    expect(page.locator("h1")).to_have_text("You are subscribed again")
    assert mail.is_listed()
    page.context.close()


@pytest.mark.parametrize("language", ["en", "es", "fr", "id"])
def test_nothing_overflows_a_small_phone(page: Page, live_server: LiveServer, language: str) -> None:
    page.set_viewport_size({"width": 320, "height": 640})
    mail = make_mail(language=language)
    for url in (mail.opt_out_url, mail.preferences_url, "/u/broken?lang=" + language):
        page.goto(live_server.url + url)
        assert page.evaluate("document.documentElement.scrollWidth") <= 320
