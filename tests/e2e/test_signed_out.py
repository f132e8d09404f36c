"""The session ends under somebody's hands: what a browser then shows, and what it keeps."""

import re

from playwright.sync_api import Page, expect

from tests.e2e.conftest import sign_in
from tests.stack import Stack


def test_a_form_waits_for_signing_in_and_a_list_says_what_is_wrong(signed_in: Page, stack: Stack) -> None:
    page = signed_in
    page.goto(f"{stack.url}/target-lists/new/")
    page.locator("#id_name").fill("Written before the end")
    page.locator("#id_description").fill("one\ntwo")
    page.context.clear_cookies(name="sessionid")
    page.locator("main form button[data-save]").click()
    expect(page.get_by_text("what you wrote is kept")).to_be_visible()

    page.get_by_label("User name").fill(stack.username)
    page.get_by_label("Password").fill(stack.password)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name="Send again").click()
    page.wait_for_url(re.compile(r"/target-lists/\d+/"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Written before the end")

    page.goto(f"{stack.url}/target-lists/")
    page.context.clear_cookies(name="sessionid")
    search = page.locator("#list-form input[type=search]")
    search.fill("Written")
    told = page.locator("[data-toasts=alert] .toast")
    expect(told).to_contain_text("You are signed out")
    expect(search).to_have_value("Written")
    expect(page.get_by_label("User name")).to_have_count(0)


def test_a_page_goes_on_after_signing_in_again_in_another_tab(signed_in: Page, stack: Stack) -> None:
    page = signed_in
    page.goto(f"{stack.url}/target-lists/")
    columns = page.locator("details.columns")
    columns.locator("summary").click()
    names = columns.locator("label input[name=column]")
    before = [box.get_attribute("value") for box in names.all()]
    page.context.clear_cookies()
    another = page.context.new_page()
    sign_in(another, stack)
    another.close()

    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if request.method == "POST" else None)
    columns.get_by_role("button", name=re.compile("^Move .* down")).first.click()
    expect(names.first).to_have_value(str(before[1]))
    assert len(asked) == 2  # refused with the old token, sent again with the new one
    columns.get_by_role("button", name="As it was").click()
    expect(names.first).to_have_value(str(before[0]))
    assert len(asked) == 3
    expect(page.locator("[data-toasts=alert] .toast")).to_have_count(0)
