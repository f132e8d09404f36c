"""What pages say of an informational email: who gets it, that it has no opt-out link, and who may send it."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from campaigns.checks import ready_checks
from campaigns.models import CampaignType, EmailTemplate, MassEmail, MassEmailStatus
from campaigns.resend import why_not
from crm.models import EmailAddress, User
from tests.campaigns.pages_world import World, make_world


@pytest.fixture
def world(db: None) -> World:
    """One of its three people has opted out."""
    made = make_world()
    made.campaign.type = CampaignType.INFORMATIONAL
    made.campaign.save(update_fields=["type"])
    EmailAddress.objects.filter(records=made.records[0]).update(opted_out_at=timezone.now())
    return made


def page(client: Client, name: str, mass_email: MassEmail) -> str:
    return client.get(reverse(f"campaigns:mass_email_{name}", args=[mass_email.pk])).content.decode()


@pytest.mark.parametrize("name", ["edit", "schedule", "detail"])
def test_who_gets_it_all_the_same_is_told(name: str, world: World, as_marketer: Client) -> None:
    assert "1 of them has opted out and gets it all the same" in page(as_marketer, name, world.draft)


def test_the_editor_says_what_happens_and_keeps_what_does_not_count(world: World, as_marketer: Client) -> None:
    MassEmail.objects.filter(pk=world.draft.pk).update(opt_out_entirely=True)
    html = page(as_marketer, "edit", world.draft)
    assert "opt-outs removed" not in html and "opted-out people get it too" in html
    assert "Opt-Out Entirely" not in html
    assert '<input type="hidden" name="opt_out_entirely" value="True"' in html


@pytest.mark.parametrize("link", ["{optOutUrl}", "{optOutLink}", "{preferencesUrl}"])
def test_an_opt_out_link_in_its_template_is_told(link: str, world: World) -> None:
    EmailTemplate.objects.filter(pk=world.template.pk).update(body=f"<p>Hi <a href='{link}'>no more</a></p>")
    told = {check.sentence: check.state for check in ready_checks(MassEmail.objects.get(pk=world.draft.pk))}
    assert told["Informational email goes without an opt-out link, but the template has one."] == "warning"


def test_without_one_nothing_is_told(world: World) -> None:
    assert not [check for check in ready_checks(world.draft) if "opt-out link" in check.sentence]


@pytest.mark.parametrize("name", ["edit", "schedule", "detail", "checks"])
def test_who_may_not_send_it_learns_so_at_once(name: str, world: World, as_marketer: Client, marketer: User) -> None:
    told = "You may not send informational email"
    html = page(as_marketer, name, world.draft)
    assert told in html
    assert "Schedule for" not in html or name == "edit"
    User.objects.filter(pk=marketer.pk).update(may_send_informational=True)
    assert told not in page(as_marketer, name, world.draft)


def test_a_viewer_is_not_told_what_they_may_not(world: World, as_viewer: Client) -> None:
    assert "You may not send" not in page(as_viewer, "detail", world.draft)


def test_nobody_is_known_to_have_missed_it(world: World, as_marketer: Client) -> None:
    MassEmail.objects.filter(pk=world.draft.pk).update(status=MassEmailStatus.COMPLETE, sent_count=2)
    done = MassEmail.objects.get(pk=world.draft.pk)
    assert "Resend to non-openers" not in page(as_marketer, "detail", done)
    assert why_not(done).startswith("Nothing is tracked")
