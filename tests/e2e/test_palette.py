"""The command palette, the shortcuts, dialogs and Undo, by keyboard and by mouse; and the same without script."""

import re
from collections.abc import Iterator
from datetime import datetime
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.e2e.looking import UNSETTLED, Looking
from tests.stack import Stack


@pytest.fixture
def seen(signed_in: Page) -> Iterator[Looking]:
    """A signed-in page on which nothing may go wrong."""
    looking = Looking(signed_in)
    yield looking
    looking.kept_to_the_policy()
    assert looking.problems == []


def field(page: Page) -> Locator:
    return page.get_by_role("combobox", name="Search people, campaigns and pages")


def ask(page: Page, text: str) -> None:
    """Type, until what was found for all of it is shown."""
    with page.expect_response(lambda answer: parse_qs(urlsplit(answer.url).query).get("q") == [text]):
        field(page).press_sequentially(text)
    expect(page.locator(UNSETTLED)).to_have_count(0)


def active(page: Page) -> Locator:
    return page.locator("#palette [role=option][aria-selected=true]")


def test_the_palette_finds_and_opens_by_keyboard_alone(seen: Looking, stack: Stack) -> None:
    page = seen.page
    page.goto(stack.url + "/contacts/")
    page.keyboard.press("Control+k")
    expect(field(page)).to_be_focused()
    expect(active(page)).to_have_count(1)
    seen.accessible()
    ask(page, "email temp")
    expect(page.get_by_role("option", name="Email Templates", exact=True)).to_be_visible()
    expect(active(page)).to_contain_text("Email Template")
    first = active(page).get_attribute("id")
    page.keyboard.press("ArrowDown")
    expect(field(page)).not_to_have_attribute("aria-activedescendant", str(first))
    page.keyboard.press("ArrowUp")
    expect(field(page)).to_have_attribute("aria-activedescendant", str(first))
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/email-templates/"))


def test_enter_that_is_quicker_than_the_answer_opens_what_was_typed(seen: Looking, stack: Stack) -> None:
    page, held = seen.page, []
    page.goto(stack.url + "/contacts/")
    page.keyboard.press("Control+k")
    expect(active(page)).to_have_count(1)
    page.route(re.compile(r"/search/\?q=."), lambda route: held.append(route))
    with page.expect_request(re.compile(r"q=tracking")):
        field(page).fill("tracking urls")
    page.keyboard.press("Enter")
    expect(page).to_have_url(stack.url + "/contacts/")
    for route in held:
        route.continue_()
    page.wait_for_url(stack.url + "/tracking-urls/")


def test_enter_ends_with_the_palette_and_finds_a_way_when_no_answer_comes(signed_in: Page, stack: Stack) -> None:
    page, held = signed_in, []
    page.goto(stack.url + "/contacts/")
    page.keyboard.press("Control+k")
    expect(active(page)).to_have_count(1)
    page.route(
        re.compile(r"/search/\?q=tracking"),
        lambda to: to.continue_() if to.request.is_navigation_request() else held.append(to),
    )
    with page.expect_request(re.compile(r"q=tracking")):
        field(page).fill("tracking urls")
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    with page.expect_response(re.compile(r"q=tracking")):
        held.pop().continue_()
    expect(page.locator("#palette-hits").get_by_text("Tracking URLs")).to_have_count(1)
    expect(page).to_have_url(stack.url + "/contacts/")

    page.keyboard.press("Control+k")
    expect(field(page)).to_be_focused()
    with page.expect_request(re.compile(r"q=tracking")):
        field(page).fill("tracking")
    page.keyboard.press("Enter")
    held.pop().abort()
    page.wait_for_url(stack.url + "/search/?q=tracking")


def test_escape_closes_the_palette_and_gives_the_focus_back(seen: Looking, stack: Stack) -> None:
    page = seen.page
    page.goto(stack.url + "/contacts/")
    create = page.get_by_role("link", name=re.compile("Create Contact")).first
    create.focus()
    page.keyboard.press("/")
    expect(field(page)).to_be_focused()
    page.keyboard.press("Escape")
    expect(create).to_be_focused()


def test_the_palette_opens_by_mouse_and_finds_records(seen: Looking, stack: Stack) -> None:
    page = seen.page
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(stack.url + "/contacts/")
    name = page.locator("tbody .who a").first.inner_text()
    page.get_by_role("searchbox", name="Search people and pages").click()
    ask(page, name)
    page.get_by_role("option", name=re.compile(re.escape(name))).first.click()
    expect(page.get_by_role("heading", level=1, name=name)).to_be_visible()


