"""Taking back acts on a target list brings exactly the state before, and never cancels a person's own opt-out."""

import re

import pytest
from django.test import Client
from django.utils import timezone

from targets.membership import opt_out
from targets.models import Membership, TargetList
from tests.factories import RecordFactory, TargetListFactory

pytestmark = pytest.mark.django_db


def press_undo(client: Client, page: str) -> str:
    """Post the form of the toast, as the button does."""
    found = re.search(r'name="token" value="([^"]+)"', page)
    assert found, "no Undo was offered"
    return client.post("/undo/", {"token": found[1]}, follow=True).content.decode()


def state(target_list: TargetList) -> list[object]:
    rows = Membership.objects.filter(target_list=target_list).order_by("record_id")
    return list(rows.values_list("record_id", "source", "opted_out_at", "opted_out_mass_email"))


@pytest.fixture
def target_list() -> TargetList:
    made: TargetList = TargetListFactory.create(records=[RecordFactory.create() for _number in range(3)])
    first = made.memberships.order_by("pk")[0]
    Membership.objects.filter(pk=first.pk).update(opted_out_at=timezone.now(), opted_out_mass_email=7, source="import")
    return made


def unlink(client: Client, target_list: TargetList) -> str:
    selected = list(target_list.memberships.values_list("pk", flat=True))
    url = f"/target-lists/{target_list.pk}/unlink/?type=contacts"
    return client.post(url, {"selected": selected}, follow=True).content.decode()


def test_unlinked_members_come_back_as_they_were(target_list: TargetList, as_marketer: Client) -> None:
    before = state(target_list)
    page = unlink(as_marketer, target_list)
    assert state(target_list) == []
    assert "3 records are back on the list." in press_undo(as_marketer, page)
    assert state(target_list) == before


def test_undo_of_unlink_pressed_twice_changes_nothing_more(target_list: TargetList, as_marketer: Client) -> None:
    page = unlink(as_marketer, target_list)
    press_undo(as_marketer, page)
    once = state(target_list)
    press_undo(as_marketer, page)
    assert state(target_list) == once


def test_an_opt_out_by_hand_is_taken_back_but_never_a_later_one(target_list: TargetList, as_marketer: Client) -> None:
    member = target_list.memberships.order_by("pk")[1]
    before = state(target_list)
    url = f"/target-lists/{target_list.pk}/members/{member.pk}/opt-out/"
    page = as_marketer.post(url, follow=True).content.decode()
    assert state(target_list) != before
    press_undo(as_marketer, page)
    assert state(target_list) == before
    opt_out(member, 7)  # the person's own wish, after the Undo
    wish = state(target_list)
    assert "has changed meanwhile" in press_undo(as_marketer, page)
    assert state(target_list) == wish


def test_a_canceled_opt_out_is_restored(target_list: TargetList, as_marketer: Client) -> None:
    member = target_list.memberships.order_by("pk")[0]
    url = f"/target-lists/{target_list.pk}/members/{member.pk}/cancel-opt-out/"
    page = as_marketer.post(url, follow=True).content.decode()
    press_undo(as_marketer, page)
    member.refresh_from_db()
    assert member.opted_out_at is not None and member.opted_out_mass_email == 7


def test_a_removed_list_takes_nobody_back(target_list: TargetList, as_marketer: Client) -> None:
    page = unlink(as_marketer, target_list)
    target_list.delete()
    assert "The target list was removed." in press_undo(as_marketer, page)
