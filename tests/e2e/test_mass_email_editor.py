"""The mass email editor in a browser: autosave, conflicts, arithmetic, preview, schedule dialog, Send now with Undo."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from tests.e2e.conftest import sign_in
from tests.e2e.looking import UNSETTLED, Looking
from tests.e2e.looks import violations, watch
from tests.e2e.people import Marketer
from tests.stack import Stack

DEMO_CAMPAIGN = "/campaigns/1/"


@pytest.fixture
def draft(signed_in: Page, stack: Stack) -> str:
    """The path of a Draft of the demo campaign."""
    copy = signed_in.request.post(
        f"{stack.url}/mass-emails/1/duplicate/",
        headers={"Referer": stack.url},
        form={"csrfmiddlewaretoken": token(signed_in)},
        max_redirects=0,
    )
    return re.sub(r"edit/$", "", copy.headers["location"])


def token(page: Page) -> str:
    return str(page.locator("[name=csrfmiddlewaretoken]").first.get_attribute("value"))


@pytest.fixture
def second_tab(signed_in: Page) -> Iterator[Page]:
    page = signed_in.context.new_page()
    yield page
    page.close()


def state(page: Page) -> Locator:
    return page.locator("[data-autosave-state]")


def test_the_editor_is_accessible_fits_and_keeps_to_the_policy(signed_in: Page, stack: Stack, draft: str) -> None:
    seen = Looking(signed_in)
    page = seen.page
    for path in (f"{draft}schedule/", f"{draft}audience/", draft, f"{DEMO_CAMPAIGN}mass-emails/new/", f"{draft}edit/"):
        page.goto(stack.url + path)
        seen.settled()
        seen.in_every_look()
        seen.with_longer_words()
        seen.kept_to_the_policy()
    page.get_by_role("button", name=re.compile("^Schedule")).click()
    expect(page.get_by_role("dialog")).to_be_visible()
    seen.in_every_look()
    seen.resize(320)
    seen.fits()
    seen.kept_to_the_policy()
    assert "\n".join(seen.problems) == ""


def test_what_is_typed_is_saved_by_itself(signed_in: Page, stack: Stack, draft: str) -> None:
    page = signed_in
    page.clock.install()
    page.goto(f"{stack.url}{draft}edit/")
    page.clock.pause_at(datetime.now() + timedelta(hours=1))  # until then nothing saves by itself
    page.get_by_label("From Name").fill("Maya at Acme")
    expect(state(page)).to_contain_text("Not saved yet")
    page.clock.resume()
    expect(state(page)).to_contain_text("Saved at")
    page.reload()
    expect(page.get_by_label("From Name")).to_have_value("Maya at Acme")


def test_leaving_the_page_saves_at_once(signed_in: Page, stack: Stack, draft: str) -> None:
    page = signed_in
    page.goto(f"{stack.url}{draft}edit/")
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_label("From Name").fill("Left in a hurry")
    page.goto(f"{stack.url}{draft}")
    # The browser sends it while it leaves, and asks for the next page without waiting for the answer.
    stack.wait_for(lambda: "Left in a hurry" in page.request.get(f"{stack.url}{draft}edit/").text())


def test_a_stale_tab_overwrites_nothing_and_loses_nothing(
    signed_in: Page, stack: Stack, draft: str, second_tab: Page
) -> None:
    page = signed_in
    page.goto(f"{stack.url}{draft}edit/")
    second_tab.goto(f"{stack.url}{draft}edit/")
    second_tab.get_by_label("Name *").fill("Of the second tab")
    expect(state(second_tab)).to_contain_text("Saved at")
    page.get_by_label("Name *").fill("Of the first tab")
    note = page.get_by_role("alert").filter(has_text="another window")
    expect(note).to_be_focused()
    expect(note).to_contain_text("Different here: Name")
    expect(state(page)).to_contain_text("Not saved")
    expect(page.get_by_label("Name *")).to_have_value("Of the first tab")
    assert violations(page) == []
    note.get_by_role("button", name="Save mine over it").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Of the first tab")


def test_without_the_server_the_text_stays_and_is_saved_later(signed_in: Page, stack: Stack, draft: str) -> None:
    page = signed_in
    page.goto(f"{stack.url}{draft}edit/")
    page.route("**/autosave/", lambda route: route.abort())
    page.get_by_label("From Name").fill("Typed on a train")
    expect(state(page)).to_contain_text("the server does not answer")
    page.unroute("**/autosave/")
    page.get_by_label("Reply-to Name").fill("Replies")
    expect(state(page)).to_contain_text("Saved at")
    page.reload()
    expect(page.get_by_label("From Name")).to_have_value("Typed on a train")


def test_signed_out_meanwhile_the_text_stays_and_is_saved_after_signing_in(
    browser: Browser, stack: Stack, signed_in: Page, draft: str
) -> None:
    context = browser.new_context()
    page, other = context.new_page(), context.new_page()
    sign_in(page, stack)
    page.goto(f"{stack.url}{draft}edit/")
    session = context.cookies()
    context.clear_cookies()
    page.get_by_label("From Name").fill("Longer than the session")
    expect(state(page)).to_contain_text("you are signed out")
    assert session
    sign_in(other, stack)
    page.get_by_label("Reply-to Name").fill("Replies")
    expect(state(page)).to_contain_text("Saved at")
    context.close()
    signed_in.goto(f"{stack.url}{draft}edit/")
    expect(signed_in.get_by_label("From Name")).to_have_value("Longer than the session")


def test_something_new_becomes_a_draft_while_it_is_written(signed_in: Page, stack: Stack) -> None:
    page = signed_in
    problems = watch(page)
    page.goto(f"{stack.url}{DEMO_CAMPAIGN}mass-emails/new/")
    page.get_by_label("Name *").fill("Written in one go")
    page.wait_for_url(re.compile(r"/mass-emails/\d+/edit/"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Written in one go")
    expect(page.locator("#ready .checks li").first).to_be_visible()
    expect(page.get_by_label("Name *")).to_be_focused()
    page.get_by_label("From Name").fill("Maya")
    expect(state(page)).to_contain_text("Saved at")
    page.get_by_role("button", name=re.compile("^Save(?! and close)")).click()
    expect(page.locator("[data-toasts=status]")).to_contain_text("Saved.")
    assert problems == []


def test_the_arithmetic_follows_and_opens_the_people(signed_in: Page, stack: Stack, draft: str) -> None:
    page = signed_in
    page.goto(f"{stack.url}{draft}edit/")
    before = page.locator("#arithmetic .big").inner_text()
    page.get_by_role("button", name="Remove Do not mail").click()
    expect(page.locator("#arithmetic .big")).not_to_have_text(before)
    expect(page.locator("#arithmetic")).not_to_contain_text("excluded")
    page.locator("#arithmetic").get_by_role("link", name=re.compile("invalid")).press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("heading")).to_contain_text("Invalid")
    expect(dialog.locator("tbody tr")).to_have_count(1)
    assert violations(page) == []
    dialog.locator(".chips a").first.click()
    expect(dialog.get_by_role("heading")).to_have_text("People who get it")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    assert page.url.endswith("/edit/")


def test_the_preview_shows_anybody_in_five_looks(signed_in: Page, stack: Stack, draft: str) -> None:
    page = signed_in
    page.goto(f"{stack.url}{draft}edit/")
    mail = page.frame_locator("#preview iframe")
    expect(mail.locator("body")).to_contain_text("Hello")
    with page.expect_response(re.compile(r"q=hopper(&|$)")):
        page.get_by_placeholder("Find a person…").press_sequentially("hopper")
    expect(page.locator("#preview-as option").first).to_contain_text("Hopper")
    expect(page.get_by_placeholder("Find a person…")).to_be_focused()
    expect(mail.locator("body")).to_contain_text("Hello Grace")
    expect(page.locator(UNSETTLED)).to_have_count(0)
    frame = page.locator("#preview iframe")  # as wide as the mail in it takes it to be
    page.get_by_role("button", name="Phone").click()
    expect(page.get_by_role("button", name="Phone")).to_have_attribute("aria-pressed", "true")
    expect(frame).to_have_js_property("clientWidth", 390)
    page.get_by_role("button", name="Desktop").click()
    expect(frame).to_have_js_property("clientWidth", 640)
    page.get_by_role("button", name="Source").click()
    expect(mail.locator("body")).to_contain_text("<html")
    page.get_by_role("button", name="Plain text").click()
    expect(mail.locator("body")).not_to_contain_text("<html")
    page.get_by_role("button", name="Dark").click()
    expect(mail.locator("body")).to_contain_text("Hello Grace")
    page.get_by_role("button", name="Next recipient").click()
    expect(page.get_by_role("button", name="Dark")).to_have_attribute("aria-pressed", "true")
    assert page.locator("#preview iframe").get_attribute("sandbox") == ""


def test_a_mail_that_would_be_too_small_to_read_begins_as_on_a_phone(signed_in: Page, stack: Stack, draft: str) -> None:
    page, phone = signed_in, signed_in.get_by_role("button", name="Phone")
    page.goto(f"{stack.url}{draft}")  # beside the rest, in a narrow card
    expect(phone).to_have_attribute("aria-pressed", "true")
    expect(page.locator("[data-mail] iframe")).to_have_js_property("clientWidth", 390)
    page.get_by_role("button", name="Desktop").click()
    expect(page.locator("[data-mail] iframe")).to_have_js_property("clientWidth", 640)
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{stack.url}{draft}edit/")
    expect(phone).to_have_attribute("aria-pressed", "true")


def test_a_check_leads_to_its_field(signed_in: Page, stack: Stack, draft: str) -> None:
    page = signed_in
    page.goto(f"{stack.url}{draft}edit/")
    for name in ("Newsletter readers", "Spring fair guests"):
        page.get_by_role("button", name=f"Remove {name}").click()
    expect(page.locator("#ready")).to_contain_text("The target lists are empty")
    page.locator("#ready li", has_text="The target lists are empty").get_by_role("link").click()
    expect(page.locator("#id_target_lists_add")).to_be_focused()


def test_scheduled_by_keyboard_in_the_dialog(signed_in: Page, stack: Stack, draft: str) -> None:
    page = signed_in
    page.goto(f"{stack.url}{draft}edit/")
    page.get_by_label("Date Start").fill("2050-03-01T09:00")
    page.get_by_role("button", name=re.compile("^Schedule")).press("Enter")
    dialog = page.get_by_role("dialog")
    for fact in ("people", "1 Mar 2050", "UTC", "Newsletter readers", "Do not mail", "Herald Demo", "Tracking"):
        expect(dialog).to_contain_text(fact)
    if (accept := dialog.get_by_role("switch")).count():
        accept.press("Space")
    dialog.get_by_role("button", name="Schedule for 1 Mar").press("Enter")
    expect(page.locator(".page-head .pill").first).to_contain_text("Pending")


HOURS_TO_UNDO = """
from datetime import timedelta
from campaigns.models import MassEmail
from crm.clock import database_now
MassEmail.objects.filter(pk={}).update(start_at=database_now() + timedelta(hours=2))
"""


def _send_now(page: Page, stack: Stack, draft: str) -> None:
    page.goto(f"{stack.url}{draft}schedule/")
    if (accept := page.get_by_role("switch")).count():
        accept.check(force=True)
    page.get_by_role("button", name="Send now").click()
    expect(page.get_by_role("button", name="Undo")).to_be_visible()


def test_send_now_can_be_undone_and_then_nobody_gets_it(signed_in: Page, stack: Stack, draft: str) -> None:
    page = signed_in
    _send_now(page, stack, draft)
    expect(page.locator("[data-seconds]")).to_have_text(re.compile(r"^[1-6]?\d s$"))
    stack.shell(HOURS_TO_UNDO.format(re.findall(r"\d+", draft)[-1]))  # the minute is short for a busy machine
    Marketer(page, stack).run_the_job()
    page.goto(f"{stack.url}{draft}")
    assert violations(page) == []
    page.get_by_role("button", name="Undo").press("Enter")
    expect(page.locator("[data-toasts=status]")).to_contain_text("nobody got it")
    expect(page.locator(".page-head .pill").first).to_contain_text("Draft")


@pytest.fixture
def no_script(browser: Browser, signed_in: Page) -> Iterator[BrowserContext]:
    context = browser.new_context(java_script_enabled=False, storage_state=signed_in.context.storage_state())
    yield context
    context.close()


def test_everything_essential_works_without_script(no_script: BrowserContext, stack: Stack, draft: str) -> None:
    page = no_script.new_page()
    page.goto(f"{stack.url}{draft}edit/")
    page.get_by_label("From Name").fill("No script")
    with page.expect_navigation():  # the page before has what was typed as well
        page.get_by_role("button", name=re.compile("^Save(?! and close)")).click()
    expect(page.get_by_label("From Name")).to_have_value("No script")
    page.locator("#arithmetic").get_by_role("link", name="Show").click()
    page.wait_for_url("**/audience/**")
    expect(page.get_by_role("heading", name="Audience", level=1)).to_be_visible()
    page.go_back()
    page.get_by_role("button", name=re.compile("^Schedule")).click()
    page.wait_for_url("**/schedule/")
    expect(page.get_by_role("heading", name="Schedule")).to_be_visible()
    _send_now(page, stack, draft)
    expect(page.get_by_text("not before")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".page-head .pill").first).to_contain_text("Draft")
