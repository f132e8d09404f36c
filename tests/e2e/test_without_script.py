"""The essential paths with JavaScript off, as one goes them: sign in, people, a target list, a template, a campaign, a
test, a mass email that arrives, the opt-out; an import and its way back; the settings."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import sign_in
from tests.e2e.people import Marketer, Recipient
from tests.stack import Stack

BODY = '<p>Hello {{Person.firstName}}, <a href="{code}">see</a>, or <a href="{{optOutUrl}}">Unsubscribe</a></p>'
PEOPLE = "First name;Last name;Email\nUta;Scriptless;uta@scriptless.example\nJens;Scriptless;not an address\n"


@pytest.fixture
def plain(browser: Browser, stack: Stack) -> Iterator[Page]:
    """Signed in with JavaScript off."""
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    sign_in(page, stack)
    yield page
    context.close()


def target_list(marketer: Marketer, name: str, people: list[str]) -> None:
    """Without script rows are ticked one by one."""
    marketer.go("/target-lists/new/")
    marketer.page.fill("input[name=name]", name)
    marketer.save()
    marketer.go(f"/target-lists/{marketer.id_in_url()}/contacts/select/?q=Scriptless")
    for person in people:
        marketer.page.get_by_label(f"Select {person}").check()
    with marketer.page.expect_navigation():  # the page before shows the same people
        marketer.page.get_by_role("button", name="Add to the list").click()
    expect(marketer.page.locator("main tbody tr")).to_have_count(len(people))


def campaign(marketer: Marketer, name: str, list_name: str) -> int:
    marketer.go("/campaigns/new/")
    marketer.page.fill("input[name=name]", name)
    marketer.page.select_option("select[name=target_lists]", label=list_name)
    marketer.page.select_option("select[name=status]", label="Active")
    marketer.save()
    expect(marketer.page.get_by_role("heading", level=1)).to_have_text(name)
    return marketer.id_in_url()


def send_test(marketer: Marketer, number: int, address: str) -> None:
    marketer.go(f"/mass-emails/{number}/send-test/")
    marketer.page.get_by_label("Further addresses").fill(address)
    marketer.page.get_by_role("button", name="Send Test").click()
    expect(marketer.page.locator("#results")).to_contain_text(f"{address}: accepted")


def test_from_nothing_to_a_mail_and_out_again(plain: Page, browser: Browser, stack: Stack) -> None:
    marketer = Marketer(plain, stack)
    marketer.contact("Pina", "Scriptless", "pina@scriptless.example")
    marketer.contact("Karl", "Scriptless", "karl@scriptless.example")
    target_list(marketer, "Without script", ["Pina Scriptless", "Karl Scriptless"])
    number = campaign(marketer, "Scriptless campaign", "Without script")
    code = marketer.tracking_url(number, "See", "https://see.example.com/")
    marketer.template("Scriptless", "Hello", BODY.format(code=code))
    mass_email = marketer.draft(number, "Scriptless", "Scriptless", entirely=False)
    send_test(marketer, mass_email, "probe@scriptless.example")
    marketer.schedule(mass_email)
    marketer.run_the_job()
    marketer.wait_until_complete(mass_email)
    recipient = Recipient(stack.wait_for_message("pina@scriptless.example"), plain.context)
    page = recipient.click("Unsubscribe")
    page.get_by_role("button", name="Unsubscribe").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("You have been unsubscribed")
    stack.wait_for(lambda: "pina@scriptless.example" in "".join(marketer.log_of(number, "opted-out")))


def result(page: Page, stack: Stack) -> None:
    """Of work that a worker does; without script its page is asked again, once the press has led there."""
    page.wait_for_url("**/tasks/*/")

    def is_there() -> bool:
        page.reload()
        return page.get_by_role("link", name="Show the result").count() > 0

    stack.wait_for(is_there)
    page.get_by_role("link", name="Show the result").click()


def test_a_list_is_imported_and_taken_back(plain: Page, stack: Stack, tmp_path: Path) -> None:
    page, path = plain, tmp_path / "people.csv"
    path.write_text(PEOPLE)
    page.goto(f"{stack.url}/leads/")
    page.get_by_role("link", name="Import", exact=True).click()
    page.set_input_files("input[type=file]", path)
    page.get_by_role("button", name="Upload").click()
    page.get_by_role("button", name="Next").last.click()
    expect(page.get_by_text("1 would be refused")).to_be_visible()
    page.get_by_role("button", name="Import 2 rows").click()
    result(page, stack)
    expect(page.get_by_text("not an email address")).to_be_visible()
    page.get_by_role("link", name="Revert import").click()
    page.get_by_role("button", name="Revert import").last.click()
    result(page, stack)
    expect(page.locator(".pill", has_text="Reverted")).to_be_visible()


def test_settings_are_changed(plain: Page, stack: Stack) -> None:
    page = plain
    page.goto(f"{stack.url}/admin/settings/")
    name = page.get_by_label("Company name")
    before = name.input_value()
    for value in ("Scriptless & Sons", before):
        name.fill(value)
        with page.expect_navigation():  # the page before may say the same
            page.get_by_role("button", name="Save").click()
        expect(page.locator("[data-toasts=status]")).to_contain_text("Saved")
        expect(name).to_have_value(value)
