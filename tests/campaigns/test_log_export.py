"""The log as CSV: what the filter shows, streamed, and nothing in it that a spreadsheet would run."""

import csv
import io
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from campaigns.models import Action, LogRecord
from crm.csv_text import FORMULA_STARTS, csv_lines, safe_cell
from crm.exports import table
from crm.models import Record
from tests.busy_campaign import BusyCampaign, make_busy_campaign


@pytest.fixture
def busy(db: None) -> BusyCampaign:
    return make_busy_campaign(40)


def rows_of(client: Client, busy: BusyCampaign, **query: str) -> list[list[str]]:
    url = reverse("campaigns:log_export", args=[busy.campaign.pk])
    answer: Any = client.get(url, {**query, "format": "csv"})
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert answer["Content-Disposition"] == 'attachment; filename="autumn-product-launch-log.csv"'
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline="")))


def test_it_holds_every_event_newest_first(
    busy: BusyCampaign, as_viewer: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(table, "ROWS_AT_A_TIME", 7)
    heading, *rows = rows_of(as_viewer, busy)
    assert heading[:4] == ["Date", "Action", "Name", "Email Address"]
    wanted = LogRecord.objects.filter(campaign_id=busy.campaign.pk, is_machine=False).order_by("-id")
    assert [row[3] for row in rows] == [event.address for event in wanted]
    assert {len(row) for row in rows} == {len(heading)}


def test_it_holds_what_the_filter_shows(busy: BusyCampaign, as_viewer: Client) -> None:
    _heading, *rows = rows_of(as_viewer, busy, action="clicked", tracking_url=str(busy.tracking_urls[0].pk))
    clicks = LogRecord.objects.filter(action=Action.CLICKED, tracking_url_id=busy.tracking_urls[0].pk)
    assert len(rows) == clicks.count()
    assert {(row[1], row[5]) for row in rows} <= {("Clicked", "Try the demo")}


def test_names_that_begin_like_a_formula_are_text(busy: BusyCampaign, as_viewer: Client) -> None:
    Record.objects.update(name='=HYPERLINK("https://evil.example.com")')
    names = {row[2] for row in rows_of(as_viewer, busy)[1:]}
    assert names == {'\'=HYPERLINK("https://evil.example.com")'}


@given(st.text())
def test_no_cell_begins_what_could_be_a_formula(text: str) -> None:
    cell = safe_cell(text)
    assert not cell.startswith(FORMULA_STARTS)
    assert cell.removeprefix("'") == text.removeprefix("'")


@given(st.lists(st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")), min_size=1)))
def test_what_is_written_is_read_again(rows: list[list[str]]) -> None:
    text = "".join(csv_lines(["a"], rows)).removeprefix("\ufeff")
    read = list(csv.reader(io.StringIO(text, newline="")))[1:]
    assert read == [[safe_cell(cell) for cell in row] for row in rows]
