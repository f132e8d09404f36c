"""The addresses that mails carry (T14)."""

import re

from django.urls import resolve

from campaigns.models import QueueItem
from campaigns.tracking import links
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
