"""A removed tracking URL or draft comes back as it was; a pause is taken back; what it belonged to must be there."""

import pytest
from django.forms import model_to_dict
from django.test import Client

from campaigns.models import Campaign, MassEmail, TrackingUrl
from tests.factories import CampaignFactory, MassEmailFactory, RecordFactory, TargetListFactory, TrackingUrlFactory
from tests.targets.test_undoing import press_undo

pytestmark = pytest.mark.django_db


def test_a_tracking_url_comes_back_with_its_code_and_numbers(as_marketer: Client) -> None:
    url = TrackingUrlFactory.create(click_count=4, people_count=3)
    before = TrackingUrl.objects.values().get(pk=url.pk)
    page = as_marketer.post(f"/tracking-urls/{url.pk}/remove/", follow=True).content.decode()
    assert not TrackingUrl.objects.filter(pk=url.pk).exists()
    press_undo(as_marketer, page)
    assert TrackingUrl.objects.values().get(pk=url.pk) == before
    assert "It is there already." in press_undo(as_marketer, page)


def test_a_tracking_url_needs_its_campaign(as_marketer: Client) -> None:
    url = TrackingUrlFactory.create()
    page = as_marketer.post(f"/tracking-urls/{url.pk}/remove/", follow=True).content.decode()
    url.campaign.delete()
    assert "what it belongs to was removed" in press_undo(as_marketer, page)
    assert not TrackingUrl.objects.exists()


def test_a_draft_comes_back_with_its_lists_but_without_a_template_that_is_gone(as_marketer: Client) -> None:
    lists = [TargetListFactory.create(records=[RecordFactory.create()]) for _number in range(2)]
    draft = MassEmailFactory.create(lists=lists, excluding=[])
    before = model_to_dict(MassEmail.objects.get(pk=draft.pk))
    page = as_marketer.post(f"/mass-emails/{draft.pk}/remove/", follow=True).content.decode()
    template, gone = draft.template, lists.pop()
    assert template is not None
    template.delete()
    gone.delete()
    press_undo(as_marketer, page)
    after = model_to_dict(MassEmail.objects.get(pk=draft.pk))
    assert after == {**before, "template": None, "target_lists": lists}


def test_what_was_sent_is_not_offered_back(as_marketer: Client) -> None:
    sent = MassEmailFactory.create(status="complete")
    page = as_marketer.post(f"/mass-emails/{sent.pk}/remove/", follow=True).content.decode()
    assert 'name="token"' not in page


def test_a_pause_is_taken_back_but_not_a_later_one(as_marketer: Client) -> None:
    sending = MassEmailFactory.create(status="pending")
    page = as_marketer.post(f"/mass-emails/{sending.pk}/pause/", follow=True).content.decode()
    press_undo(as_marketer, page)
    sending.refresh_from_db()
    assert not sending.is_paused
    as_marketer.post(f"/mass-emails/{sending.pk}/pause/")
    assert "has changed meanwhile" in press_undo(as_marketer, page)
    sending.refresh_from_db()
    assert sending.is_paused


def test_the_status_of_a_campaign_goes_back_unless_it_is_another_one_by_then(as_marketer: Client) -> None:
    campaign = CampaignFactory.create(status="active")
    page = as_marketer.post(f"/campaigns/{campaign.pk}/details/status/", {"status": "inactive"}, follow=True)
    page = page.content.decode()
    assert Campaign.objects.get(pk=campaign.pk).status == "inactive"
    press_undo(as_marketer, page)
    assert Campaign.objects.get(pk=campaign.pk).status == "active"
    assert "This cannot be undone." in press_undo(as_marketer, page)
