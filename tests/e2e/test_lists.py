"""Lists in the browser: filter builder by keyboard, saved filters, columns, all results in bulk, without script."""

import re
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.e2e.conftest import sign_in
from tests.e2e.looking import UNSETTLED, Looking
from tests.stack import Stack

CONDITION = "where=%7B%22all%22%3A%5B%5B%22name%22%2C%22not_empty%22%5D%5D%7D"


@pytest.fixture(scope="module")
def contacts(stack: Stack) -> int:
    """Contacts of the demo and 130 more; how many these are."""
    stack.shell(
        "from crm.models import EntityType, Record\n"
        "t = EntityType.objects.get(key='Contact')\n"
        "Record.objects.bulk_create(Record(entity_type=t, name=f'Lister {n:03}', last_name=f'Lister {n:03}',"
        " values={'country': 'Chile' if n % 2 else 'Peru'}) for n in range(130))"
    )
    return 130


@pytest.fixture
def plain(browser: Browser, stack: Stack) -> Iterator[Page]:
    """Signed in with JavaScript off."""
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    sign_in(page, stack)
    yield page
    context.close()


def where(page: Page) -> str:
    return parse_qs(urlsplit(page.url).query).get("where", [""])[0]


def count(page: Page, chip: str = "All") -> Locator:
    return page.locator(".chip", has_text=chip).first.locator(".n")


def press(button: Locator) -> None:
    """Without script every press asks for a page, which may say the same as the one before."""
    with button.page.expect_navigation():
        button.click()


def press_until(page: Page, key: str, target: Locator, most: int = 80) -> None:
    """Press a key until the target has the focus, as somebody without a mouse does."""
    for _time in range(most):
        page.keyboard.press(key)
        if target.evaluate("one => one === document.activeElement"):
            return
    raise AssertionError("the keyboard did not get there")


def choose_by_arrows(page: Page, field: Locator, value: str, most: int = 80) -> None:
    """Letters choose only when one soon follows the other; arrows take their time."""
    for _time in range(most):
        if field.input_value() == value:
            return
        page.keyboard.press("ArrowDown")
    raise AssertionError(f"{value} is not among the choices")


@pytest.mark.usefixtures("contacts")
def test_the_filter_builder_by_keyboard(signed_in: Page, stack: Stack) -> None:
    page = signed_in
    page.goto(f"{stack.url}/contacts/")
    page.locator("[data-list] [data-search]").focus()
    press_until(page, "Tab", page.locator(".filters > summary"), 5)
    page.keyboard.press("Enter")
    field = page.get_by_label("Field")
    press_until(page, "Tab", field, 5)
    with page.expect_response(re.compile("b.do=show.*f_country|f_country.*b.do=show")):
        choose_by_arrows(page, field, "f_country")
    expect(page.locator(UNSETTLED)).to_have_count(0)
    expect(page.get_by_label("Operator")).to_have_value("contains")
    expect(field).to_be_focused()
    expect(field).to_have_value("f_country")
    value = page.get_by_label("Value")
    press_until(page, "Tab", value, 5)
    page.keyboard.type("chile")
    page.keyboard.press("Enter")
    page.wait_for_url("**/contacts/?where=**")
    assert where(page) == '{"all":[["f_country","contains","chile"]]}'
    expect(count(page)).to_have_text("65")
    page.get_by_role("link", name="Country contains chile").click()
    expect(page).to_have_url(re.compile(r"/contacts/\??$"))


def test_what_is_typed_while_the_operators_are_under_way_stays(signed_in: Page, stack: Stack) -> None:
    page, held = signed_in, []
    page.goto(f"{stack.url}/contacts/?{CONDITION}")
    page.locator(".filters > summary").click()
    page.get_by_label("Operator").select_option("contains")
    value = page.get_by_label("Value")
    value.fill("a")
    page.route(re.compile("b.do=show"), lambda route: held.append(route))
    with page.expect_request(re.compile("b.do=show")):
        page.get_by_label("Field").select_option("f_country")
    value.fill("chile")
    held[0].continue_()
    expect(page.locator(UNSETTLED)).to_have_count(0)
    expect(page.get_by_label("Field")).to_have_value("f_country")
    expect(value).to_have_value("chile")
    expect(value).to_be_focused()


@pytest.mark.usefixtures("contacts")
def test_groups_and_problems(signed_in: Page, stack: Stack) -> None:
    page = signed_in
    page.goto(f"{stack.url}/contacts/?q=lister")
    page.locator(".filters > summary").click()
    page.get_by_label("How the conditions are joined").select_option("none")
    page.get_by_label("Field").select_option("created_at")
    page.get_by_label("Operator").select_option("last_days")
    expect(page.get_by_label("Number of days")).to_be_visible()
    page.get_by_role("button", name="Add group").first.click()
    expect(page.locator(".of-group")).to_have_count(2)
    page.get_by_role("button", name="Remove group").click()
    expect(page.locator(".of-group")).to_have_count(1)
    page.get_by_role("button", name="Apply").last.click()
    expect(page.locator(".problem")).to_contain_text("Enter a number of days.")
    page.get_by_label("Number of days").fill("0")
    page.get_by_role("button", name="Apply").last.click()
    page.wait_for_url("**where=**")
    assert where(page) == '{"none":[["created_at","last_days",0]]}'
    assert "q=lister" in page.url
    expect(page.get_by_text("Nothing matches")).to_be_visible()


