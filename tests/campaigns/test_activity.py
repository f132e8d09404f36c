"""The timeline of a person: everything, grouped by day, filtered, in whole pages by key."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from campaigns.activity import activity_of
from campaigns.models import Action, FrozenMassEmail, LogRecord, MassEmail
from crm.models import Record
from tests.factories import CampaignFactory, MassEmailFactory, RecordFactory

NOON = datetime(2026, 10, 6, 12, tzinfo=ZoneInfo("UTC"))


@pytest.fixture
def record(db: None) -> Record:
    record = RecordFactory.create()
    campaign = CampaignFactory.create(name="Autumn launch")
    mass_email = MassEmailFactory.create(campaign=campaign, name="Teaser")
    for number in range(45):
        LogRecord.objects.create(
            campaign_id=campaign.pk, mass_email_id=mass_email.pk, record_id=record.pk, queue_item_id=number,
            action=Action.CLICKED if number % 3 == 0 else Action.SENT, at=NOON + timedelta(hours=5 * number),
        )  # fmt: skip
    LogRecord.objects.create(campaign_id=campaign.pk, record_id=record.pk, action=Action.OPENED, is_machine=True)
    LogRecord.objects.create(campaign_id=campaign.pk, record_id=RecordFactory.create().pk, action=Action.OPENED)
    return record


def test_pages_together_hold_every_event_once(record: Record) -> None:
    seen: list[int] = []
    before = 0
    while True:
        page = activity_of(record, before=before)
        seen += [event.row.event.pk for _day, events in page.days for event in events]
        before = page.before
        if not before:
            break
    wanted = LogRecord.objects.filter(record_id=record.pk, is_machine=False).order_by("-id")
    assert seen == list(wanted.values_list("pk", flat=True))
    assert page.counts == {Action.SENT: 30, Action.CLICKED: 15}


def test_a_campaign_that_was_removed_keeps_its_name(record: Record, as_viewer: Client) -> None:
    mass_email = MassEmail.objects.get(name="Teaser")
    FrozenMassEmail.objects.create(
        mass_email_id=mass_email.pk, campaign_id=mass_email.campaign_id, campaign_name="Autumn launch", content={},
        sender={}, base_url="https://herald.example",
    )  # fmt: skip
    campaign = mass_email.campaign
    mass_email.delete()
    campaign.delete()
    assert {event.campaign_name for _day, events in activity_of(record).days for event in events} == {"Autumn launch"}
    assert "Autumn launch" in as_viewer.get(record.get_absolute_url()).content.decode()


def test_days_are_those_of_who_looks(record: Record) -> None:
    with timezone.override("Pacific/Auckland"):
        for day, events in activity_of(record).days:
            assert {timezone.localtime(event.row.event.at).date() for event in events} == {day}


def test_the_record_shows_it_and_the_page_filters_it(record: Record, as_viewer: Client) -> None:
    page = as_viewer.get(record.get_absolute_url()).content.decode()
    assert "Autumn launch" in page
    assert "Older" in page
    url = reverse("campaigns:activity", args=["contacts", record.pk])
    clicked = as_viewer.get(url, {"action": "clicked"})
    shown = [event.row.event.action for _day, events in clicked.context["timeline"].days for event in events]
    assert shown == [Action.CLICKED] * 15
    part = as_viewer.get(url, headers={"HX-Request": "true", "HX-Target": "timeline"}).content.decode()
    assert part.strip().startswith('<div id="timeline"')


def test_the_wrong_type_or_key_finds_nothing_or_the_newest(record: Record, as_viewer: Client) -> None:
    assert as_viewer.get(reverse("campaigns:activity", args=["leads", record.pk])).status_code == 404
    url = reverse("campaigns:activity", args=["contacts", record.pk])
    for odd in ({"before": "x"}, {"before": "9" * 30}, {"action": "x"}, {"before": "1"}):
        assert as_viewer.get(url, odd).status_code == 200


def test_a_record_page_asks_a_bounded_number_of_times(
    record: Record, as_viewer: Client, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(20):
        as_viewer.get(record.get_absolute_url())
