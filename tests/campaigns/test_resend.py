"""Sending again to those who did not open or click."""

import pytest
from django.test import Client
from django.urls import reverse

from campaigns.models import Action, LogRecord, MassEmail, MassEmailStatus
from campaigns.resend import Missed, people_who_missed
from crm.models import Record
from targets.models import TargetList
from tests.busy_campaign import BusyCampaign, make_busy_campaign
from tests.factories import MassEmailFactory


@pytest.fixture
def busy(db: None) -> BusyCampaign:
    return make_busy_campaign(60)


def by_hand(busy: BusyCampaign, *barred: Action) -> set[int]:
    rows = list(LogRecord.objects.filter(mass_email_id=busy.complete.pk, is_machine=False, is_test=False))
    out = {row.record_id for row in rows if row.action in (*barred, Action.BOUNCED, Action.OPTED_OUT)}
    return {row.record_id for row in rows if row.action == Action.SENT and row.record_id} - out


def test_those_who_missed_it_are_exactly_those(busy: BusyCampaign) -> None:
    silent = set(people_who_missed(busy.complete, Missed.OPEN).values_list("pk", flat=True))
    assert silent == by_hand(busy, Action.OPENED, Action.CLICKED)
    idle = set(people_who_missed(busy.complete, Missed.CLICK).values_list("pk", flat=True))
    assert idle == by_hand(busy, Action.CLICKED)
    assert silent < idle


def test_what_happened_in_another_mass_email_does_not_count(busy: BusyCampaign) -> None:
    before = people_who_missed(busy.complete, Missed.OPEN).count()
    other = MassEmailFactory.create(campaign=busy.campaign)
    record = people_who_missed(busy.complete, Missed.OPEN).first()
    assert record is not None
    LogRecord.objects.create(
        campaign_id=busy.campaign.pk, mass_email_id=other.pk, record_id=record.pk, action=Action.OPENED
    )
    assert people_who_missed(busy.complete, Missed.OPEN).count() == before


def test_the_page_shows_the_numbers_and_makes_a_list_and_a_draft(busy: BusyCampaign, as_marketer: Client) -> None:
    url = reverse("campaigns:mass_email_resend", args=[busy.complete.pk])
    silent = set(people_who_missed(busy.complete, Missed.OPEN).values_list("pk", flat=True))
    assert f"{len(silent)} records" in as_marketer.get(url).content.decode()
    answer = as_marketer.post(url, {"missed": "open", "name": "Teaser once more"})
    draft = MassEmail.objects.get(name="Teaser once more")
    assert answer["Location"] == reverse("campaigns:mass_email_edit", args=[draft.pk])
    assert (draft.status, draft.template, draft.campaign) == ("draft", busy.complete.template, busy.campaign)
    (target_list,) = draft.target_lists.all()
    assert set(target_list.memberships.values_list("record_id", flat=True)) == silent
    assert target_list.is_internal


def test_nobody_is_chosen_while_it_is_still_being_sent(busy: BusyCampaign, as_marketer: Client) -> None:
    MassEmail.objects.filter(pk=busy.complete.pk).update(status=MassEmailStatus.IN_PROCESS)
    url = reverse("campaigns:mass_email_resend", args=[busy.complete.pk])
    lists = TargetList.objects.count()
    assert "Wait until it is Complete" in as_marketer.get(url).content.decode()
    assert as_marketer.post(url, {"missed": "open", "name": "x"}).status_code == 422
    assert TargetList.objects.count() == lists


def test_where_everybody_reacted_nothing_is_made(busy: BusyCampaign, as_marketer: Client) -> None:
    Record.objects.all().delete()
    lists = TargetList.objects.count()
    url = reverse("campaigns:mass_email_resend", args=[busy.complete.pk])
    answer = as_marketer.post(url, {"missed": "open", "name": "x"})
    assert answer.status_code == 422
    assert "nobody to send it to" in answer.content.decode()
    assert TargetList.objects.count() == lists


@pytest.mark.parametrize("values", [{}, {"missed": "x", "name": "y"}, {"missed": "open", "name": "a\nb"}])
def test_bad_input_makes_nothing(values: dict[str, str], busy: BusyCampaign, as_marketer: Client) -> None:
    emails = MassEmail.objects.count()
    url = reverse("campaigns:mass_email_resend", args=[busy.complete.pk])
    assert as_marketer.post(url, values).status_code == 422
    assert MassEmail.objects.count() == emails
