"""What is offered to be sent again is what can be sent again."""

import pytest
from django.test import Client
from django.urls import reverse

from campaigns.models import MassEmail, MassEmailStatus, QueueItem, QueueStatus
from tests.campaigns.pages_world import World, make_world


@pytest.fixture
def world(db: None) -> World:
    return make_world()


def becomes(mass_email: MassEmail, status: QueueStatus, reason: str = "") -> None:
    waiting = QueueItem.objects.filter(mass_email_id=mass_email.pk, status=QueueStatus.PENDING).order_by("id")
    QueueItem.objects.filter(pk=waiting[0].pk).update(status=status, reason=reason)
    MassEmail.objects.filter(pk=mass_email.pk).update(failed_count=int(status == QueueStatus.FAILED))


def pages(client: Client, world: World) -> list[str]:
    """Every page with the acts of the one that is being sent: its own, the list, its campaign."""
    doors = [world.sending.get_absolute_url(), reverse("campaigns:mass_email_list"), world.campaign.get_absolute_url()]
    return [client.get(door).content.decode() for door in doors]


@pytest.mark.parametrize("reason", ["mailbox_full", "deferred"])
def test_who_failed_for_now_is_tried_again(reason: str, world: World, as_marketer: Client) -> None:
    becomes(world.sending, QueueStatus.FAILED, reason)
    assert all("Retry failed" in html for html in pages(as_marketer, world))


def test_who_failed_for_ever_is_not(world: World, as_marketer: Client) -> None:
    becomes(world.sending, QueueStatus.FAILED, "user_unknown")
    assert not any("Retry failed" in html for html in pages(as_marketer, world))


@pytest.mark.parametrize(
    ("status", "offered"),
    [(MassEmailStatus.IN_PROCESS, True), (MassEmailStatus.COMPLETE, True), (MassEmailStatus.CANCELED, False)],
)
def test_what_is_uncertain_is_sent_again_unless_canceled(
    status: str, offered: bool, world: World, as_marketer: Client
) -> None:
    becomes(world.sending, QueueStatus.UNCERTAIN)
    MassEmail.objects.filter(pk=world.sending.pk).update(status=status)
    door = reverse("campaigns:mass_email_queue", args=[world.sending.pk])
    for url in (world.sending.get_absolute_url(), f"{door}?state=uncertain"):
        assert ("Send again" in as_marketer.get(url).content.decode()) is offered
