"""The campaign form, its page and its removal."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from campaigns.models import Campaign, CampaignStatus, LogRecord, MassEmail, MassEmailStatus
from crm.models import AuditEntry, User
from targets.models import TargetList
from tests.campaigns.pages_world import World, make_world
from tests.factories import CampaignFactory, MassEmailFactory, TargetListFactory, TrackingUrlFactory


@pytest.fixture
def world(db: None) -> World:
    return make_world()


def values(**changes: Any) -> dict[str, Any]:
    return {"name": "Spring", "type": "email", "status": "planning", "currency": "EUR", **changes}


def test_a_campaign_is_created_with_its_lists(as_marketer: Client, marketer: User) -> None:
    wanted, unwanted = TargetListFactory.create(), TargetListFactory.create()
    answer = as_marketer.post(
        reverse("campaigns:new"),
        values(target_lists=[wanted.pk], excluding_target_lists=[unwanted.pk], budget="600.50"),
    )
    campaign = Campaign.objects.get()
    assert answer["Location"] == campaign.get_absolute_url()
    assert list(campaign.target_lists.all()) == [wanted]
    assert list(campaign.excluding_target_lists.all()) == [unwanted]
    assert AuditEntry.objects.get(action="campaign.created").user == marketer


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"name": " "}, "name", "required"),
        ({"name": "Spring\r\nBcc: all@example.com"}, "name", "Line breaks"),
        ({"start_date": "2026-10-31", "end_date": "2026-10-06"}, "end_date", "before the start date"),
        ({"budget": "-1"}, "budget", "below zero"),
        ({"type": "informational"}, "type", "You may not create informational email"),
        ({"type": "spam"}, "type", "valid choice"),
        ({"target_lists": ["987"]}, "target_lists", "valid choice"),
        ({"currency": "<b>"}, "currency", "valid choice"),
    ],
)
def test_bad_input_is_shown_at_its_field(changes: dict[str, Any], field: str, words: str, as_marketer: Client) -> None:
    answer = as_marketer.post(reverse("campaigns:new"), values(**changes))
    assert answer.status_code == 422
    assert words in str(answer.context["form"].errors[field])
    assert words in answer.content.decode()
    assert not Campaign.objects.exists()


def test_who_may_creates_informational_campaigns(as_marketer: Client, marketer: User) -> None:
    User.objects.filter(pk=marketer.pk).update(may_send_informational=True)
    as_marketer.post(reverse("campaigns:new"), values(type="informational"))
    assert Campaign.objects.get().is_informational


def test_copying_an_informational_campaign_does_not_go_around_the_permission(as_marketer: Client) -> None:
    campaign = CampaignFactory.create(type="informational")
    as_marketer.post(reverse("campaigns:duplicate", args=[campaign.pk]))
    assert Campaign.objects.exclude(pk=campaign.pk).get().type == "email"


def test_the_type_stays_once_there_are_mass_emails(world: World, as_marketer: Client) -> None:
    as_marketer.post(reverse("campaigns:edit", args=[world.campaign.pk]), values(type="web"))
    world.campaign.refresh_from_db()
    assert (world.campaign.name, world.campaign.type) == ("Spring", "email")


def test_fields_that_are_not_in_the_form_are_ignored(as_marketer: Client) -> None:
    as_marketer.post(reverse("campaigns:new"), values(id=77, created_at="2001-01-01"))
    assert Campaign.objects.get().created_at.year > 2001


def test_a_refused_name_is_not_shown_as_the_name(world: World, as_marketer: Client) -> None:
    answer = as_marketer.post(reverse("campaigns:edit", args=[world.campaign.pk]), values(name="X", budget="-1"))
    assert answer.context["campaign"].name == "Autumn launch"


def test_the_page_shows_what_is_sent_the_numbers_and_the_panels(world: World, as_marketer: Client) -> None:
    page = as_marketer.get(world.campaign.get_absolute_url()).content.decode()
    for text in ("Sending “Launch day”", "1 of 3 sent", "Last call", world.tracking_url.placeholder, "Newsletter EU"):
        assert text in page
    assert f"{reverse('campaigns:log', args=[world.campaign.pk])}?action=clicked" in page


def test_a_campaign_that_sends_no_email_has_no_email_panels(as_marketer: Client) -> None:
    campaign = CampaignFactory.create(type="radio")
    page = as_marketer.get(campaign.get_absolute_url())
    assert [number.key for number in page.context["numbers"]] == ["leads"]
    assert 'id="mass"' not in page.content.decode()
    assert as_marketer.get(reverse("campaigns:mass_email_new", args=[campaign.pk])).status_code == 302


def test_removing_says_what_goes_with_it_and_keeps_the_log(world: World, as_marketer: Client) -> None:
    MassEmail.objects.filter(pk=world.sending.pk).update(status=MassEmailStatus.COMPLETE)
    url = reverse("campaigns:remove", args=[world.campaign.pk])
    assert "2 mass emails are removed with it." in as_marketer.get(url).content.decode()
    assert as_marketer.post(url)["Location"] == reverse("campaigns:list")
    assert not Campaign.objects.exists()
    assert LogRecord.objects.count() == 2
    assert AuditEntry.objects.filter(action="campaign.removed").exists()


def test_a_campaign_is_not_removed_while_it_sends(world: World, as_marketer: Client) -> None:
    answer = as_marketer.post(reverse("campaigns:remove", args=[world.campaign.pk]))
    assert answer.status_code == 422
    assert "“Launch day” is In Process." in answer.content.decode()
    assert Campaign.objects.filter(pk=world.campaign.pk).exists()


def test_a_copy_has_the_lists_and_links_with_new_codes(world: World, as_marketer: Client) -> None:
    as_marketer.post(reverse("campaigns:duplicate", args=[world.campaign.pk]))
    copy = Campaign.objects.exclude(pk=world.campaign.pk).get()
    assert copy.status == CampaignStatus.PLANNING
    assert list(copy.target_lists.all()) == [world.target_list]
    assert copy.tracking_urls.get().url == world.tracking_url.url
    assert copy.tracking_urls.get().code != world.tracking_url.code
    assert not copy.mass_emails.exists()


def test_the_list_filters_sorts_and_adds_up(world: World, as_marketer: Client) -> None:
    CampaignFactory.create(name="Quiet", status="planning")
    page = as_marketer.get(reverse("campaigns:list"), {"sort": "-sent"}).content.decode()
    assert page.index("Autumn launch") < page.index("Quiet")
    shown = as_marketer.get(reverse("campaigns:list"), {"show": "planning"}).content.decode()
    assert "Quiet" in shown
    assert "Autumn launch" not in shown
    assert "Autumn launch" in as_marketer.get(reverse("campaigns:list"), {"q": "autumn"}).content.decode()


def test_pages_ask_the_database_a_bounded_number_of_times(
    world: World, as_marketer: Client, django_assert_max_num_queries: Any
) -> None:
    for number in range(12):
        campaign = CampaignFactory.create()
        MassEmailFactory.create(campaign=world.campaign, lists=[world.target_list])
        MassEmailFactory.create(campaign=campaign)
        TrackingUrlFactory.create(campaign=world.campaign, click_count=number)
    # On PostgreSQL one more each: a list is kept from walking the whole order, and the clock is the database's.
    more = 1 if connection.vendor == "postgresql" else 0
    for name in ("list", "mass_email_list", "tracking_url_list", "template_list"):
        with django_assert_max_num_queries(12 + more):
            as_marketer.get(reverse(f"campaigns:{name}"))
    with django_assert_max_num_queries(34 + more):
        as_marketer.get(world.campaign.get_absolute_url())


def test_lists_that_are_gone_are_simply_not_there(world: World, as_marketer: Client) -> None:
    TargetList.objects.all().delete()
    for name in ("detail", "edit"):
        assert as_marketer.get(reverse(f"campaigns:{name}", args=[world.campaign.pk])).status_code == 200
    for name in ("mass_email_detail", "mass_email_edit", "mass_email_audience", "mass_email_schedule"):
        assert as_marketer.get(reverse(f"campaigns:{name}", args=[world.draft.pk])).status_code == 200
