"""Asked again immediately before somebody is mailed: everything that has changed since the queue was built counts."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from django.utils import timezone

from campaigns.models import QueueItem
from crm.models import EmailAddress, Record
from targets.audience import Audience
from targets.models import Membership, TargetList
from tests.factories import RecordFactory, TargetListFactory


@dataclass
class World:
    """One queued person on one list, and an empty excluding list."""

    record: Record
    item: QueueItem
    on: TargetList
    excluding: TargetList

    def ask(self, ignore_opt_outs: bool = False) -> str:
        audience = Audience([self.on.pk], [self.excluding.pk], ignore_opt_outs)
        return audience.recheck(QueueItem._meta.db_table, [self.item.pk])[self.item.pk]


@pytest.fixture
def world(db: None) -> World:
    record = RecordFactory.create(email="ines@example.com")
    item = QueueItem.objects.create(mass_email_id=1, record_id=record.pk, email_address_id=record.email_address_id)
    return World(record, item, TargetListFactory.create(records=[record]), TargetListFactory.create())


def erase(world: World) -> None:
    world.record.delete()


def erase_address(world: World) -> None:
    world.record.delete()
    EmailAddress.objects.all().delete()


def change_address(world: World) -> None:
    Record.objects.update(email_address=EmailAddress.objects.for_text("new@example.com"))


def exclude(world: World) -> None:
    Membership.objects.create(target_list=world.excluding, record=world.record)


def exclude_by_address(world: World) -> None:
    other = RecordFactory.create(kind="Lead", email="Ines@Example.com")
    Membership.objects.create(target_list=world.excluding, record=other)


def opt_out(world: World) -> None:
    EmailAddress.objects.update(opted_out_at=timezone.now())


def opt_out_of_the_list(world: World) -> None:
    Membership.objects.update(opted_out_at=timezone.now())


def unlink(world: World) -> None:
    Membership.objects.all().delete()


def bounce(world: World) -> None:
    EmailAddress.objects.update(invalid_at=timezone.now())


def nothing(world: World) -> None:
    """Nothing has changed."""


@pytest.mark.parametrize(
    ("change", "reason", "of_informational"),
    [
        (nothing, "", ""),
        (erase, "erased", "erased"),
        (erase_address, "erased", "erased"),
        (change_address, "address_changed", "address_changed"),
        (exclude, "excluded", "excluded"),
        (exclude_by_address, "excluded", "excluded"),
        (opt_out, "opted_out", ""),
        (opt_out_of_the_list, "opted_out_of_lists", ""),
        (unlink, "not_listed", "not_listed"),
        (bounce, "invalid", "invalid"),
    ],
)
def test_each_change_counts(change: Callable[[World], None], reason: str, of_informational: str, world: World) -> None:
    change(world)
    assert world.ask() == reason
    assert world.ask(ignore_opt_outs=True) == of_informational


def test_a_long_excluding_list_costs_nothing(world: World) -> None:
    """It was read from one end to the other for every person: 2.3 s per 200 people with 100,000 excluded."""
    count, kind = 20_000, world.record.entity_type
    EmailAddress.objects.bulk_create(
        EmailAddress(address=f"x{n}@example.com", normalized=f"x{n}@example.com") for n in range(count)
    )
    addresses = EmailAddress.objects.filter(normalized__startswith="x")
    Record.objects.bulk_create(Record(entity_type=kind, name="X", email_address=address) for address in addresses)
    Membership.objects.bulk_create(
        Membership(target_list=world.excluding, record=record) for record in Record.objects.filter(name="X")
    )
    items = QueueItem.objects.bulk_create(
        QueueItem(mass_email_id=1, record_id=world.record.pk, email_address_id=None, status=7) for _n in range(200)
    )
    QueueItem.objects.update(email_address_id=world.item.email_address_id)
    began = time.perf_counter()
    Audience([world.on.pk], [world.excluding.pk]).recheck(QueueItem._meta.db_table, [item.pk for item in items])
    assert time.perf_counter() - began < 0.15
