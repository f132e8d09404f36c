"""How a target list grew, where it is used, and opting out several members at once."""

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from crm.models import AuditEntry
from targets.growth import Month, growth_of
from targets.models import Membership, Source, TargetList
from tests.factories import CampaignFactory, RecordFactory, TargetListFactory

MADRID = ZoneInfo("Europe/Madrid")


@pytest.fixture
def target_list(db: None) -> TargetList:
    return TargetListFactory.create(name="Readers", records=RecordFactory.create_batch(4))


def came(member: Membership, at: datetime, **values: Any) -> None:
    Membership.objects.filter(pk=member.pk).update(created_at=at, **values)


def test_months_are_those_of_who_looks(target_list: TargetList) -> None:
    first, second, third, fourth = target_list.memberships.order_by("pk")
    utc = ZoneInfo("UTC")
    came(first, datetime(2026, 8, 31, 21, 59, tzinfo=utc))  # still August in Madrid
    came(second, datetime(2026, 8, 31, 22, 0, tzinfo=utc), opted_out_at=datetime(2026, 11, 2, tzinfo=utc))
    came(third, datetime(2026, 9, 9, tzinfo=utc), source=Source.LOG)
    came(fourth, datetime(2026, 11, 9, tzinfo=utc))
    growth = growth_of(target_list, MADRID)
    assert growth.months == [
        Month(date(2026, 8, 1), 1, 0, 1),
        Month(date(2026, 9, 1), 2, 0, 3),
        Month(date(2026, 11, 1), 1, 1, 4),
    ]
    assert growth.sources == [("Selected by hand", 3), ("Campaign log", 1)]


def test_the_page_says_where_the_list_is_used(target_list: TargetList, as_viewer: Client) -> None:
    campaign = CampaignFactory.create(name="Autumn launch")
    campaign.target_lists.set([target_list])
    page = as_viewer.get(reverse("targets:about", args=[target_list.pk])).content.decode()
    assert "Autumn launch" in page
    assert "Growth" in page
    empty = TargetListFactory.create()
    assert "Nobody is on this list yet" in as_viewer.get(reverse("targets:about", args=[empty.pk])).content.decode()


def test_it_takes_the_same_few_statements_for_any_length(
    target_list: TargetList, as_viewer: Client, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(18):
        as_viewer.get(reverse("targets:about", args=[target_list.pk]))


def test_several_members_are_opted_out_with_whoever_shares_their_address(
    target_list: TargetList, as_marketer: Client
) -> None:
    first, second, _third, _fourth = target_list.memberships.order_by("pk")
    twin = RecordFactory.create(kind="Lead", email_address=first.record.email_address)
    elsewhere = TargetListFactory.create(records=[first.record])
    Membership.objects.create(target_list=target_list, record=twin)
    url = f"{reverse('targets:opt_out_members', args=[target_list.pk])}?type=contacts"
    as_marketer.post(url, {"selected": [first.pk, second.pk]})
    gone = target_list.memberships.opted_out().values_list("record", flat=True)
    assert set(gone) == {first.record_id, second.record_id, twin.pk}
    assert not elsewhere.memberships.opted_out().exists()
    assert AuditEntry.objects.filter(action="target_list.opted_out").count() == 1
    as_marketer.post(url, {"selected": [first.pk]})
    assert AuditEntry.objects.filter(action="target_list.opted_out").count() == 1


def test_all_results_are_opted_out(target_list: TargetList, as_marketer: Client) -> None:
    when = timezone.now()
    Membership.objects.filter(pk=target_list.memberships.order_by("pk")[0].pk).update(opted_out_at=when)
    url = f"{reverse('targets:opt_out_members', args=[target_list.pk])}?type=contacts"
    as_marketer.post(url, {"scope": "all", "query": ""})
    assert target_list.memberships.filter(opted_out_at=None).count() == 0
    assert target_list.memberships.filter(opted_out_at=when).count() == 1, "who was out stays out since then"


def test_a_viewer_opts_nobody_out(target_list: TargetList, as_viewer: Client) -> None:
    url = f"{reverse('targets:opt_out_members', args=[target_list.pk])}?type=contacts"
    assert as_viewer.post(url, {"scope": "all"}).status_code == 403
    assert not target_list.memberships.exclude(opted_out_at=None).exists()
