"""Without a mouse: past the menus, saving and closing, into dialogs and back to where one was."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.looking import Looking
from tests.e2e.pages import objects_of
from tests.stack import Stack


@pytest.fixture(scope="module")
def objects(stack: Stack) -> dict[str, int]:
    return objects_of(stack)


@pytest.fixture
def page(signed_in: Page) -> Iterator[Page]:
    """A signed-in page on which nothing may go wrong."""
    seen = Looking(signed_in)
    yield signed_in
    seen.kept_to_the_policy()
    assert seen.problems == []


def test_the_way_past_the_menus(page: Page, stack: Stack) -> None:
    page.goto(f"{stack.url}/campaigns/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.locator("main :focus")).to_have_count(1)


def test_a_template_is_saved_and_closed_from_its_code(page: Page, stack: Stack, objects: dict[str, int]) -> None:
    page.goto(f"{stack.url}/email-templates/{objects['template']}/edit/")
    code = page.locator(".cm-content")
    code.focus()
    page.keyboard.press("Control+End")
    page.keyboard.type("<!-- one -->")
    page.keyboard.press("Control+s")
    expect(page.locator("[data-toasts=status]")).to_contain_text("Saved as version")
    expect(page).to_have_url(re.compile("/edit/$"))
    code.focus()
    page.keyboard.press("Control+End")
    page.keyboard.type("<!-- two -->")
    page.keyboard.press("Control+Enter")
    page.wait_for_url(f"{stack.url}/email-templates/")
    expect(page.locator("[data-toasts=status]")).to_contain_text("Saved as version")


def test_a_mass_email_is_saved_and_closed(page: Page, stack: Stack, objects: dict[str, int]) -> None:
    draft = f"{stack.url}/mass-emails/{objects['campaigns:mass_email_']}/"
    page.goto(f"{draft}edit/")
    page.get_by_label("From Name").press_sequentially(" and friends")
    page.keyboard.press("Control+Enter")
    page.wait_for_url(draft)
    expect(page.get_by_text("and friends").first).to_be_visible()


def test_a_question_gives_the_focus_back(page: Page, stack: Stack, objects: dict[str, int]) -> None:
    page.goto(f"{stack.url}/tracking-urls/")
    menu = page.get_by_role("button", name=re.compile("^Actions for")).first
    menu.press("Enter")
    page.keyboard.press("End")
    expect(page.get_by_role("menuitem", name="Remove")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#ask")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#ask")).to_be_hidden()
    expect(menu).to_be_focused()


def test_dialogs_keep_the_focus_and_give_it_back(page: Page, stack: Stack, objects: dict[str, int]) -> None:
    page.goto(f"{stack.url}/mass-emails/{objects['campaigns:mass_email_']}/edit/")
    opener = page.get_by_role("link", name="Show", exact=True)
    opener.press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    for _time in range(12):
        page.keyboard.press("Tab")
        assert page.evaluate(
            "document.activeElement === document.body || document.activeElement.closest('dialog') !== null"
        )
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(opener).to_be_focused()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog").get_by_text("Save and close")).to_be_visible()
    page.keyboard.press("Escape")
    expect(opener).to_be_focused()
