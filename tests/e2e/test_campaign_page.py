"""The campaign page and its neighbours in a browser: chart, table, live strip, log, details in place, target list."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.looking import UNSETTLED, Looking
from tests.e2e.looks import violations, watch
from tests.e2e.people import Marketer
from tests.stack import Stack

MAKE = """
import json
from tests.busy_campaign import make_busy_campaign
busy = make_busy_campaign(60)
member = busy.target_list.memberships.first()
print(json.dumps([busy.campaign.pk, busy.complete.pk, busy.tracking_urls[0].pk, busy.target_list.pk, member.record_id]))
"""
# So many more than this Herald has sent within the hour.
LIMIT = """
from campaigns.sending.portions import spent
from crm.clock import database_now
from crm.models import Settings
Settings.objects.update(max_per_hour=spent(database_now()) + {})
"""


@dataclass(frozen=True)
class Busy:
    campaign: int
    complete: int
    tracking_url: int
    target_list: int
    record: int

    @property
    def pages(self) -> list[str]:
        campaign = f"/campaigns/{self.campaign}"
        return [
            f"{campaign}/", f"{campaign}/chart/?unit=day", f"{campaign}/log/?action=clicked", f"{campaign}/details/",
            f"{campaign}/log/target-list/", f"/mass-emails/{self.complete}/resend/",
            f"/tracking-urls/{self.tracking_url}/", f"/target-lists/{self.target_list}/about/",
            f"/target-lists/{self.target_list}/contacts/", f"/contacts/{self.record}/",
            f"/contacts/{self.record}/activity/",
        ]  # fmt: skip


@pytest.fixture(scope="module")
def busy(stack: Stack) -> Iterator[Busy]:
    yield Busy(*json.loads(stack.shell(MAKE).splitlines()[-1]))


def test_pages_are_accessible_fit_the_screen_and_keep_to_the_policy(signed_in: Page, stack: Stack, busy: Busy) -> None:
    seen = Looking(signed_in)
    for path in busy.pages:
        seen.page.goto(stack.url + path)
        seen.settled()
        seen.in_every_look()
        seen.with_longer_words()
        seen.kept_to_the_policy()
    assert "\n".join(seen.problems) == ""


def test_the_chart_turns_into_a_table_and_back_by_keyboard(signed_in: Page, stack: Stack, busy: Busy) -> None:
    page, problems = signed_in, watch(signed_in)
    page.goto(f"{stack.url}/campaigns/{busy.campaign}/")
    card = page.locator("#engagement")
    expect(card.locator("canvas")).to_be_visible()
    expect(card.locator("table")).to_be_hidden()
    button = card.get_by_role("button", name="Table")
    button.focus()
    page.keyboard.press("Enter")
    expect(card.locator("table")).to_be_visible()
    expect(card.locator("canvas")).to_be_hidden()
    expect(button).to_have_attribute("aria-pressed", "true")
    card.get_by_role("link", name="Day", exact=True).click()
    expect(card.get_by_role("link", name="Day", exact=True)).to_have_attribute("aria-current", "true")
    expect(card.get_by_role("button", name="Table")).to_have_attribute("aria-pressed", "true")
    expect(card.locator("table")).to_be_visible()
    card.get_by_role("button", name="Table").click()
    expect(card.locator("canvas")).to_be_visible()
    legend = card.get_by_role("button", name="Opened")
    legend.click()
    expect(legend).to_have_attribute("aria-pressed", "false")
    page.emulate_media(color_scheme="dark")
    expect(card.locator("canvas")).to_be_visible()
    assert problems == []


def test_a_number_filters_the_log_in_its_place(signed_in: Page, stack: Stack, busy: Busy) -> None:
    page = signed_in
    page.goto(f"{stack.url}/campaigns/{busy.campaign}/")
    page.locator("#number-bounced").press("Enter")
    expect(page.locator("#log .chip[aria-current]")).to_contain_text("Bounced")
    expect(page.locator("#log")).to_be_focused()
    expect(page).to_have_url(re.compile(r"/log/\?action=bounced"))
    expect(page.locator("#log tbody .pill").first).to_be_visible()
    assert set(page.locator("#log tbody .pill").all_inner_texts()) >= {"Bounced"}
    page.go_back()
    expect(page.locator("#engagement")).to_be_visible()


def test_the_log_is_searched_while_typing_and_exported(signed_in: Page, stack: Stack, busy: Busy) -> None:
    page = signed_in
    page.goto(f"{stack.url}/campaigns/{busy.campaign}/")
    page.locator("#log-q").press_sequentially("busy7@")
    expect(page).to_have_url(re.compile(r"q=busy7(@|%40)"))
    expect(page.locator(UNSETTLED)).to_have_count(0)
    expect(page.locator("#log tbody tr").first).to_contain_text("busy7@acme.example.com")
    expect(page.locator("#log-q")).to_be_focused()
    page.locator("#log").get_by_role("button", name="Log actions").click()
    with page.expect_download() as download:
        page.get_by_role("menuitem", name="Export CSV").click()
    text = download.value.path().read_text("utf-8-sig")
    assert text.startswith("Date,Action,Name")
    assert set(re.findall(r"busy\d+@", text)) == {"busy7@"}


def test_what_is_typed_while_the_log_comes_again_stays_and_is_looked_for(
    signed_in: Page, stack: Stack, busy: Busy
) -> None:
    page, held = signed_in, []
    page.goto(f"{stack.url}/campaigns/{busy.campaign}/")
    search = page.locator("#log-q")
    page.route(re.compile(r"q=busy&"), lambda route: held.append(route), times=1)
    with page.expect_request(re.compile(r"q=busy&")):
        search.press_sequentially("busy")
    search.evaluate("(field) => { field.value = 'busy7@'; }")  # too late for this answer, too early to be asked for
    held[0].continue_()
    expect(page).to_have_url(re.compile(r"q=busy7(@|%40)"))
    expect(search).to_have_value("busy7@")
    expect(search).to_be_focused()
    expect(page.locator("#log tbody tr").first).to_contain_text("busy7@acme.example.com")


def test_a_fact_is_changed_in_its_place(signed_in: Page, stack: Stack, busy: Busy) -> None:
    page = signed_in
    page.goto(f"{stack.url}/campaigns/{busy.campaign}/")
    details = page.locator("#details")
    details.get_by_role("link", name="Change Budget").press("Enter")
    budget = details.get_by_label("Budget")
    expect(budget).to_be_focused()
    budget.fill("-5")
    budget.press("Enter")
    expect(details.get_by_text("below zero")).to_be_visible()
    assert violations(page) == []
    details.get_by_label("Budget").fill("7250")
    details.get_by_role("button", name="Save").click()
    expect(details.get_by_text("7,250")).to_be_visible()
    expect(page.locator(".toast")).to_contain_text("Saved.")
    expect(details.get_by_role("link", name="Change Budget")).to_be_focused()
    details.get_by_role("link", name="Change Description").click()
    expect(details.get_by_label("Description")).to_be_focused()
    page.keyboard.press("Escape")
    expect(details.locator("form")).to_have_count(0)


def test_the_status_is_a_menu(signed_in: Page, stack: Stack, busy: Busy) -> None:
    page = signed_in
    page.goto(f"{stack.url}/campaigns/{busy.campaign}/")
    page.locator(".pill-button").press("Enter")
    page.get_by_role("menuitemradio", name="Complete").press("Enter")
    expect(page.locator(".pill-button")).to_contain_text("Complete")
    page.locator(".pill-button").click()
    page.get_by_role("menuitemradio", name="Active", exact=True).click()
    expect(page.locator(".pill-button")).to_contain_text("Active")


def test_a_target_list_is_made_from_the_log_after_counting(signed_in: Page, stack: Stack, busy: Busy) -> None:
    page = signed_in
    page.goto(f"{stack.url}/campaigns/{busy.campaign}/log/?action=opened")
    page.get_by_role("link", name="Create Target List").click()
    number = page.locator("#count strong")
    expect(number).to_contain_text("will be on the list")
    opened = int(re.findall(r"\d+", number.inner_text())[0])
    expect(page.locator("#count")).to_contain_text("Contacts:")
    page.locator("fieldset", has_text="Excluding").get_by_label("Clicked").check()
    expect(number).not_to_contain_text(f"{opened} records")
    fewer = int(re.findall(r"\d+", number.inner_text())[0])
    assert fewer < opened
    page.get_by_role("button", name="Create Target List").click()
    expect(page.locator(".page-head .meta")).to_contain_text(f"{fewer} entries")


def test_non_openers_get_a_draft(signed_in: Page, stack: Stack, busy: Busy) -> None:
    page = signed_in
    page.goto(f"{stack.url}/campaigns/{busy.campaign}/")
    page.get_by_role("button", name="Actions for Teaser").click()
    page.get_by_role("menuitem", name=re.compile("Resend to non-openers")).click()
    expect(page.locator("input[value=open]")).to_be_checked()
    page.get_by_role("button", name="Make the Draft").click()
    expect(page).to_have_url(re.compile(r"/mass-emails/\d+/edit/"))


def test_the_timeline_of_a_person_is_filtered(signed_in: Page, stack: Stack, busy: Busy) -> None:
    page = signed_in
    page.goto(f"{stack.url}/contacts/{busy.record}/")
    page.locator("#timeline").get_by_role("link", name=re.compile("^Sent")).click()
    expect(page.locator("#timeline .chip[aria-current]")).to_contain_text("Sent")
    assert set(page.locator("#timeline .pill").all_inner_texts()) == {"Sent"}


def test_a_strip_follows_a_mass_email_that_is_really_sent(signed_in: Page, stack: Stack, busy: Busy) -> None:
    page, marketer = signed_in, Marketer(signed_in, stack)
    stack.shell(LIMIT.format(20))
    code = marketer.tracking_url(busy.campaign, "Shop", "https://shop.example.com/")
    marketer.template("Strip", "Hello", f'<p><a href="{code}">Shop</a> <a href="{{optOutUrl}}">Unsubscribe</a></p>')
    number = marketer.mass_email(busy.campaign, "Strip", "Strip", entirely=False)
    marketer.run_the_job()
    page.goto(f"{stack.url}/campaigns/{busy.campaign}/")
    strip = page.locator(f"#strip-{number}")
    expect(strip).to_contain_text("Sending “Strip”")
    expect(strip).to_contain_text("20 of 60 sent", timeout=120_000)
    assert violations(page) == []
    strip.get_by_role("button", name="Pause").press("Enter")
    expect(strip).to_contain_text("“Strip” is paused")
    strip.get_by_role("button", name="Resume").click()
    expect(strip).to_contain_text("Sending “Strip”")
    stack.shell(LIMIT.format(10_000))
    elsewhere = page.context.new_page()
    Marketer(elsewhere, stack).run_the_job()
    elsewhere.close()
    expect(strip).to_contain_text("“Strip” is Complete", timeout=120_000)
    expect(strip).not_to_have_attribute("hx-get", re.compile("."))
    expect(page.locator("#number-sent")).to_contain_text("120", timeout=120_000)


def test_essential_paths_work_without_script(signed_in: Page, browser: Browser, stack: Stack, busy: Busy) -> None:
    context = browser.new_context(java_script_enabled=False, storage_state=signed_in.context.storage_state())
    page = context.new_page()
    page.goto(f"{stack.url}/campaigns/{busy.campaign}/")
    expect(page.locator("#engagement table")).to_be_visible()
    expect(page.locator("#engagement canvas")).to_be_hidden()
    page.locator("#engagement").get_by_role("link", name="Day", exact=True).click()
    page.wait_for_url(re.compile("unit=day"))
    expect(page.locator("#engagement table")).to_be_visible()
    page.goto(f"{stack.url}/campaigns/{busy.campaign}/")
    page.fill("#log-q", "busy7@")
    page.locator("#log").get_by_role("button", name="Filter").click()
    page.wait_for_url(re.compile("q=busy7"))
    expect(page.locator("#log tbody tr").first).to_contain_text("busy7@")
    page.goto(f"{stack.url}/campaigns/{busy.campaign}/")
    page.get_by_role("link", name="Change Budget").click()
    page.wait_for_url(re.compile(r"/edit/#id_budget"))
    page.goto(f"{stack.url}/campaigns/{busy.campaign}/log/target-list/?action=clicked")
    page.get_by_role("button", name="Count").click()
    expect(page.locator("#count")).to_contain_text("will be on the list")
    page.get_by_role("button", name="Create Target List").click()
    expect(page).to_have_url(re.compile(r"/target-lists/\d+/"))
    context.close()
