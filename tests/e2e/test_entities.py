"""A custom entity type in the browser: made, given a field, filled, put on a list, named in a template, and mailed by a
worker that was started before the type was there."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.looks import overflow, violations, watch
from tests.e2e.people import Marketer
from tests.stack import Stack

BODY = '<p>Dear {Gymnast.firstName}, your level is {Gymnast.level|open}.</p><p><a href="{optOutUrl}">no more</a></p>'


def pick(page: Page, name: str) -> None:
    """One of the icons or colours, by keyboard."""
    page.get_by_role("radio", name=name, exact=True).focus()
    page.keyboard.press("Space")


def make_the_type(page: Page, stack: Stack) -> None:
    page.goto(f"{stack.url}/admin/")
    page.locator("main").get_by_role("link", name="Entity Manager").click()
    page.get_by_role("link", name="Create Entity Type").click()
    page.get_by_label("Label (singular)").fill("Gymnast")
    page.get_by_label("Label (plural)").fill("Gymnasts")
    pick(page, "trophy")
    pick(page, "Teal")
    assert violations(page) == []
    page.locator("main").get_by_role("button", name="Create").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Gymnasts")


def give_it_a_field(page: Page) -> None:
    page.locator("main").get_by_role("link", name="Add field").first.click()
    page.get_by_role("link", name="One out of a list").click()
    page.get_by_label("Label").fill("Level")
    page.get_by_label("Choices").fill("Bronze\nGold")
    page.get_by_label("Column of the list").focus()
    page.keyboard.press("Space")
    page.locator("main").get_by_role("button", name="Create").click()
    expect(page.get_by_text("{Gymnast.level}")).to_be_visible()


@pytest.fixture
def gymnasts(signed_in: Page, stack: Stack) -> Page:
    """The type is there once, whichever test comes first."""
    if signed_in.request.get(f"{stack.url}/gymnasts/").status == 404:
        make_the_type(signed_in, stack)
        give_it_a_field(signed_in)
    return signed_in


def somebody(marketer: Marketer, first: str, level: str, email: str) -> None:
    marketer.go("/gymnasts/new/")
    for name, value in {"first_name": first, "last_name": "Vault", "email": email}.items():
        marketer.page.fill(f"input[name={name}]", value)
    marketer.page.select_option("select[name=f_level]", label=level)
    marketer.save()


def listed(marketer: Marketer, name: str, person: str) -> None:
    """A target list with one of them, by its panel."""
    marketer.go("/target-lists/new/")
    marketer.page.fill("input[name=name]", name)
    marketer.save()
    number = marketer.id_in_url()
    marketer.page.get_by_role("navigation", name="Members").get_by_role("link", name="Gymnasts").click()
    marketer.page.wait_for_url(f"**/target-lists/{number}/gymnasts/")
    marketer.go(f"/target-lists/{number}/gymnasts/select/?q={person}")
    marketer.page.get_by_label(re.compile("select all", re.I)).first.check()
    with marketer.page.expect_navigation():  # the page before shows the same person
        marketer.page.get_by_role("button", name=re.compile("Add")).first.click()
    expect(marketer.page.locator("main tbody tr")).to_have_count(1)


def test_from_the_type_to_the_preview_of_a_template(gymnasts: Page, stack: Stack) -> None:
    page, marketer = gymnasts, Marketer(gymnasts, stack)
    problems = watch(page)
    page.goto(stack.url)
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Gymnasts").click()
    page.wait_for_url("**/gymnasts/")
    somebody(marketer, "Nadia", "Gold", "nadia.vault@example.com")
    expect(page.get_by_role("heading", level=1)).to_have_text("Nadia Vault")
    listed(marketer, "Gym fans", "Nadia")
    marketer.go("/email-templates/new/?starter=")
    code = page.locator(".cm-content")
    code.fill("")
    page.keyboard.type("{Gymnast.le")
    expect(page.locator(".cm-tooltip-autocomplete li").first).to_contain_text("{Gymnast.level}")
    page.keyboard.press("Escape")
    marketer.template("Gym letter", "News", BODY)
    page.get_by_placeholder("Find a person…").press_sequentially("nadia")
    mail = page.frame_locator(".studio iframe:not(.waiting)")
    expect(mail.locator("body")).to_contain_text("Dear Nadia, your level is Gold.")
    assert problems == []


def test_a_worker_that_was_there_before_mails_them(gymnasts: Page, stack: Stack) -> None:
    marketer = Marketer(gymnasts, stack)
    somebody(marketer, "Simone", "Bronze", "simone.vault@example.com")
    listed(marketer, "Gym mailing", "Simone")
    marketer.template("Gym mail", "Your level", BODY)
    campaign = marketer.campaign("Gym campaign", "Gym mailing")
    number = marketer.mass_email(campaign, "Gym mass email", "Gym mail", entirely=False)
    marketer.run_the_job()
    marketer.wait_until_complete(number)
    mail = stack.wait_for_message("simone.vault@example.com")
    body = mail.get_body(("plain",))
    assert body is not None and "Dear Simone, your level is Bronze." in body.get_content()


def panels(page: Page) -> list[str]:
    """The labels in their order; other tests on this Herald may have made types of their own."""
    return [text.split("\n")[0] for text in page.locator(".panels .switch span").all_inner_texts()]


def test_panels_and_kinds_without_a_mouse_and_on_a_phone(gymnasts: Page, stack: Stack) -> None:
    page = gymnasts
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{stack.url}/admin/entities/panels/")
    before = panels(page)
    page.get_by_role("button", name="Move Gymnasts up").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Saved")
    after, place = panels(page), before.index("Gymnasts")
    assert after == [*before[: place - 1], "Gymnasts", before[place - 1], *before[place + 1 :]]
    page.goto(f"{stack.url}/admin/entities/")
    page.get_by_role("link", name="Gymnasts").first.click()
    page.get_by_role("link", name="Level").click()
    page.get_by_role("link", name="Change kind…").click()
    page.get_by_role("link", name=re.compile("^Date A day")).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Make “Level” a field of the kind Date?")
    assert violations(page) + overflow(page) == []
