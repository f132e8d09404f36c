"""The lists that were tables: the log with and without script, users selected, sandbox mail counted late."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import sign_in
from tests.stack import Stack

MAKE = """
from tests.busy_campaign import make_busy_campaign
print(make_busy_campaign(60, domain='log.example.com').campaign.pk)
"""


@pytest.fixture(scope="module")
def log(stack: Stack) -> str:
    return f"{stack.url}/campaigns/{stack.shell(MAKE).splitlines()[-1]}/log/"


@pytest.fixture
def plain(browser: Browser, stack: Stack) -> Iterator[Page]:
    """Signed in with JavaScript off."""
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    sign_in(page, stack)
    yield page
    context.close()


def test_chips_and_search_of_the_log_swap_its_rows_and_what_is_done_with_them(signed_in: Page, log: str) -> None:
    page = signed_in
    page.goto(log)
    page.locator("#log .chip", has_text="Clicked").click()
    expect(page).to_have_url(re.compile(r"/log/\?action=clicked$"))
    expect(page.locator("#log .chip[aria-current]")).to_contain_text("Clicked")
    page.locator("#log-q").press_sequentially("busy7@")
    expect(page).to_have_url(re.compile(r"q=busy7(@|%40)"))
    expect(page.locator("#log-acts").get_by_role("link", name="Create Target List")).to_have_attribute(
        "href", re.compile(r"/log/target-list/\?.*action=clicked")
    )
    page.locator("#log").get_by_role("link", name="Clear").click()
    expect(page.locator("#log tbody tr")).to_have_count(20)


def test_the_log_is_narrowed_and_turned_round_without_script(plain: Page, log: str) -> None:
    plain.goto(log)
    plain.locator("#log summary", has_text="Filter").click()
    plain.locator("#log-since").fill("2001-01-01")
    plain.locator("#log-bounce").select_option("hard")
    plain.locator("#log").get_by_role("button", name="Search").click()
    expect(plain.locator("#log-applied")).to_contain_text("Hard")
    plain.get_by_role("link", name=re.compile("^Date")).click()
    expect(plain).to_have_url(re.compile(r"sort=at"))
    expect(plain.locator("#log-applied")).to_contain_text("Hard")


def test_selected_users_are_deactivated_and_activated_again(signed_in: Page, stack: Stack) -> None:
    page = signed_in
    page.goto(f"{stack.url}/admin/users/?q=viewer")
    page.locator("tbody input[name=selected]").first.check()
    page.get_by_role("button", name="Deactivate").click()
    expect(page.locator("[data-toasts=status]")).to_contain_text("1 user can no longer sign in")
    expect(page.locator("tbody tr")).to_contain_text("Inactive")
    page.locator("tbody tr").get_by_role("button").click()
    page.get_by_role("menuitem", name="Activate").click()
    expect(page.locator("tbody tr", has_text="viewer@").locator(".pill")).to_have_text("Active")


def test_the_rare_messages_are_counted_once_the_page_stands(signed_in: Page, stack: Stack) -> None:
    page = signed_in
    page.goto(f"{stack.url}/sandbox/")
    expect(page.locator(".chip", has_text="Misbehaving").locator(".n")).to_have_text(re.compile(r"\d"))
    page.locator(".chip", has_text="Misbehaving").click()
    expect(page).to_have_url(re.compile("show=misbehaving"))
