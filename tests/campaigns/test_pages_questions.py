"""Pages that ask before they act: nothing is asked, promised or offered that does not apply."""

import pytest
from django.test import Client
from django.urls import reverse

from campaigns.models import MassEmail
from tests.campaigns.pages_world import World, make_world
from tests.factories import CampaignFactory

pytestmark = pytest.mark.django_db
IN_MAILS_SENT = "mails already sent keep working"


@pytest.fixture
def world() -> World:
    return make_world()


def page_of(client: Client, name: str, mass_email: MassEmail) -> str:
    return client.get(reverse(f"campaigns:{name}", args=[mass_email.pk])).content.decode()


def test_what_cannot_be_answered_is_not_asked(world: World, as_marketer: Client) -> None:
    for name, refusal in (
        ("mass_email_cancel", "Only a mass email that is Pending or In Process can be canceled."),
        ("mass_email_resend_uncertain", "No message of this mass email is Uncertain."),
    ):
        page = page_of(as_marketer, name, world.draft)
        heading = page.partition("<h1")[2].partition("</h1>")[0]
        assert refusal in page and "?" not in heading, name
        assert "t-danger" not in page, "nothing went wrong"
    tried = as_marketer.post(reverse("campaigns:mass_email_cancel", args=[world.draft.pk]))
    assert tried.status_code == 422 and "t-danger" in tried.content.decode()


def test_removing_tells_of_sent_mails_only_where_there_are_some(world: World, as_marketer: Client) -> None:
    never = page_of(as_marketer, "mass_email_remove", world.draft)
    assert "<p>It has not been sent yet.</p>" in never and IN_MAILS_SENT not in never
    MassEmail.objects.filter(pk=world.sending.pk).update(status="complete")
    sent = page_of(as_marketer, "mass_email_remove", world.sending)
    assert IN_MAILS_SENT in sent and "1 person got it" in sent
    assert "has got it" not in page_of(as_marketer, "mass_email_cancel", world.draft)


def test_resending_what_was_never_sent_says_so(world: World, as_marketer: Client) -> None:
    page = page_of(as_marketer, "mass_email_resend", world.draft)
    assert "It has not been sent yet." in page and "0 records" not in page
    assert "people may still react" in page_of(as_marketer, "mass_email_resend", world.sending)


@pytest.mark.parametrize("name", ["mass_email_start", "tracking_url_start"])
def test_no_campaign_is_chosen_silently(world: World, as_marketer: Client, name: str) -> None:
    CampaignFactory.create()
    page = as_marketer.get(reverse(f"campaigns:{name}")).content.decode()
    first = page.partition('name="campaign" required>')[2].split("</option>")[0]
    assert first.strip() == '<option value="">Choose…'
    assert as_marketer.get(reverse(f"campaigns:{name}"), {"campaign": ""}).status_code == 200


def test_a_fixed_type_offers_no_change(world: World, as_marketer: Client) -> None:
    assert 'id="change-type"' not in as_marketer.get(world.campaign.get_absolute_url()).content.decode()
    assert 'id="change-type"' in as_marketer.get(CampaignFactory.create().get_absolute_url()).content.decode()


def test_a_tracking_url_is_removed_from_its_menu_and_left_for_its_page(world: World, as_marketer: Client) -> None:
    url = world.tracking_url
    page = as_marketer.get(reverse("campaigns:tracking_url_edit", args=[url.pk])).content.decode()
    assert f'role="menuitem" class="danger" href="{reverse("campaigns:tracking_url_remove", args=[url.pk])}"' in page
    assert f'<a class="btn" href="{url.get_absolute_url()}">Cancel</a>' in page
    assert '<label for="id_url">URL <span class="req"' in page
    chart = as_marketer.get(reverse("campaigns:tracking_url_chart", args=[url.pk])).content.decode()
    assert f'<a href="{url.get_absolute_url()}">{url.name}</a>' in chart
