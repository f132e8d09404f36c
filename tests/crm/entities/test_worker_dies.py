"""Changes of fields when the worker dies in the middle: another one goes on, and nothing is done twice."""

from typing import Any

import pytest

from crm import background
from crm.entities import rewriting, shaping, types
from crm.entities.shaping import give_kind, take_field_away, take_type_away
from crm.entities.type_fields import FieldRefused, create_field
from crm.entities.types import remove_type
from crm.models import BackgroundTask, EntityField, EntityType, Record, TaskStatus, User
from tests.factories import EntityFieldFactory, EntityTypeFactory, RecordFactory

pytestmark = pytest.mark.django_db
MANY = 130


class Died(BaseException):
    """What ends a process ends no work in order."""


@pytest.fixture
def members(db: None) -> EntityType:
    return EntityTypeFactory.create(key="Member", label_plural="Members")


@pytest.fixture(autouse=True)
def small_portions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rewriting, "PORTION", 50)


def many(entity_type: EntityType, value: Any) -> None:
    rows = [Record(entity_type=entity_type, name=f"M {number}", values={"it": value}) for number in range(MANY)]
    Record.objects.bulk_create(rows)


def run_and_die(task: BackgroundTask, monkeypatch: pytest.MonkeyPatch) -> None:
    """The worker ends after its first portion; the sweeper gives the work to another one."""
    real = rewriting.in_portions
    portions: list[Any] = []

    def dying(records: Any) -> Any:
        for portion in real(records):
            if portions:
                raise Died
            portions.append(portion)
            yield portion

    with monkeypatch.context() as patch:
        patch.setattr(shaping, "in_portions", dying)
        with pytest.raises(Died):
            background.run(task.pk)
    long_ago = BackgroundTask.objects.get(pk=task.pk).created_at - 2 * background.DEAD_AFTER
    BackgroundTask.objects.filter(pk=task.pk).update(seen_at=long_ago)
    background.sweep()


def end(task: BackgroundTask) -> BackgroundTask:
    background.run(task.pk)
    task.refresh_from_db()
    return task


def test_values_of_a_new_kind_are_all_converted_and_once(
    members: EntityType, administrator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    many(members, False)
    field = EntityFieldFactory.create(entity_type=members, name="it", label="It", kind="checkbox")
    task = give_kind(field, EntityField(name="it", label="It", kind="text"), administrator)
    assert task is not None
    run_and_die(task, monkeypatch)
    assert Record.objects.filter(values__it="No").count() == 50
    ended = end(task)
    assert (ended.status, ended.done, ended.result["number"]) == (TaskStatus.SUCCESS, MANY, MANY)
    assert Record.objects.filter(values__it="No").count() == MANY  # a text “No” that is asked again would be ticked


def test_a_worker_that_was_taken_for_dead_changes_nothing_more(
    members: EntityType, administrator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    many(members, False)
    field = EntityFieldFactory.create(entity_type=members, name="it", label="It", kind="checkbox")
    task = give_kind(field, EntityField(name="it", label="It", kind="text"), administrator)
    assert task is not None
    real = rewriting.in_portions

    def taken_over(records: Any) -> Any:
        for number, portion in enumerate(real(records)):
            if number:
                BackgroundTask.objects.filter(pk=task.pk).update(status=TaskStatus.PENDING)
            yield portion

    with monkeypatch.context() as patch:
        patch.setattr(shaping, "in_portions", taken_over)
        background.run(task.pk)
    assert Record.objects.filter(values__it="No").count() == 50
    assert end(task).status == TaskStatus.SUCCESS and Record.objects.filter(values__it="No").count() == MANY


def test_a_name_is_not_given_again_while_old_values_stand_under_it(
    members: EntityType, administrator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    many(members, "old")
    field = EntityFieldFactory.create(entity_type=members, name="it", label="It")
    task = take_field_away(field, administrator)
    assert task is not None
    run_and_die(task, monkeypatch)
    with pytest.raises(FieldRefused):
        create_field(EntityField(entity_type=members, label="It"), administrator)
    create_field(EntityField(entity_type=EntityType.objects.get(key="Lead"), label="It"), administrator)
    assert end(task).status == TaskStatus.SUCCESS and not members.records.filter(values__has_key="it").exists()
    create_field(EntityField(entity_type=members, label="It"), administrator)
    assert members.fields.get().name == "it"


def test_links_to_a_type_that_goes_are_found_again(
    members: EntityType, administrator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process ends while the links of others become texts; whoever removes the type again goes on with them."""
    friend = RecordFactory.create(kind="Member", first_name="Ana", last_name="Lima")
    EntityFieldFactory.create(
        entity_type=EntityType.objects.get(key="Lead"), name="it", kind="link", options=["Member"]
    )
    named = RecordFactory.create(kind="Lead", values={"it": "Ana Lima"})  # by the one that died
    waiting = RecordFactory.create(kind="Lead", values={"it": friend.pk})

    def dying(*_given: Any) -> int:
        raise Died

    with monkeypatch.context() as patch:
        patch.setattr(types, "rewrite", dying)
        with pytest.raises(Died):
            remove_type(members, "remove", administrator, lambda _done: None)
    remove_type(members, "remove", administrator, lambda _done: None)
    assert EntityField.objects.get(name="it").kind == "text"
    for lead in (named, waiting):
        lead.refresh_from_db()
        assert lead.values == {"it": "Ana Lima"}


def test_the_removal_of_a_type_goes_on(members: EntityType, administrator: User) -> None:
    many(members, "x")
    task = take_type_away(members, "Contact", administrator)
    assert task is not None
    long_ago = task.created_at - 2 * background.DEAD_AFTER
    BackgroundTask.objects.filter(pk=task.pk).update(status=TaskStatus.RUNNING, seen_at=long_ago)
    background.sweep()
    assert end(task).status == TaskStatus.SUCCESS and not EntityType.objects.filter(key="Member").exists()
