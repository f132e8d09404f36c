"""The search of everything: the palette's fragment, pages and actions by their words, what each role finds."""

import pytest
from django.test import Client

from tests.factories import CampaignFactory, RecordFactory, TrackingUrlFactory

pytestmark = pytest.mark.django_db
PALETTE = {"HX-Request": "true", "HX-Target": "palette-hits"}


def titles(client: Client, text: str) -> list[str]:
    return [hit.title for hit in client.get("/search/", {"q": text}).context["hits"]]


def test_the_palette_gets_options_and_nothing_else(as_marketer: Client) -> None:
    CampaignFactory.create(name="Autumn <launch>")
    answer = as_marketer.get("/search/", {"q": "autumn"}, headers=PALETTE)
    text = answer.content.decode()
    assert "<html" not in text and 'role="option"' in text and "Autumn &lt;launch&gt;" in text
    assert "HX-Target" in answer["Vary"]


def test_an_empty_palette_offers_pages_and_actions(as_marketer: Client, as_viewer: Client) -> None:
    assert "Create Campaign" in as_marketer.get("/search/", headers=PALETTE).content.decode()
    viewer = as_viewer.get("/search/", headers=PALETTE).content.decode()
    assert "Create Campaign" not in viewer and "Campaigns" in viewer


@pytest.mark.parametrize("text", ["email temp", "EMAIL", "témplates email"])
def test_pages_are_found_by_the_beginnings_of_their_words(text: str, as_viewer: Client) -> None:
    assert "Email Templates" in titles(as_viewer, text)


def test_administration_is_found_by_administrators_alone(as_marketer: Client, as_administrator: Client) -> None:
    assert "Outbound Emails" in titles(as_administrator, "outbound")
    assert titles(as_marketer, "outbound") == []
    assert "Health" not in titles(as_marketer, "health")


def test_tracking_urls_are_found_by_name_and_target(as_viewer: Client) -> None:
    TrackingUrlFactory.create(name="Try our demo", url="https://shop.example.com/demo")
    assert "Try our demo" in titles(as_viewer, "demo")
    assert "Try our demo" in titles(as_viewer, "shop.example")


def test_the_palette_shows_few_of_a_kind_and_the_page_more(as_viewer: Client) -> None:
    RecordFactory.create_batch(12, first_name="Ines")
    page = as_viewer.get("/search/", {"q": "ines"})
    assert len(page.context["groups"][0][1]) == 12
    palette = as_viewer.get("/search/", {"q": "ines"}, headers=PALETTE)
    assert len(palette.context["groups"][0][1]) == 6


def test_the_page_says_where_it_shows_the_first_few_and_leads_to_all(as_viewer: Client) -> None:
    for number in range(6):
        CampaignFactory.create(name=f"Ines {number}")
    RecordFactory.create_batch(2, first_name="Ines")
    answer = as_viewer.get("/search/", {"q": "ines"})
    found = {str(kind): (len(these), more) for kind, these, more in answer.context["groups"]}
    assert found == {"Campaigns": (5, "/campaigns/?q=ines"), "Contacts": (2, "")}
    page = answer.content.decode()
    assert "first 5" in page and 'href="/campaigns/?q=ines"' in page and "7 results" not in page
    assert as_viewer.get("/campaigns/", {"q": "ines"}).context["list"].total == 6


def test_people_beyond_the_first_are_in_the_lists_of_their_kinds(as_viewer: Client) -> None:
    RecordFactory.create_batch(20, first_name="Ines")
    RecordFactory.create(kind="Lead", first_name="Ines", last_name="0")
    groups = as_viewer.get("/search/", {"q": "ines"}).context["groups"]
    assert {more for _kind, _these, more in groups} == {"/contacts/?q=ines", "/leads/?q=ines"}
