"""A field may be named like anything that the database layer has a word for: “Range”, “In”, “Contains”."""

import pytest
from django.db.models import JSONField

from crm.entities.related import linked_to
from crm.entities.rewriting import with_choice
from crm.imports.matching import records_by_key
from crm.models import EntityField, EntityType, Record
from tests.factories import EntityFieldFactory, EntityTypeFactory, RecordFactory

pytestmark = pytest.mark.django_db
NAMES = sorted(name for name in JSONField().get_lookups() if name.isalpha())


@pytest.fixture
def members(db: None) -> EntityType:
    return EntityTypeFactory.create(key="Member", label_plural="Members")


def members_with(entity_type: EntityType, value: object) -> None:
    Record.objects.create(entity_type=entity_type, name="With", values=dict.fromkeys(NAMES, value))
    Record.objects.create(entity_type=entity_type, name="Without", values={})


def fields_of(entity_type: EntityType, kind: str, options: list[str]) -> list[EntityField]:
    make = EntityFieldFactory.create
    return [make(entity_type=entity_type, name=name, label=name, kind=kind, options=options) for name in NAMES]


def test_there_are_such_names() -> None:
    assert {"range", "in", "contains"} <= set(NAMES)


@pytest.mark.parametrize(("kind", "value"), [("choice", "Gold"), ("choices", ["Tin", "Gold"]), ("choices", "Gold")])
def test_the_records_with_a_choice_are_counted(members: EntityType, kind: str, value: object) -> None:
    members_with(members, value)
    fields = fields_of(members, kind, ["Gold", "Tin"])
    assert {field.name: with_choice(field, "Gold") for field in fields} == dict.fromkeys(NAMES, 1)
    assert with_choice(fields[0], "Gol") == 0


def test_the_records_that_link_to_one_are_found(members: EntityType) -> None:
    coach = RecordFactory.create()
    members_with(members, coach.pk)
    fields_of(members, "link", ["Contact"])
    found = linked_to(coach)
    assert [(one.number, [record.name for record in one.records]) for one in found] == [(1, ["With"])] * len(NAMES)


@pytest.mark.parametrize(("wanted", "found"), [("Gold", 1), ("Tin", 0)])
def test_an_import_recognises_records_by_them(members: EntityType, wanted: str, found: int) -> None:
    members_with(members, "Gold")
    fields_of(members, "text", [])
    keys = [f"f_{name}" for name in NAMES]
    assert {key: len(records_by_key(members, [key], {(wanted,)})) for key in keys} == dict.fromkeys(keys, found)
    assert len(records_by_key(members, keys, {(wanted,) * len(keys)})) == found
