"""What pages say and offer: the menu of a row by its status, figures of links, forecast, live progress, crumbs."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from campaigns.models import (
    Action,
    EmailTemplate,
    LogRecord,
    MassEmail,
    MassEmailStatus,
    Portion,
    PortionStatus,
    TrackingUrl,
)
from crm.jobs import note_alive
from crm.models import ScheduledJob, Settings
from targets.models import TargetList
from tests.campaigns.pages_world import World, make_world
from tests.factories import TrackingUrlFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(db: None) -> World:
    return make_world()


def text_of(html: str) -> str:
    """The words of a page as they are read, without its tags."""
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def menu_of(client: Client, mass_email: MassEmail) -> set[str]:
    """What the menu of its row offers on the list of mass emails."""
    page = client.get(reverse("campaigns:mass_email_list")).content.decode()
    (menu,) = re.findall(rf'<div[^>]*id="[^"]*mass-email-{mass_email.pk}".*?</div>', page, re.DOTALL)
    items = re.findall(r'role="menuitem"[^>]*>(.*?)</(?:a|button)>', menu, re.DOTALL)
    return {text_of(item).rstrip("…") for item in items}


MENUS: dict[str, set[str]] = {
    MassEmailStatus.DRAFT: {"Send Test", "Edit", "Schedule"},
    MassEmailStatus.PENDING: {"Send Test", "Edit", "Unschedule", "Pause", "Cancel sending"},
    MassEmailStatus.IN_PROCESS: {"Send Test", "Pause", "Cancel sending"},
    MassEmailStatus.COMPLETE: {"Resend to non-openers"},
    MassEmailStatus.CANCELED: {"Resend to non-openers"},
    MassEmailStatus.FAILED: set(),
}
ALWAYS = {"Preview", "View", "Duplicate", "Remove"}


@pytest.mark.parametrize("status", MENUS)
def test_the_menu_of_a_row_offers_what_its_status_allows(status: str, world: World, as_marketer: Client) -> None:
    MassEmail.objects.filter(pk=world.draft.pk).update(status=status, sent_count=1)
    assert menu_of(as_marketer, world.draft) == MENUS[status] | ALWAYS


def test_a_paused_one_is_resumed_and_a_viewer_only_looks(world: World, as_marketer: Client, as_viewer: Client) -> None:
    MassEmail.objects.filter(pk=world.sending.pk).update(paused_at=timezone.now())
    offered = menu_of(as_marketer, world.sending)
    assert "Resume" in offered and "Pause" not in offered
    assert menu_of(as_viewer, world.sending) == {"Preview", "View"}


def test_the_panel_of_tracking_urls_tells_clicks_and_people(world: World, as_viewer: Client) -> None:
    TrackingUrl.objects.filter(pk=world.tracking_url.pk).update(click_count=4_321, people_count=1_234)
    page = as_viewer.get(world.campaign.get_absolute_url()).content.decode()
    panel = page[page.index('id="urls"') :].partition("</section>")[0]
    assert world.tracking_url.placeholder in panel
    assert 'value="4321"' in panel and "4,321" in text_of(panel)
    to_people = f"/campaigns/{world.campaign.pk}/log/?action=clicked&amp;tracking_url={world.tracking_url.pk}"
    assert f'<a href="{to_people}">1,234</a>' in panel


def test_the_forecast_tells_rate_and_length(world: World, as_marketer: Client) -> None:
    Settings.load()
    Settings.objects.update(max_per_hour=2)
    ScheduledJob.objects.filter(key="send_mass_emails").update(scheduling="*/5 * * * *")
    tomorrow = (timezone.now() + timedelta(days=1)).replace(minute=0, second=0, microsecond=0)
    MassEmail.objects.filter(pk=world.draft.pk).update(start_at=tomorrow)
    page = as_marketer.get(reverse("campaigns:mass_email_edit", args=[world.draft.pk])).content.decode()
    told = text_of(page[page.index('id="forecast"') :].partition("</p>")[0])
    assert "At 2 per hour this takes 1 h 6 min" in told, "the first run after the hour of the first two is at 5 past"


def test_live_progress_tells_how_many_how_fast_and_until_when(world: World, as_viewer: Client) -> None:
    ScheduledJob.objects.filter(key="send_mass_emails").update(status="active")
    note_alive("worker")
    now = timezone.now()
    MassEmail.objects.filter(pk=world.sending.pk).update(started_at=now - timedelta(minutes=30))
    Portion.objects.create(
        mass_email_id=world.sending.pk, account_id=1, size=600, attempted=600, status=PortionStatus.DONE,
        created_at=now, finished_at=now,
    )  # fmt: skip
    page = as_viewer.get(world.campaign.get_absolute_url()).content.decode()
    strip = page[page.index(f'id="strip-{world.sending.pk}"') :].partition("</section>")[0]
    assert "hx-trigger" in strip
    told = text_of(strip)
    assert "1 of 3 sent" in told and "1,200 per hour" in told
    assert re.search(r"done about \d{1,2} \w{3}, \d\d:\d\d", told)


def test_a_target_list_by_tracking_url_holds_who_clicked_it(world: World, as_marketer: Client) -> None:
    """The page of the link leads to the form, and what the form is filled with makes the list."""
    link = as_marketer.get(world.tracking_url.get_absolute_url()).content.decode()
    address = f"/campaigns/{world.campaign.pk}/log/target-list/"
    query: dict[str, str | int] = {"action": "clicked", "tracking_url": world.tracking_url.pk}
    assert f'href="{address}?action=clicked&amp;tracking_url={world.tracking_url.pk}"' in link
    other = TrackingUrlFactory.create(campaign=world.campaign)
    LogRecord.objects.create(
        campaign_id=world.campaign.pk, queue_item_id=-1, record_id=world.records[2].pk, action=Action.CLICKED,
        tracking_url_id=other.pk,
    )  # fmt: skip
    initial = as_marketer.get(address, query).context["form"].initial
    data = {"name": "Clicked the demo", "including": initial["including"], "tracking_url": initial["tracking_url"]}
    as_marketer.post(address, data)
    made = TargetList.objects.get(name="Clicked the demo")
    clicked = LogRecord.objects.get(action=Action.CLICKED, tracking_url_id=world.tracking_url.pk).record_id
    assert [member.record_id for member in made.memberships.all()] == [clicked]


def crumbs(client: Client, url: str) -> list[tuple[str, str]]:
    """(address, words) of the links of the way back."""
    page = client.get(url).content.decode()
    way = page[page.index('<ol class="crumbs">') :].partition("</ol>")[0]
    return [(href, text_of(words)) for href, words in re.findall(r'<a href="([^"]+)">(.*?)</a>', way, re.DOTALL)]


def test_the_way_back_leads_over_the_campaign(world: World, as_marketer: Client) -> None:
    campaigns, campaign = ("/campaigns/", "Campaigns"), (world.campaign.get_absolute_url(), "Autumn launch")
    assert crumbs(as_marketer, world.campaign.get_absolute_url()) == [campaigns]
    assert crumbs(as_marketer, world.draft.get_absolute_url())[:2] == [campaigns, campaign]
    assert crumbs(as_marketer, world.tracking_url.get_absolute_url())[:2] == [campaigns, campaign]
    assert crumbs(as_marketer, world.target_list.get_absolute_url() + "contacts/") == [
        ("/target-lists/", "Target Lists")
    ]
    assert crumbs(as_marketer, world.records[0].get_absolute_url()) == [("/contacts/", "Contacts")]


def test_the_way_back_begins_with_the_list(world: World, as_marketer: Client, as_administrator: Client) -> None:
    campaigns, campaign = ("/campaigns/", "Campaigns"), (world.campaign.get_absolute_url(), "Autumn launch")
    draft = world.draft.get_absolute_url()
    for url in (f"{draft}remove/", f"{draft}queue/"):
        assert crumbs(as_marketer, url) == [campaigns, campaign, (draft, world.draft.name)]
    for url in (f"{campaign[0]}remove/", f"{campaign[0]}preview/"):
        assert crumbs(as_marketer, url) == [campaigns, campaign]
    template = EmailTemplate.objects.create(name="Letter")
    assert crumbs(as_marketer, f"/email-templates/{template.pk}/remove/")[0] == ("/email-templates/", "Email Templates")
    assert crumbs(as_marketer, "/mass-emails/new/") == [("/mass-emails/", "Mass Emails")]
    assert crumbs(as_marketer, "/tracking-urls/new/") == [("/tracking-urls/", "Tracking URLs")]


def test_an_export_stands_below_the_page_that_it_is_of(world: World, as_marketer: Client) -> None:
    campaigns, campaign = ("/campaigns/", "Campaigns"), (world.campaign.get_absolute_url(), "Autumn launch")
    LogRecord.objects.create(
        campaign_id=world.campaign.pk, queue_item_id=-1, record_id=world.records[0].pk, action=Action.SENT
    )
    log = f"{campaign[0]}log/"
    assert crumbs(as_marketer, f"{log}export/") == [campaigns, campaign, (log, "Log")]
