"""Target lists in the browser: Select with all results, and Sync with Reports."""

import json
import re

import pytest
from playwright.sync_api import Page, expect

from tests.stack import Stack

LISTERS = 130
MAKE = f"""
import json
from crm.models import EntityType, Record
from targets.models import Report, TargetList
t = EntityType.objects.get(key='Lead')
Record.objects.bulk_create(
    Record(entity_type=t, name=f'Syncer {{n:03}}', last_name=f'Syncer {{n:03}}', phone='1' if n < 5 else '')
    for n in range({LISTERS})
)
report = Report.objects.create(
    name='Syncers with a phone', entity_type=t, is_shared=True,
    criteria={{'all': [['name', 'starts', 'Syncer'], ['phone', 'not_empty']]}},
)
print('MADE' + json.dumps([TargetList.objects.create(name=name).pk for name in ('Browser select', 'Browser sync')]))
"""


@pytest.fixture(scope="module")
def lists(stack: Stack) -> list[int]:
    """Two empty lists, leads to select, and a report that finds five of them."""
    found: list[int] = json.loads(stack.shell(MAKE).partition("MADE")[2].splitlines()[0])
    return found


def test_select_all_results_across_pages(signed_in: Page, stack: Stack, lists: list[int]) -> None:
    page = signed_in
    page.goto(f"{stack.url}/target-lists/{lists[0]}/leads/")
    page.locator(".panel-acts").get_by_role("link", name="Select Leads").click()
    page.wait_for_url("**/leads/select/**")
    page.get_by_role("searchbox", name="Search", exact=True).last.fill("syncer")
    expect(page.locator(".chip", has_text="All").first.locator(".n")).to_have_text(str(LISTERS))
    page.locator("[data-tick-all]").check()
    page.get_by_label(f"All {LISTERS} results").check()
    page.get_by_role("button", name="Add to the list").click()
    expect(page.get_by_text(f"{LISTERS} records were added.")).to_be_visible(timeout=120_000)
    page.get_by_role("link", name="Show the result").click()
    expect(page.locator(".tabs a", has_text="Leads")).to_contain_text(str(LISTERS))


def test_sync_with_reports_shows_the_difference_first(signed_in: Page, stack: Stack, lists: list[int]) -> None:
    page = signed_in
    page.goto(f"{stack.url}/target-lists/{lists[1]}/sync/")
    page.get_by_role("link", name="Choose reports").click()
    page.get_by_label("Syncers with a phone").check()
    page.get_by_label("Exact").check()
    page.get_by_role("button", name="Save").click()
    page.get_by_role("link", name="Sync now…").click()
    page.wait_for_url("**/sync/preview/")  # a search that is quicker than its script is not made
    expect(page.locator(".meta")).to_contain_text("5 to add")
    expect(page.locator("#changes tbody tr")).to_have_count(5)
    page.get_by_role("searchbox", name="Search", exact=True).last.fill("syncer 003")
    expect(page.locator("#changes tbody tr")).to_have_count(1)
    page.get_by_role("button", name="Sync now").click()
    expect(page.get_by_text("5 records were added.")).to_be_visible()
    expect(page.locator(".meta")).to_contain_text(re.compile("Synced with Syncers with a phone"))
