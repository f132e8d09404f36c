"""What was made in the Entity Manager is there at once: for imports, reports, a worker in the middle of its mail."""

import pytest
from django.test import Client

from campaigns.people import Person, References, row_of
from crm.entities.placeholders import Computed
from crm.models import EntityField, User
from tests.crm.imports.world import counts, imported
from tests.factories import EntityFieldFactory, EntityTypeFactory, RecordFactory, ReportFactory

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


def test_a_new_type_is_imported_and_reported_on(as_marketer: Client, marketer: User) -> None:
    members = EntityTypeFactory.create(key="Member", label_plural="Members")
    EntityFieldFactory.create(entity_type=members, name="tier", kind="choice", options=["Gold", "Silver"])
    assert as_marketer.get("/members/import/").status_code == 200
    rows = "Ines,ines@example.com,Gold\nKarim,karim@example.com,Silver\nSiti,siti@example.com,Bronze\n"
    assert counts(imported(marketer, f"First name,Email,Tier\n{rows}", kind="Member")) == (2, 0, 0, 1)
    of_gold = ReportFactory.create(
        of="Member", criteria={"all": [["f_tier", "any", ["Gold"]]]}, columns=["name", "f_tier"]
    )
    lines = as_marketer.get(of_gold.get_absolute_url()).context["list"].lines()
    assert [(line.row.name, line.row.values["tier"]) for line in lines] == [("Ines", "Gold")]
    by_tier = ReportFactory.create(of="Member", kind="grid", groups=[["f_tier", ""]], aggregates=[["count", ""]])
    page = as_marketer.get(by_tier.get_absolute_url()).content.decode()
    assert "Gold" in page and "Silver" in page and "Bronze" not in page
    assert members in as_marketer.get("/reports/new/").context["types"]
