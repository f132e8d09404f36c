"""The same thing open twice: what was saved first is not overwritten by whoever has not seen it."""

from collections.abc import Callable

import pytest
from django.db.models import Model
from django.forms import Form
from django.test import Client

from campaigns.models import Campaign, CampaignStatus
from campaigns.undoing import status_before
from crm.models import User
from targets.categories import categorise, move
from targets.models import TargetList
from tests.factories import CampaignFactory, RecordFactory, TargetListFactory


def form_of(client: Client, url: str) -> dict[str, object]:
    """What a browser would send of the page as it is."""
    page = client.get(url)
    form: Form = page.context["form"]
    values = {name: form[name].value() for name in form.fields}
    assert f'name="seen" value="{values["seen"]}"' in page.content.decode()
    return {
        name: [getattr(one, "pk", one) for one in value] if isinstance(value, list) else value
        for name, value in values.items()
        if value not in (None, "")
    }


@pytest.mark.django_db
def test_an_old_form_does_not_switch_an_inactive_campaign_on_again(as_marketer: Client) -> None:
    campaign = CampaignFactory.create(status=CampaignStatus.ACTIVE)
    url = f"/campaigns/{campaign.pk}/edit/"
    mine, theirs = form_of(as_marketer, url), form_of(as_marketer, url)
    as_marketer.post(url, {**theirs, "status": "inactive"})

    refused = as_marketer.post(url, {**mine, "description": "Long thought about"})
    assert refused.status_code == 422
    assert b"It was changed meanwhile" in refused.content
    assert b"Long thought about" in refused.content
    campaign.refresh_from_db()
    assert (campaign.status, campaign.description) == ("inactive", "")

    again = {**mine, "description": "Long thought about", "seen": refused.context["form"]["seen"].value()}
    assert as_marketer.post(url, again).status_code == 302
    assert Campaign.objects.get(pk=campaign.pk).description == "Long thought about"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("make", "url"),
    [(RecordFactory.create, "/contacts/{}/edit/"), (TargetListFactory.create, "/target-lists/{}/edit/")],
    ids=["record", "target list"],
)
def test_others_neither(make: Callable[[], Model], url: str, as_marketer: Client) -> None:
    made = make()
    url = url.format(made.pk)
    mine, theirs = form_of(as_marketer, url), form_of(as_marketer, url)
    assert as_marketer.post(url, {**theirs, "description": "theirs"}).status_code == 302
    assert as_marketer.post(url, {**mine, "description": "mine"}).status_code == 422
    assert as_marketer.post(url, {**mine, "description": "theirs"}).status_code == 302, "sent twice: nothing to replace"


@pytest.mark.django_db
def test_what_is_taken_back_or_moved_in_bulk_is_a_change_that_an_old_form_has_not_seen(
    as_marketer: Client, marketer: User
) -> None:
    campaign, listed = CampaignFactory.create(status="active"), TargetListFactory.create(category="Old")
    urls = [f"/campaigns/{campaign.pk}/edit/", f"/target-lists/{listed.pk}/edit/"]
    mine = [form_of(as_marketer, url) for url in urls]
    status_before(marketer, campaign=campaign.pk, was="inactive", now="active")
    move("Old", "New", marketer)
    for url, form in zip(urls, mine, strict=True):
        assert as_marketer.post(url, {**form, "description": "mine"}).status_code == 422
    mine = [form_of(as_marketer, url) for url in urls]
    categorise(TargetList.objects.all(), "Newest", marketer)
    assert as_marketer.post(urls[1], {**mine[1], "description": "mine"}).status_code == 422
    assert (Campaign.objects.get().status, TargetList.objects.get().category) == ("inactive", "Newest")
