"""From a target list to a mass email to it."""

import pytest
from django.test import Client

from tests.factories import CampaignFactory, RecordFactory, TargetListFactory

pytestmark = pytest.mark.django_db


def test_a_list_leads_to_a_new_mass_email_to_it(as_marketer: Client, as_viewer: Client) -> None:
    chosen, campaign = TargetListFactory.create(records=[RecordFactory.create()]), CampaignFactory.create()
    start = f"/mass-emails/new/?target_list={chosen.pk}"
    page = as_marketer.get(f"/target-lists/{chosen.pk}/", follow=True).content.decode()
    assert start in page
    assert f'name="target_list" value="{chosen.pk}"' in as_marketer.get(start).content.decode()
    form = as_marketer.get(f"{start}&campaign={campaign.pk}", follow=True).context["form"]
    assert form["target_lists"].initial == [chosen]
    assert start not in as_viewer.get(f"/target-lists/{chosen.pk}/", follow=True).content.decode()


@pytest.mark.parametrize("nonsense", ["", "x", "9" * 40, "-1", "4711"])
def test_a_list_that_is_none_changes_nothing(nonsense: str, as_marketer: Client) -> None:
    campaign = CampaignFactory.create()
    url = f"/mass-emails/new/?campaign={campaign.pk}&target_list={nonsense}"
    form = as_marketer.get(url, follow=True).context["form"]
    assert form["target_lists"].initial == list(campaign.target_lists.all())
