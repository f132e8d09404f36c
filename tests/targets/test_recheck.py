"""Asked again immediately before somebody is mailed: everything that has changed since the queue was built counts."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from django.db import connection
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
        with connection.cursor() as cursor:
            cursor.execute(question(audience), [self.item.pk])
            (reason,) = cursor.fetchone()
        return str(reason)


def question(audience: Audience) -> str:
    return f"""SELECT {audience.reason_now()} FROM campaigns_queueitem q
        LEFT JOIN crm_record r ON r.id = q.record_id LEFT JOIN crm_emailaddress a ON a.id = q.email_address_id
        WHERE q.id = %s"""


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


@pytest.mark.skipif(connection.vendor != "sqlite", reason="SQLite's planner chose the wrong way round")
def test_a_long_excluding_list_is_not_read_for_every_person(world: World) -> None:
    """It was, from one end to the other: 2.3 s per 200 people with 100,000 excluded."""
    with connection.cursor() as cursor:
        sql = question(Audience([world.on.pk], [world.excluding.pk]))
        cursor.execute(f"EXPLAIN QUERY PLAN {sql}", [world.item.pk])
        plan = [row[-1] for row in cursor.fetchall()]
    assert any(line.startswith("SEARCH m USING") for line in plan), plan
    assert not any(line.startswith("SCAN") for line in plan), plan


@pytest.mark.skipif(connection.vendor != "postgresql", reason="PostgreSQL's planner would read the list")
def test_memberships_are_looked_up_by_their_record_on_postgresql_too(world: World) -> None:
    """It read the whole list for every thousand people, since a new list has no statistics: 58 µs for each of them."""
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {question(Audience([world.on.pk], [world.excluding.pk]))}", [world.item.pk])
        plan = [row[0] for row in cursor.fetchall()]
    assert not any("hashed" in line or "target_list_id =" in line for line in plan), plan
