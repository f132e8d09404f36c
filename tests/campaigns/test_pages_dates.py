"""The dates of a campaign, in the same words wherever they stand."""

from datetime import date

import pytest
from django.test import Client

from tests.factories import CampaignFactory


@pytest.mark.parametrize(
    ("start", "end", "words"),
    [
        (date(2026, 11, 21), None, "from 21 Nov 2026"),
        (None, date(2026, 11, 30), "until 30 Nov 2026"),
        (
            date(2026, 11, 21),
            date(2026, 11, 30),
            '<span class="nowrap">21 Nov</span> – <span class="nowrap">30 Nov 2026</span>',
        ),
    ],
)
def test_list_head_and_details_say_the_same(
    as_viewer: Client, start: date | None, end: date | None, words: str
) -> None:
    campaign = CampaignFactory.create(start_date=start, end_date=end)
    assert as_viewer.get("/campaigns/").content.decode().count(words) == 1
    assert as_viewer.get(campaign.get_absolute_url()).content.decode().count(words) == 2
