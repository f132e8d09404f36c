"""All results of a list as a workbook, at once and by a worker, in the browser."""

import io
import re

import pytest
from openpyxl import load_workbook
from playwright.sync_api import Page, Route, expect

from tests.e2e.looking import Looking
from tests.stack import Stack

MANY = 6000  # more than a person waits for


@pytest.fixture(scope="module")
def contacts(stack: Stack) -> None:
    stack.shell(
        "from crm.models import EntityType, Record\n"
        "t = EntityType.objects.get(key='Lead')\n"
        f"Record.objects.bulk_create(Record(entity_type=t, name=f'Exported {{n:04}}') for n in range({MANY}))"
    )


def lead_elsewhere(route: Route, path: str) -> None:
    """What was asked for is begun, and whoever asked is on another page than that of its progress before it is done."""
    answer = route.fetch(max_redirects=0)
    assert "/tasks/" in answer.headers["location"]
    route.fulfill(response=answer, headers={**answer.headers, "location": path})


def rows_of(page: Page, press: object) -> list[list[object]]:
    with page.expect_download() as download:
        press()  # type: ignore[operator]
    book = load_workbook(io.BytesIO(download.value.path().read_bytes()), read_only=True)
    return [list(row) for row in book.worksheets[0].iter_rows(values_only=True)]


@pytest.mark.usefixtures("contacts")
def test_all_results_are_exported_behind_and_downloaded(signed_in: Page, stack: Stack) -> None:
    page = signed_in
    page.goto(f"{stack.url}/leads/?q=exported")
    page.locator("[data-tick-all]").check()
    page.get_by_label(re.compile("All 6,000 results")).check()
    page.get_by_role("button", name="Export…").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Export 6,000 rows")
    for name in ("Phone", "Description"):
        page.get_by_label(name, exact=True).uncheck()
    page.route("**/leads/export/", lambda route: lead_elsewhere(route, "/accounts/"))
    page.get_by_role("button", name="Export", exact=True).click()
    page.wait_for_url("**/accounts/")  # it is told there
    toast = page.locator(".toast", has_text="Export: Leads")
    expect(toast).to_contain_text("Success", timeout=120_000)
    toast.hover()
    rows = rows_of(page, toast.get_by_role("link", name="Download").click)
    assert len(rows) == 1 + MANY and "Phone" not in rows[0] and "Email state" in rows[0]
    assert rows[1][0] == "Exported 0000"
    page.goto(f"{stack.url}/exports/")
    expect(page.get_by_role("link", name="leads.xlsx")).to_be_visible()


@pytest.mark.usefixtures("contacts")
def test_a_few_rows_are_there_at_once(signed_in: Page, stack: Stack) -> None:
    page = signed_in
    page.goto(f"{stack.url}/leads/?q=exported+000")
    page.get_by_label("Select Exported 0001").check()
    page.get_by_label("Select Exported 0003").check()
    page.get_by_role("button", name="Export…").click()
    seen = Looking(page)
    rows = rows_of(page, page.get_by_role("button", name="Export", exact=True).click)
    assert [row[0] for row in rows[1:]] == ["Exported 0001", "Exported 0003"]
    seen.resize(320)
    seen.fits()
    seen.accessible()
    seen.kept_to_the_policy()
    assert "\n".join(seen.problems) == ""
