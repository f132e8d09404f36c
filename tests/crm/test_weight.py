"""An ordinary page loads at most 60 kB of styles and scripts, compressed as the server sends them; the font apart.

The library that draws charts is as large again: only pages with a chart load it, after everything else.
"""

import gzip
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.test import Client

from tests.campaigns.pages_world import make_world
from tests.factories import CampaignFactory, RecordFactory, TargetListFactory

pytestmark = pytest.mark.django_db
BUDGET = 60_000  # octets
CHART = "build/chart.js"
LOADED = re.compile(r'<(?:link rel="stylesheet" href|script src)="/static/([^"?]+)')


def weight(name: str) -> int:
    found = finders.find(name)
    assert isinstance(found, str), f"{name} is not among the static files"
    return len(gzip.compress(Path(found).read_bytes(), 9))


def loaded(client: Client, path: str) -> dict[str, int]:
    """Name → octets of every sheet and script of the page, 0 for the library of charts, which may not be built yet; a
    target list leads on to its first tab."""
    answer = client.get(path, follow=True)
    assert answer.status_code == 200, path
    names = dict.fromkeys(LOADED.findall(answer.content.decode()))
    return {name: 0 if name == CHART else weight(name) for name in names}


def record() -> str:
    return RecordFactory.create().get_absolute_url()


def campaign() -> str:
    """With all that its page can show: mass emails in three states, tracking URLs, a log that draws the chart."""
    return make_world().campaign.get_absolute_url()


def target_list() -> str:
    return TargetListFactory.create(records=[RecordFactory.create()]).get_absolute_url()


@pytest.mark.parametrize("path", ["/", "/contacts/", "/campaigns/", "/health/", "/mass-emails/", "/target-lists/"])
def test_an_ordinary_page_is_light(path: str, as_administrator: Client) -> None:
    RecordFactory.create()
    CampaignFactory.create()
    weights = loaded(as_administrator, path)
    assert {"css/tokens.css", "js/app.js"} <= set(weights)
    assert any("htmx" in name for name in weights)
    assert sum(weights.values()) <= BUDGET, weights


@pytest.mark.parametrize("make", [record, campaign, target_list], ids=lambda make: make.__name__)
def test_the_page_of_one_thing_is_light(make: Callable[[], str], as_administrator: Client) -> None:
    weights = loaded(as_administrator, make())
    assert any("htmx" in name for name in weights)
    assert (CHART in weights) is (make is campaign)
    assert sum(weights.values()) <= BUDGET, weights


def test_a_campaign_without_events_loads_no_chart(as_administrator: Client) -> None:
    assert CHART not in loaded(as_administrator, CampaignFactory.create().get_absolute_url())
