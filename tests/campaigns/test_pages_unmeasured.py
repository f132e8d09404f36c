"""Opened, where Email Open Tracking is off or the type of the campaign has no such number: a dash, never 0 percent."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from campaigns.models import QueueItem, QueueStatus
from crm.models import Settings
from tests.factories import CampaignFactory, MassEmailFactory

pytestmark = pytest.mark.django_db


def cells(client: Client, url: str, label: str) -> list[str]:
    page = client.get(url).content.decode()
    return [text.strip() for text in re.findall(rf'data-label="{label}" class="num[^"]*">(.*?)</td>', page, re.DOTALL)]


@pytest.mark.parametrize(
    ("tracking", "opened", "shown"), [(False, 0, "—"), (False, 1, "25.0%"), (True, 0, "0.0%"), (True, 1, "25.0%")]
)
def test_opened_is_shown_where_it_is_known(as_viewer: Client, tracking: bool, opened: int, shown: str) -> None:
    Settings.load()
    Settings.objects.update(open_tracking=tracking)
    mass_email = MassEmailFactory.create(status="complete", sent_count=4, opened_count=opened)
    QueueItem.objects.create(mass_email_id=mass_email.pk, status=QueueStatus.SENT)
    for url in ("/campaigns/", "/mass-emails/", mass_email.campaign.get_absolute_url()):
        assert cells(as_viewer, url, "Opened") == [shown], url
        assert cells(as_viewer, url, "Clicked") == ["0.0%"], url
    for url in (mass_email.get_absolute_url(), mass_email.campaign.get_absolute_url()):
        number = re.search(
            r'id="number-opened".*?<span class="v">(.*?)</span>', as_viewer.get(url).content.decode(), re.S
        )
        assert number and (number[1] == "—") == (shown == "—"), url


def test_an_informational_email_has_neither_opens_nor_clicks(as_viewer: Client) -> None:
    campaign = CampaignFactory.create(type="informational")
    MassEmailFactory.create(campaign=campaign, status="complete", sent_count=4)
    Settings.load()
    Settings.objects.update(open_tracking=True)
    for url in ("/campaigns/", "/mass-emails/", campaign.get_absolute_url(), reverse("crm:home")):
        assert [*cells(as_viewer, url, "Opened"), *cells(as_viewer, url, "Clicked")] == ["—", "—"], url
