"""Send now and its Undo: nobody gets anything before its time, and never both happen."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from campaigns.lifecycle import UNDO_TIME, NotPossible, schedule, send_now, undo_send, unschedule
from campaigns.models import MassEmail, MassEmailStatus, QueueItem
from campaigns.sending.queue import start, start_due
from crm.models import AuditEntry, User
from tests.campaigns.pages_world import World, make_world


@pytest.fixture
def world(db: None) -> World:
    return make_world()


def url(mass_email: MassEmail, name: str) -> str:
    return reverse(f"campaigns:mass_email_{name}", args=[mass_email.pk])


def again(mass_email: MassEmail) -> MassEmail:
    return MassEmail.objects.select_related("campaign", "template", "account").get(pk=mass_email.pk)


def time_passes(mass_email: MassEmail) -> None:
    """Its time of grace is over."""
    MassEmail.objects.filter(pk=mass_email.pk).update(start_at=timezone.now() - timedelta(seconds=1))


def test_nothing_starts_before_the_time_is_over(world: World, as_marketer: Client) -> None:
    pressed = timezone.now()
    as_marketer.post(url(world.draft, "schedule"), {"accept": "1", "now": "1"})
    waiting = again(world.draft)
    assert waiting.status == MassEmailStatus.PENDING
    assert waiting.start_at is not None
    assert pressed + UNDO_TIME <= waiting.start_at <= timezone.now() + UNDO_TIME
    start_due()
    assert not start(world.draft.pk)
    assert again(world.draft).status == MassEmailStatus.PENDING
    assert not QueueItem.objects.filter(mass_email_id=world.draft.pk).exists()
    time_passes(world.draft)
    start_due()
    assert again(world.draft).status == MassEmailStatus.IN_PROCESS


def test_undo_brings_back_the_draft_with_the_date_it_had(world: World, as_marketer: Client, marketer: User) -> None:
    planned = world.draft.start_at
    as_marketer.post(url(world.draft, "schedule"), {"accept": "1", "now": "1"})
    page = as_marketer.get(world.draft.get_absolute_url()).content.decode()
    assert "data-countdown" in page
    assert url(world.draft, "undo_send") in page
    answer = as_marketer.post(url(world.draft, "undo_send"))
    assert "nobody got it" in " ".join(map(str, get_messages(answer.wsgi_request)))
    draft = again(world.draft)
    assert (draft.status, draft.start_at, draft.is_send_now) == (MassEmailStatus.DRAFT, planned, False)
    assert [entry.action for entry in AuditEntry.objects.filter(user=marketer).order_by("pk")][-2:] == [
        "mass_email.send_now", "mass_email.send_undone",
    ]  # fmt: skip
    start_due()
    assert not QueueItem.objects.filter(mass_email_id=world.draft.pk).exists()


def test_without_a_date_undo_leaves_none(world: World, marketer: User) -> None:
    MassEmail.objects.filter(pk=world.draft.pk).update(start_at=None)
    draft = again(world.draft)
    send_now(draft, marketer)
    undo_send(draft, marketer)
    assert draft.start_at is None


def test_undo_is_too_late_once_sending_has_begun(world: World, as_marketer: Client) -> None:
    as_marketer.post(url(world.draft, "schedule"), {"accept": "1", "now": "1"})
    time_passes(world.draft)
    start_due()
    answer = as_marketer.post(url(world.draft, "undo_send"))
    assert "too late" in " ".join(map(str, get_messages(answer.wsgi_request)))
    assert again(world.draft).status == MassEmailStatus.IN_PROCESS


def test_undo_does_not_touch_what_was_scheduled_for_a_date(world: World, marketer: User) -> None:
    draft = again(world.draft)
    schedule(draft, marketer)
    with pytest.raises(NotPossible):
        undo_send(draft, marketer)
    assert again(draft).status == MassEmailStatus.PENDING


def test_whoever_comes_first_wins_and_only_one_does(world: World, marketer: User) -> None:
    """The job and the person decide from the same state; each compare-and-set is tried in both orders."""
    for person_first in (True, False):
        draft = again(world.draft)
        send_now(draft, marketer)
        time_passes(draft)
        if person_first:
            undo_send(draft, marketer)
            assert not start(draft.pk)
            assert again(draft).status == MassEmailStatus.DRAFT
        else:
            assert start(draft.pk)
            with pytest.raises(NotPossible):
                undo_send(draft, marketer)
            with pytest.raises(NotPossible):
                unschedule(draft, marketer)
            assert again(draft).status == MassEmailStatus.IN_PROCESS


def test_pressed_twice_it_is_sent_once(world: World, marketer: User) -> None:
    first, second = again(world.draft), again(world.draft)
    send_now(first, marketer)
    with pytest.raises(NotPossible):
        send_now(second, marketer)
    assert second.start_at == world.draft.start_at


def test_what_was_saved_since_the_facts_were_shown_is_shown_again(world: World, as_marketer: Client) -> None:
    page = as_marketer.get(url(world.draft, "schedule"))
    seen = page.context["seen"]
    MassEmail.objects.filter(pk=world.draft.pk).update(version=7, name="Another")
    answer: Any = as_marketer.post(url(world.draft, "schedule"), {"accept": "1", "seen": seen})
    assert answer.status_code == 422
    assert "changed meanwhile" in answer.content.decode()
    assert again(world.draft).status == MassEmailStatus.DRAFT


def test_a_save_between_the_checks_and_the_move_stops_it(world: World, marketer: User) -> None:
    draft = again(world.draft)
    MassEmail.objects.filter(pk=draft.pk).update(version=2)
    with pytest.raises(NotPossible):
        schedule(draft, marketer)
    assert again(draft).status == MassEmailStatus.DRAFT


def test_the_dialog_is_the_form_alone(world: World, as_marketer: Client) -> None:
    part = as_marketer.get(url(world.draft, "schedule"), headers={"HX-Request": "true", "HX-Target": "dialog"})
    assert "<html" not in part.content.decode()
    for fact in ("to 3 people", "Newsletter EU", "Existing customers", "−1 excluded", "Clicks on 1 tracking URL"):
        assert fact in part.content.decode()


def test_a_paused_one_offers_no_undo(world: World, marketer: User) -> None:
    draft = again(world.draft)
    send_now(draft, marketer)
    assert draft.can_undo_send
    MassEmail.objects.filter(pk=draft.pk).update(paused_at=timezone.now())
    assert not again(draft).can_undo_send
