"""Where one is: the sidebar marks a link, the phone's dock the part of Herald it belongs to."""

import re

import pytest
from django.test import Client

from tests.factories import CampaignFactory

pytestmark = pytest.mark.django_db


def marked(page: str, part: str) -> list[str]:
    """The words of the links (or the button More) that are current in a part of the page."""
    shown = page[page.index(part) :].partition("</nav>")[0]
    return re.findall(r"aria-current[^>]*>(?:<svg.*?</svg>)?<span[^>]*>(.*?)</span>", shown)


@pytest.mark.parametrize(
    ("path", "link", "dock"),
    [
        ("/", "Home", "Home"),
        ("/campaigns/{pk}/", "Campaigns", "Campaigns"),
        ("/campaigns/{pk}/mass-emails/new/", "Mass Emails", "Campaigns"),
        ("/campaigns/{pk}/tracking-urls/new/", "Tracking URLs", "Campaigns"),
        ("/email-templates/", "Email Templates", "Campaigns"),
        ("/contacts/", "Contacts", "Audience"),
        ("/imports/", "Imports", "Audience"),
        ("/reports/", "Reports", "Reports"),
        ("/users/", "Administration", "More"),
        ("/tasks/", "Administration", "More"),
        ("/health/", "Health", "More"),
        ("/sandbox/", "Sandbox mail", "More"),
    ],
)
def test_a_page_is_marked_where_it_belongs(path: str, link: str, dock: str, as_administrator: Client) -> None:
    answer = as_administrator.get(path.format(pk=CampaignFactory.create().pk), follow=True)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert marked(page, '<nav class="nav"') == [link]
    assert marked(page, '<nav class="dock"') == [dock]


def test_a_page_that_belongs_nowhere_marks_nothing(as_administrator: Client) -> None:
    page = as_administrator.get("/profile/").content.decode()
    assert marked(page, '<nav class="nav"') == marked(page, '<nav class="dock"') == []
