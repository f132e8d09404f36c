"""An ordinary page loads at most 60 kB of styles and scripts, compressed as the server sends them; the font apart."""

import gzip
import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.test import Client

from tests.factories import CampaignFactory, RecordFactory

pytestmark = pytest.mark.django_db
BUDGET = 60_000  # octets
LOADED = re.compile(r'<(?:link rel="stylesheet" href|script src)="/static/([^"?]+)')


def weight(name: str) -> int:
    found = finders.find(name)
    assert isinstance(found, str), f"{name} is not among the static files"
    return len(gzip.compress(Path(found).read_bytes(), 9))


@pytest.mark.parametrize("path", ["/", "/contacts/", "/campaigns/", "/health/", "/mass-emails/", "/target-lists/"])
def test_an_ordinary_page_is_light(path: str, as_administrator: Client) -> None:
    RecordFactory.create()
    CampaignFactory.create()
    names = LOADED.findall(as_administrator.get(path).content.decode())
    weights = {name: weight(name) for name in dict.fromkeys(names)}
    assert {"css/tokens.css", "js/app.js"} <= set(weights)
    assert sum(weights.values()) <= BUDGET, weights
