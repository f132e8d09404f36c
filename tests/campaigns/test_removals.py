"""A target list is removed while mass emails count on it."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from campaigns.lifecycle import resume
from campaigns.models import MassEmail, MassEmailStatus, QueueItem, QueueStatus
from campaigns.progress import why_not_sending
from campaigns.sending.queue import start_due
from crm.models import User
from tests.campaigns.pages_world import World, make_world


@pytest.fixture
def world(db: None) -> World:
    return make_world()


def scheduled(world: World) -> MassEmail:
    soon = timezone.now() - timedelta(minutes=1)
    MassEmail.objects.filter(pk=world.draft.pk).update(status=MassEmailStatus.PENDING, start_at=soon)
    return world.draft


def pending(mass_email: MassEmail) -> int:
    rows = QueueItem.objects.filter(mass_email_id=mass_email.pk, status=QueueStatus.PENDING)
    return rows.count()


def test_who_was_excluded_is_not_mailed_because_the_list_is_gone(
    world: World, as_marketer: Client, marketer: User
) -> None:
    mass_email = scheduled(world)
    asked = as_marketer.get(f"/target-lists/{world.excluding.pk}/remove/").content.decode()
    assert "is paused until somebody has looked at it" in asked
    as_marketer.post(f"/target-lists/{world.excluding.pk}/remove/")

    assert start_due() == 0
    mass_email.refresh_from_db()
    assert mass_email.is_paused
    assert "“Existing customers” was removed" in why_not_sending(mass_email)
    assert b"was removed" in as_marketer.get(mass_email.get_absolute_url()).content

    resume(mass_email, marketer)  # somebody has looked
    assert start_due() == 1
    assert pending(mass_email) == 4


def test_a_draft_is_not_paused(world: World, as_marketer: Client) -> None:
    as_marketer.post(f"/target-lists/{world.target_list.pk}/remove/")
    world.draft.refresh_from_db()
    assert not world.draft.is_paused


def test_a_list_that_nobody_counts_on_pauses_nothing(world: World, as_marketer: Client) -> None:
    mass_email = scheduled(world)
    mass_email.excluding_target_lists.clear()
    as_marketer.post(f"/target-lists/{world.excluding.pk}/remove/")
    mass_email.refresh_from_db()
    assert not mass_email.is_paused
    assert start_due() == 1
