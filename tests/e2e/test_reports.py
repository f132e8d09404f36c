"""Reports in the browser: from a question to a chart on Home, the builder within the form, all of it without script."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import sign_in
from tests.stack import Stack


@pytest.fixture(scope="module")
def countries(stack: Stack) -> None:
    stack.shell(
        "from crm.models import EntityType, Record\n"
        "t = EntityType.objects.get(key='Lead')\n"
        "Record.objects.bulk_create(Record(entity_type=t, name=f'Reporter {n}', last_name=f'Reporter {n}',"
        " values={'country': 'Chile' if n % 3 else 'Peru'}) for n in range(30))"
    )


@pytest.fixture
def plain(browser: Browser, stack: Stack) -> Iterator[Page]:
    """Signed in with JavaScript off."""
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    sign_in(page, stack)
    yield page
    context.close()


@pytest.mark.usefixtures("countries")
def test_a_grid_is_built_looked_at_and_pinned(signed_in: Page, stack: Stack) -> None:
    page = signed_in
    page.goto(f"{stack.url}/reports/new/?type=leads&kind=grid")
    page.get_by_label("Name", exact=False).first.fill("Leads by country")
    page.get_by_label("Field").select_option(label="Name")
    expect(page.get_by_label("Operator")).to_have_value("contains")  # the builder came again, the form did not
    page.get_by_label("Value").fill("reporter")
    page.get_by_label("Group by").select_option(label="Country")
    page.get_by_role("button", name="Show the result").click()
    preview = page.locator("#preview")
    expect(preview.locator("canvas")).to_be_visible()
    expect(preview.get_by_role("row", name="Chile")).to_contain_text("20")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Leads by country")
    page.get_by_role("link", name="20", exact=True).click()
    page.wait_for_url("**/leads/**")
    expect(page.locator(".chip", has_text="All").first.locator(".n")).to_have_text("20")
    page.go_back()
    with page.expect_navigation():
        page.get_by_role("button", name="Pin on Home").click()
    page.goto(f"{stack.url}/")
    card = page.locator(".report-card", has=page.get_by_role("link", name="Leads by country"))
    expect(card.locator("canvas")).to_be_visible()


@pytest.mark.usefixtures("countries")
def test_a_list_report_fills_a_target_list_without_script(plain: Page, stack: Stack) -> None:
    page = plain
    page.goto(f"{stack.url}/reports/new/?type=leads&kind=list")
    page.get_by_label("Name", exact=False).first.fill("Peruvians")
    page.get_by_label("Field").select_option(label="Country")
    with page.expect_navigation():
        page.get_by_role("button", name="Show operators").click()
    page.get_by_label("Value").fill("Peru")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("[data-row]")).to_have_count(10)
    page.get_by_role("link", name="Create Target List").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Put 10 records on a target list")
    page.get_by_role("button", name="Add").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Peruvians")
