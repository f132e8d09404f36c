"""The shell in a browser: keyboard, lists with and without script, phone, accessibility, strict policy."""

import re

from playwright.sync_api import Browser, Page, expect

from tests.e2e.looking import UNSETTLED
from tests.e2e.looks import violations
from tests.stack import Stack


def test_a_record_page_is_accessible(signed_in: Page, stack: Stack) -> None:
    signed_in.goto(stack.url + "/contacts/")
    signed_in.locator("tbody .who a").first.click()
    expect(signed_in.get_by_role("heading", name="Target Lists")).to_be_visible()
    expect(signed_in.locator(UNSETTLED)).to_have_count(0)
    assert violations(signed_in) == []


def test_a_menu_works_by_keyboard(signed_in: Page, stack: Stack) -> None:
    page = signed_in
    page.goto(stack.url + "/contacts/")
    button = page.get_by_role("button", name=re.compile("^Actions for")).first
    button.press("Enter")
    expect(page.get_by_role("menuitem", name="View")).to_be_focused()
    expect(button).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("menuitem", name="Edit")).to_be_focused()
    page.keyboard.press("Escape")
    expect(button).to_be_focused()


def test_a_list_is_searched_while_typing_and_the_address_follows(signed_in: Page, stack: Stack) -> None:
    page = signed_in
    page.goto(stack.url + "/contacts/")
    search = page.get_by_placeholder("Search contacts")
    search.press_sequentially("an")
    page.wait_for_url(re.compile(r"\?q=an$"))
    expect(search).to_be_focused()
    expect(page.locator(UNSETTLED)).to_have_count(0)
    page.get_by_role("link", name=re.compile("^Listed")).click()
    expect(page.locator(".chip[aria-current]")).to_contain_text("Listed")
    expect(page).to_have_url(re.compile("show=listed"))
    expect(page).to_have_url(re.compile("q=an"))
    page.go_back()
    expect(page.locator(".chip[aria-current]")).to_contain_text("All")


def test_all_results_are_selected_and_asked_about(signed_in: Page, stack: Stack) -> None:
    page = signed_in
    page.goto(stack.url + "/contacts/")
    expect(page.locator(".bulk")).to_be_hidden()
    page.get_by_label("Select all on this page").check()
    expect(page.locator("[data-ticked]")).to_have_text("20")
    label = page.locator("label.scope")
    number = re.search(r"\d+", label.inner_text())
    assert number
    label.click()
    page.get_by_role("button", name="Remove", exact=True).click()
    expect(page.get_by_role("heading", name=f"Remove {number[0]} records?")).to_be_visible()


def test_the_theme_changes_at_once_and_stays(signed_in: Page) -> None:
    page = signed_in
    page.get_by_role("button", name="Theme").click()
    with page.expect_response(re.compile("/profile/theme/")):
        page.get_by_role("menuitemradio", name="Dark").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")


def test_on_a_phone_the_dock_opens_everything(signed_in: Page, stack: Stack) -> None:
    page = signed_in
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(stack.url + "/contacts/")
    page.get_by_role("button", name="More").click()
    page.locator("#side").get_by_role("link", name="Leads").click()
    expect(page.get_by_role("heading", name="Leads", level=1)).to_be_visible()


def test_on_a_phone_the_current_tab_and_chip_are_in_view(signed_in: Page, stack: Stack) -> None:
    page = signed_in
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{stack.url}/contacts/?show=no-email")
    expect(page.locator(".chips [aria-current]")).to_be_in_viewport(ratio=1)
    page.goto(f"{stack.url}/target-lists/")
    page.goto(stack.url + str(page.locator("[data-list] .who a, [data-list] tbody a").first.get_attribute("href")))
    page.goto(stack.url + str(page.locator(".tabs a").last.get_attribute("href")))
    expect(page.locator(".tabs [aria-current]")).to_be_in_viewport(ratio=1)
    assert page.evaluate("document.querySelector('.tabs').scrollLeft") > 0 == page.evaluate("scrollY")


def test_on_a_phone_rows_become_cards(signed_in: Page, stack: Stack) -> None:
    page = signed_in
    page.goto(stack.url + "/contacts/")
    row, cell, head = (page.locator(f"table.cards {part}").first for part in ("tbody tr", "tbody td", "thead"))
    expect(row).to_have_css("display", "table-row")
    expect(cell).to_have_css("display", "table-cell")
    expect(head).to_have_css("display", "table-header-group")
    page.set_viewport_size({"width": 390, "height": 844})
    expect(row).to_have_css("display", "grid")
    expect(head).to_have_css("display", "none")
    expect(cell).not_to_have_css("display", "table-cell")
    expect(row).to_have_role("row")
    expect(page.locator("td.bare").first).to_be_hidden()  # nobody has a phone number


def test_in_the_dark_theme_a_mail_stays_light(signed_in: Page, stack: Stack) -> None:
    page = signed_in
    page.emulate_media(color_scheme="dark")
    page.context.add_cookies([{"name": "theme", "value": "dark", "url": stack.url}])
    page.goto(stack.url + "/email-templates/new/")
    picture = page.locator(".picture iframe").first
    expect(picture).to_have_css("color-scheme", "light")
    expect(picture.content_frame.locator("body")).to_have_css("background-color", "rgb(238, 241, 246)")


def test_essential_paths_work_without_script(signed_in: Page, browser: Browser, stack: Stack) -> None:
    context = browser.new_context(java_script_enabled=False, storage_state=signed_in.context.storage_state())
    page = context.new_page()
    page.goto(stack.url + "/contacts/")
    page.fill("#list-q", "an")
    page.get_by_role("button", name="Search", exact=True).click()
    page.wait_for_url(re.compile(r"/contacts/\?.*q=an"))
    page.locator("tbody input").first.check()
    page.get_by_role("button", name="Remove", exact=True).click()
    expect(page.get_by_role("heading", name="Remove 1 record?")).to_be_visible()
    page.goto(stack.url + "/contacts/")
    page.get_by_role("button", name="Profile of").click()
    page.get_by_role("menuitem", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    context.close()
