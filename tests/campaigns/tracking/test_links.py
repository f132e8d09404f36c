"""The addresses that mails carry (T14)."""

import re

import pytest
from django.urls import resolve

from campaigns.models import QueueItem
from campaigns.tracking import links
from campaigns.tracking.tokens import Purpose, read
from tests.campaigns.tracking.conftest import Mail


def test_every_address_leads_to_its_view() -> None:
    urls = {
        "click": links.click("", 1, 2),
        "open": links.open_pixel("", 1),
        "opt_out": links.opt_out("", 1, 2),
        "preferences": links.preferences("", 1, 2),
        "web_version": links.web_version("", 1),
    }
    for name, url in urls.items():
        assert resolve(url).view_name == f"public:{name}"


def test_no_address_shows_who_or_which(mail: Mail) -> None:
    for url in mail.urls().values():
        assert "@" not in url
        assert "ines" not in url
        assert not re.search(rf"\b{mail.item.pk}\b", url)


def test_the_same_link_is_the_same_text_in_every_copy(mail: Mail) -> None:
    again = QueueItem.objects.get(pk=mail.item.pk)
    assert links.click("https://crm.example.com", again.pk, mail.link.pk) == f"https://crm.example.com{mail.click_url}"


BASE = "https://crm.example.com"
ALL = {"trackingUrl:a", "trackingUrl:b", "openPixelUrl", "webVersionUrl", "preferencesUrl", "optOutUrl"}


@pytest.mark.parametrize("item_id", [1, 127, 128, 2**40])
def test_all_links_of_an_item_are_the_same_texts_as_one_by_one(item_id: int) -> None:
    made = links.ItemLinks(BASE, ALL, {"a": 3, "b": 2**20, "unused": 9}).of(item_id, 77)
    assert made == {
        "trackingUrl:a": links.click(BASE, item_id, 3),
        "trackingUrl:b": links.click(BASE, item_id, 2**20),
        "openPixelUrl": links.open_pixel(BASE, item_id),
        "webVersionUrl": links.web_version(BASE, item_id),
        "preferencesUrl": links.preferences(BASE, item_id, 77),
        "optOutUrl": links.opt_out(BASE, item_id, 77),
    }


def test_links_that_no_content_uses_are_not_made_but_the_opt_out_always_is() -> None:
    assert links.ItemLinks(BASE, {"Person.firstName"}, {"a": 3}).of(5, 6) == {"optOutUrl": links.opt_out(BASE, 5, 6)}


def test_a_return_path_names_its_item() -> None:
    path = links.ReturnPaths("bounce@mail.example.com").of(300)
    local, _at, domain = path.partition("@")
    assert domain == "mail.example.com"
    assert read(Purpose.BOUNCE, local.removeprefix("bounce+")) == (300,)
