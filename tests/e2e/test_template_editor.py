"""The template editor in a browser: code editor, completion, live check and preview, drafts, versions, gallery."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, FrameLocator, Locator, Page, expect

from tests.e2e.looking import Looking
from tests.e2e.looks import overflow, violations, watch
from tests.stack import Stack

GOOD = '<p>Dear {Person.firstName|friend}, <a href="{optOutUrl}">no more</a></p>'
# By the clock a list of completions takes no key in its first moment, and Tab leads out in the moment after Escape.
LATER = "() => { const now = Date.now() + 10000; Date.now = () => now; }"


@pytest.fixture
def template(signed_in: Page, stack: Stack) -> str:
    """The path of the editor of a template of its own."""
    signed_in.goto(f"{stack.url}/email-templates/new/?starter=empty")
    form = {
        "csrfmiddlewaretoken": str(signed_in.locator("[name=csrfmiddlewaretoken]").first.get_attribute("value")),
        "name": "Letter", "status": "active", "mode": "html", "subject": "Hello", "body": GOOD,
    }  # fmt: skip
    answer = signed_in.request.post(
        f"{stack.url}/email-templates/new/", headers={"Referer": stack.url}, form=form, max_redirects=0
    )
    return answer.headers["location"]


def code(page: Page) -> Locator:
    return page.locator(".cm-content")


def mail(page: Page) -> FrameLocator:
    return page.frame_locator(".studio iframe:not(.waiting)")


def state(page: Page) -> Locator:
    return page.locator("[data-autosave-state]")


def test_the_pages_are_accessible_fit_and_keep_to_the_policy(signed_in: Page, stack: Stack, template: str) -> None:
    seen = Looking(signed_in)
    page = seen.page
    others = ["/email-templates/new/", "/email-templates/gallery/", template.replace("edit/", "versions/")]
    for path in (template, *others):
        page.goto(stack.url + path)
        if path == template:
            expect(code(page)).to_be_visible()
            expect(page.get_by_text("No problems found.")).to_be_visible()
        seen.in_every_look()
        seen.with_longer_words()
        seen.kept_to_the_policy()
    assert "\n".join(seen.problems) == ""


def test_a_brace_offers_what_can_stand_there_by_keyboard_alone(signed_in: Page, stack: Stack, template: str) -> None:
    page = signed_in
    problems = watch(page)
    page.goto(stack.url + template)
    page.evaluate(LATER)
    code(page).focus()
    page.keyboard.press("Control+End")
    page.keyboard.type("<p>{Person.last")
    options = page.locator(".cm-tooltip-autocomplete li")
    expect(options.first).to_contain_text("{Person.lastName}")
    assert violations(page) == []
    page.evaluate(LATER)
    page.keyboard.press("Enter")
    expect(page.locator(".cm-ph", has_text="{Person.lastName}")).to_be_visible()
    page.keyboard.type(" {Cat")
    expect(options.first).to_contain_text("Catalogue")
    page.evaluate(LATER)
    page.keyboard.press("Enter")
    expect(page.locator("#id_body")).to_have_value(re.compile(r"\{Person\.lastName\} \{trackingUrl:\w{17}\}"))
    page.keyboard.press("Escape")
    page.keyboard.press("Tab")
    expect(code(page)).not_to_be_focused()
    assert problems == []


def test_what_is_unknown_is_marked_while_typing_and_named_with_its_line(
    signed_in: Page, stack: Stack, template: str
) -> None:
    page = signed_in
    page.goto(stack.url + template)
    code(page).fill("<p>Hi</p>\n<p>{Person.nickname}</p>")
    expect(page.locator(".cm-ph-bad")).to_have_text("{Person.nickname}")
    problem = page.locator("#problems li", has_text="Person.nickname")
    expect(problem).to_contain_text("Line 2")
    expect(page.locator(".cm-lintRange-error")).to_have_text("{Person.nickname}")
    assert violations(page) == []
    problem.get_by_role("link").click()
    expect(code(page)).to_be_focused()
    page.keyboard.type("<p>{Person.name}</p>")
    expect(page.locator(".cm-ph-bad")).to_have_count(0)
    expect(page.get_by_text("No problems found.")).to_be_visible()


def test_the_preview_follows_the_typing_and_the_back_button_leaves_the_page(
    signed_in: Page, stack: Stack, template: str
) -> None:
    page = signed_in
    page.goto(f"{stack.url}/email-templates/")
    page.goto(stack.url + template)
    expect(mail(page).locator("body")).to_contain_text("Dear")
    page.get_by_placeholder("Find a person…").press_sequentially("hopper")
    expect(mail(page).locator("body")).to_contain_text("Dear Grace")
    code(page).fill("<h1>News for {Person.firstName}</h1>")
    expect(mail(page).locator("h1")).to_have_text("News for Grace")
    page.get_by_role("button", name="Plain text").click()
    expect(mail(page).locator("h1")).to_have_count(0)
    page.get_by_role("button", name="Dark").click()
    expect(mail(page).locator("h1")).to_have_text("News for Grace")
    assert page.locator(".studio iframe").first.get_attribute("sandbox") == ""
    expect(state(page)).to_contain_text("for you only")
    page.go_back()
    expect(page).to_have_url(f"{stack.url}/email-templates/")


def test_nothing_in_a_mail_runs(signed_in: Page, stack: Stack, template: str) -> None:
    page = signed_in
    page.goto(stack.url + template)
    code(page).fill("<p onclick='top.ran = 1'>x</p><img src=x onerror='top.ran = 1'>")
    expect(mail(page).locator("p").first).to_have_text("x")
    assert page.evaluate("window.ran") is None


def test_what_is_typed_is_kept_and_no_mass_email_uses_it(signed_in: Page, stack: Stack, template: str) -> None:
    page = signed_in
    page.goto(stack.url + template)
    code(page).fill("<p>Half a sent</p>")
    expect(state(page)).to_contain_text("for you only")
    page.goto(stack.url + template)
    expect(page.get_by_text("What you typed last time is shown here")).to_be_visible()
    expect(code(page)).to_contain_text("Half a sent")
    assert violations(page) == []
    stored = page.request.get(stack.url + template.replace("edit/", "preview/")).text()
    assert "Half a sent" not in stored
    page.get_by_role("button", name="Discard it").click()
    expect(code(page)).to_contain_text("Dear")


def test_two_windows_do_not_overwrite_each_other(signed_in: Page, stack: Stack, template: str) -> None:
    page, other = signed_in, signed_in.context.new_page()
    page.goto(stack.url + template)
    other.goto(stack.url + template)
    other.get_by_label("Subject").fill("Of the other window")
    other.keyboard.press("Control+s")
    expect(other.locator("[data-toasts=status]")).to_contain_text("Saved as version 2")
    code(page).fill("<p>Mine</p>")
    note = page.get_by_role("alert").filter(has_text="another window")
    expect(note).to_be_focused()
    expect(code(page)).to_have_text("<p>Mine</p>")
    assert violations(page) == []
    note.get_by_role("button", name="Save mine over it").click()
    expect(page.locator("[data-toasts=status]")).to_contain_text("Saved as version 3")


def test_versions_are_compared_and_restored(signed_in: Page, stack: Stack, template: str) -> None:
    page = signed_in
    page.goto(stack.url + template)
    page.get_by_label("Subject").fill("Second words")
    page.get_by_role("button", name=re.compile("^Save")).first.click()
    page.get_by_role("link", name="Version 2").click()
    page.get_by_role("link", name="Changes").click()
    expect(page.locator("ins")).to_contain_text("Second words")
    expect(page.locator("del")).to_contain_text("Hello")
    assert violations(page) + overflow(page) == []
    page.get_by_role("button", name="Restore version 1").click()
    expect(page.get_by_label("Subject")).to_have_value("Hello")
    expect(page.get_by_role("link", name="Version 3")).to_be_visible()


def test_placeholders_are_inserted_where_they_were_asked_for(signed_in: Page, stack: Stack, template: str) -> None:
    page = signed_in
    page.goto(stack.url + template)
    page.get_by_label("Subject").fill("Dear ")
    page.get_by_role("button", name="Insert into Subject").click()
    page.get_by_placeholder("Search placeholders").fill("first")
    page.locator("#insert").get_by_role("button", name="First name").first.click()
    expect(page.get_by_label("Subject")).to_have_value("Dear {Person.firstName}")
    expect(page.locator("[data-line-of=id_subject]")).to_contain_text("13 characters")
    code(page).fill("<p></p>")
    page.get_by_role("button", name="Insert", exact=True).click()
    assert violations(page) == []
    page.locator("#insert").get_by_role("button", name="Opt-out link").click()
    expect(page.locator("#id_body")).to_have_value(re.compile(r"\{optOutLink\}"))


def test_the_text_part_is_made_from_the_html(signed_in: Page, stack: Stack, template: str) -> None:
    page = signed_in
    page.goto(stack.url + template)
    page.get_by_role("button", name="Make it from the HTML").click()
    expect(page.locator("#id_text_body")).to_have_value(re.compile(r"Dear \{Person\.firstName"))


def test_a_template_begins_with_a_starter(signed_in: Page, stack: Stack) -> None:
    page = signed_in
    page.goto(f"{stack.url}/email-templates/new/")
    picture = page.locator(".picture", has_text="Newsletter").first
    expect(picture.frame_locator("iframe").locator("body")).to_contain_text("Good things")
    picture.press("Enter")
    page.get_by_label("Name *").fill("From a starter")
    expect(code(page)).to_contain_text("<")
    page.get_by_role("button", name=re.compile("^Save")).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("From a starter")


@pytest.fixture
def no_script(browser: Browser, signed_in: Page) -> Iterator[BrowserContext]:
    context = browser.new_context(java_script_enabled=False, storage_state=signed_in.context.storage_state())
    yield context
    context.close()


def test_a_template_is_written_without_script(no_script: BrowserContext, stack: Stack) -> None:
    page = no_script.new_page()
    page.goto(f"{stack.url}/email-templates/new/")
    page.locator(".picture[href*=starter]", has_text="Plain letter").click()
    page.get_by_label("Name *").fill("By hand")
    page.get_by_label("Body").fill("<p>{Person.nickname}</p>")
    page.get_by_role("button", name=re.compile("^Save")).first.click()
    expect(page.locator("#id_body_errors")).to_contain_text("Person.nickname")
    page.get_by_label("Body").fill("<p>Hello {Person.firstName|you}</p>")
    page.get_by_role("button", name="Update preview").click()
    expect(page.frame_locator("iframe[name=preview]").locator("p").first).to_contain_text("Hello")
    page.get_by_role("button", name=re.compile("^Save")).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("By hand")