@pytest.mark.usefixtures("contacts")
def test_a_saved_filter_with_its_count(signed_in: Page, stack: Stack) -> None:
    page = signed_in
    page.goto(f"{stack.url}/contacts/?q=lister&f_country=Peru")
    page.locator("summary", has_text="Save filter").click()
    page.get_by_label("Name of the filter").fill("Peruvians")
    page.locator(".save-filter button").click()
    expect(page.locator(".chip[aria-current]", has_text="Peruvians")).to_contain_text("65")
    with page.expect_navigation():
        page.get_by_role("link", name="Edit filter").click()
    page.get_by_label("Name").fill("Listers of Peru")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".chip", has_text="Listers of Peru")).to_be_visible()
    with page.expect_navigation():
        page.get_by_role("link", name="Edit filter").click()
    with page.expect_navigation():
        page.get_by_role("button", name="Remove this filter").click()
    expect(page.locator(".chip", has_text="Listers of Peru")).to_have_count(0)


@pytest.mark.usefixtures("contacts")
def test_columns_are_chosen_and_moved(signed_in: Page, stack: Stack) -> None:
    page = signed_in
    page.goto(f"{stack.url}/leads/")
    page.locator("summary", has_text="Columns").click()
    page.get_by_label("Modified At", exact=True).check()
    page.get_by_role("button", name="Move Modified At up").press("Enter")
    expect(page.locator("thead")).to_contain_text("Modified At")
    page.goto(f"{stack.url}/leads/")
    expect(page.locator("thead")).to_contain_text("Modified At")
    page.locator("summary", has_text="Columns").click()
    page.get_by_role("button", name="As it was").click()
    expect(page.locator("thead")).not_to_contain_text("Modified At")


def test_all_results_across_pages_with_the_number(signed_in: Page, stack: Stack, contacts: int) -> None:
    page = signed_in
    page.goto(f"{stack.url}/contacts/?q=lister")
    page.locator("[data-tick-all]").check()
    expect(page.locator("[data-ticked]")).to_have_text("20")
    page.get_by_label(f"All {contacts} results").check()
    page.get_by_role("button", name="Edit field…").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Edit a field of {contacts} records")
    page.get_by_label("Field").select_option("f_city")
    page.get_by_role("button", name="Next").click()
    page.get_by_label("City").fill("Lima")
    page.get_by_role("button", name=f"Change {contacts} records").click()
    expect(page.get_by_text(f"{contacts} records were changed.")).to_be_visible(timeout=120_000)
    page.get_by_role("link", name="Show the result").click()
    page.wait_for_url("**/contacts/**")
    page.goto(f"{stack.url}/contacts/?f_city=Lima")
    expect(count(page)).to_have_text(str(contacts))


@pytest.mark.usefixtures("contacts")
def test_everything_works_without_script(plain: Page, stack: Stack) -> None:
    page = plain
    page.goto(f"{stack.url}/contacts/")
    page.locator(".filters > summary").click()
    page.get_by_label("Field").select_option("f_country")
    press(page.get_by_role("button", name="Show operators"))
    page.get_by_label("Value").fill("peru")
    press(page.get_by_role("button", name="Add condition"))
    page.get_by_label("Field").nth(1).select_option("name")
    press(page.get_by_role("button", name="Show operators"))
    page.get_by_label("Value").nth(1).fill("lister")
    press(page.get_by_role("button", name="Apply").last)
    assert where(page) == '{"all":[["f_country","contains","peru"],["name","contains","lister"]]}'
    expect(count(page)).to_have_text("65")
    page.get_by_label("Select Lister 000").check()
    page.get_by_label("Select Lister 002").check()
    page.get_by_role("button", name="Add to target list…").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Add 2 records to a target list")
    page.goto(f"{stack.url}/contacts/")
    page.locator("summary", has_text="Columns").click()
    page.get_by_label("Rows per page").select_option("50")
    press(page.locator(".chooser .btn.primary"))
    expect(page.locator("tbody tr")).to_have_count(50)
    page.locator("summary", has_text="Columns").click()
    page.get_by_role("button", name="As it was").click()
    expect(page.locator("tbody tr")).to_have_count(20)


def test_rows_by_keyboard(signed_in: Page, stack: Stack) -> None:
    page = signed_in
    page.goto(f"{stack.url}/contacts/")
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(page.locator("tbody tr").nth(1).locator(".who a")).to_be_focused()
    page.keyboard.press("x")
    expect(page.locator("[data-ticked]")).to_have_text("1")
    page.keyboard.press("k")
    page.keyboard.press("Enter")
    page.wait_for_url("**/contacts/*/")


LISTS = ["contacts", "campaigns", "mass-emails", "email-templates", "tracking-urls", "target-lists"]


@pytest.mark.parametrize("name", LISTS)
def test_no_overflow_and_no_barrier_with_the_filter_open(signed_in: Page, stack: Stack, name: str) -> None:
    seen = Looking(signed_in)
    seen.page.emulate_media(reduced_motion="reduce")
    seen.resize(1440)
    seen.page.goto(f"{stack.url}/{name}/?{CONDITION}")
    seen.settled()
    seen.page.locator(".filters > summary").click()
    seen.accessible()
    seen.theme("dark")
    seen.resize(390)
    seen.accessible()
    seen.stretch()
    seen.page.locator("details.columns").evaluate("(one) => { one.open = true; }")
    for width in (320, 390, 1440):
        seen.resize(width)
        seen.fits()
    seen.kept_to_the_policy()
    assert "\n".join(seen.problems) == ""
