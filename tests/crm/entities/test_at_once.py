"""A worker in the middle of a mass email learns of changed fields with its next portion."""

import pytest

from campaigns.people import Person, References, row_of
from crm.entities.placeholders import Computed
from crm.models import EntityField
from tests.factories import EntityFieldFactory, EntityTypeFactory, RecordFactory

pytestmark = pytest.mark.django_db


def test_a_worker_reads_types_and_fields_anew() -> None:
    references = References(frozenset({"Member.tier", "Person.name"}))
    members = EntityTypeFactory.create(key="Member", label_plural="Members")
    field = EntityFieldFactory.create(entity_type=members, name="tier", kind="number")
    record = RecordFactory.create(kind="Member", values={"tier": 1234})
    person = Person(0, row_of(record), 0, "a@example.com", "en")
    assert references.read(person, "Member.tier") == ""  # the type came later
    references.learn()
    assert references.read(person, "Member.tier") == "1,234"
    assert references.answers(person)["Member.tier"] == "1,234"
    EntityField.objects.filter(pk=field.pk).update(kind="text")
    references.learn()
    assert references.read(person, "Member.tier") == references.answers(person)["Member.tier"] == "1234"
    field.delete()
    references.learn()
    assert references.answers(person) == {"Member.tier": "", "Person.name": record.name}


def test_a_computed_placeholder_can_be_of_some_types_alone() -> None:
    some = Computed("score", "Score", lambda ids: {}, frozenset({"Contact"}))
    assert some.is_of("Contact") and not some.is_of("Lead")
    assert Computed("score", "Score", lambda ids: {}).is_of("Lead")
