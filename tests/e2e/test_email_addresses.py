"""An address is marked and unmarked by an administrator, in the browser: reasons, what follows, history."""

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.looking import UNSETTLED, Looking
from tests.stack import Stack


@pytest.fixture(scope="module")
def address(stack: Stack) -> str:
    stack.shell(
        "from crm.models import EmailAddress, EntityType, Record\n"
        "a = EmailAddress.objects.for_text('office@marked.example.com')\n"
        "t = EntityType.objects.get(key='Contact')\n"
        "for name in ('Ines Marked', 'Karim Marked'): Record.objects.create(entity_type=t, name=name, email_address=a)"
    )
    return "office@marked.example.com"


def test_marked_and_unmarked_with_reasons(signed_in: Page, stack: Stack, address: str) -> None:
    page = signed_in
    page.goto(f"{stack.url}/admin/")
    page.locator("main").get_by_role("link", name="Email Addresses").click()
    page.wait_for_url("**/admin/email-addresses/")
    page.get_by_placeholder("Part of an address").press_sequentially("marked.example")
    page.wait_for_url("**/admin/email-addresses/?q=marked.example")
    expect(page.locator(UNSETTLED)).to_have_count(0)
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(page.locator("tbody tr")).to_contain_text("Ines Marked")
    page.get_by_label(f"Select {address}").check()
    page.get_by_role("button", name="Opt Out…").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Opt Out: 1 address")
    page.get_by_label("Reason").fill("asked by phone on 3 May")
    page.get_by_role("button", name="Opt Out", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(address)
    expect(page.locator("main")).to_contain_text("asked by phone on 3 May")
    page.get_by_role("button", name="Cancel Opt-Out…").click()
    expect(page.locator("main")).to_contain_text("Marketing email goes to them again")
    seen = Looking(page)
    seen.accessible()
    seen.resize(320)
    seen.fits()
    page.get_by_label("Reason").fill("wrote that it was a mistake")
    page.get_by_role("button", name="Cancel Opt-Out", exact=True).click()
    history = page.locator("section", has=page.get_by_role("heading", name="History"))
    expect(history.locator("li")).to_have_count(2)
    expect(history.locator("li").first).to_contain_text("wrote that it was a mistake")
    expect(page.locator(".meta")).to_contain_text("Listed")
    seen.fits()
    seen.kept_to_the_policy()
    assert "\n".join(seen.problems) == ""