def test_nothing_found_is_said(seen: Looking, stack: Stack) -> None:
    page = seen.page
    page.keyboard.press("Control+k")
    field(page).fill("zzzz-nothing")
    expect(page.get_by_role("status").filter(has_text="0 results")).to_have_count(1)
    seen.accessible()


def test_letters_lead_to_pages_unless_they_are_typed_or_switched_off(seen: Looking, stack: Stack) -> None:
    page = seen.page
    page.clock.set_fixed_time(datetime.now())  # two letters belong together when one soon follows the other
    page.goto(stack.url + "/")
    page.keyboard.press("g")
    page.keyboard.press("c")
    page.wait_for_url(stack.url + "/campaigns/")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
    seen.accessible()
    page.get_by_role("switch", name=re.compile("single key")).click()
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_hidden()
    page.evaluate("localStorage.clear()")
    page.goto(stack.url + "/contacts/new/")
    page.locator("input[name=first_name]").press_sequentially("gc?/")
    expect(page.locator("input[name=first_name]")).to_have_value("gc?/")


def test_rows_are_walked_selected_and_opened_by_letters(seen: Looking, stack: Stack) -> None:
    page = seen.page
    page.goto(stack.url + "/contacts/")
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(page.locator("tbody tr").nth(1).locator(".who a")).to_be_focused()
    page.keyboard.press("x")
    expect(page.locator("tbody tr").nth(1).locator("input[name=selected]")).to_be_checked()
    page.keyboard.press("k")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/contacts/\d+/"))


def test_the_sidebar_folds_at_once_and_stays_folded(seen: Looking, stack: Stack) -> None:
    page = seen.page
    page.goto(stack.url + "/contacts/")
    with page.expect_response(re.compile("/profile/sidebar/")):
        page.get_by_role("button", name="Narrow sidebar").click()
    expect(page.locator("html")).to_have_attribute("data-sidebar", "narrow")
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-sidebar", "narrow")
    assert page.locator("#side").bounding_box()["width"] < 80  # type: ignore[index]
    expect(page.get_by_role("link", name="Campaigns", exact=True).first).to_be_visible()
    seen.accessible()
    seen.fits()


def test_a_dangerous_act_asks_in_a_dialog_and_can_be_undone(seen: Looking, stack: Stack) -> None:
    page = seen.page
    page.goto(stack.url + "/tracking-urls/")
    page.get_by_role("button", name=re.compile("^Actions for")).first.click()
    page.get_by_role("menuitem", name=re.compile("Remove")).click()
    question = page.get_by_role("dialog", name=re.compile("Remove the tracking URL"))
    expect(question).to_be_visible()
    seen.accessible()
    question.get_by_role("link", name="Cancel").click()
    expect(question).to_be_hidden()
    page.get_by_role("button", name=re.compile("^Actions for")).first.click()
    page.get_by_role("menuitem", name=re.compile("Remove")).click()
    question.get_by_role("button", name="Remove").click()
    toast = page.get_by_role("status").filter(has_text="was removed")
    toast.hover()  # it stays as long as somebody reads it
    seen.accessible()
    toast.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("status").filter(has_text="is back")).to_be_visible()


def test_the_shell_works_without_script(signed_in: Page, browser: Browser, stack: Stack) -> None:
    context = browser.new_context(java_script_enabled=False, storage_state=signed_in.context.storage_state())
    page = context.new_page()
    page.goto(stack.url + "/")
    page.fill("input[name=q]", "campaigns")
    page.press("input[name=q]", "Enter")
    page.wait_for_url("**/search/?**")
    page.locator("main").get_by_role("link", name="Campaigns").first.click()
    expect(page.get_by_role("heading", name="Campaigns", level=1)).to_be_visible()
    page.get_by_role("button", name="Narrow sidebar").click()
    expect(page.locator("html")).to_have_attribute("data-sidebar", "narrow")
    page.get_by_role("button", name="Help").click()
    page.get_by_role("menuitem", name="Keyboard shortcuts").click()
    expect(page.get_by_role("heading", name="Keyboard shortcuts")).to_be_visible()
    page.goto(stack.url + "/health/")
    expect(page.get_by_role("heading", name="Are mass emails going out?")).to_be_visible()
    context.close()
