"""What placeholders answer for a person."""

import pytest
from django.utils import translation

from campaigns.people import PersonValues, References, person_of, schema
from crm.models import EntityField, EntityType, FieldKind, Record
from tests.factories import RecordFactory


def value(record: Record | None, name: str) -> str:
    address = record.email_address.address if record and record.email_address else "x@example.com"
    person = person_of(record, address, "en")
    references = References(frozenset({name}))
    references.load([person.record] if person.record else [])
    return PersonValues(person, references, {"today": "now"})(name)


def field(key: str, name: str, kind: str) -> None:
    EntityField.objects.create(entity_type=EntityType.objects.get(key=key), name=name, label=name, kind=kind)


def test_person_is_whoever_gets_the_mail(db: None) -> None:
    contact = RecordFactory.create(first_name="Ines", last_name="Rocha", email="Ines@Example.com")
    assert value(contact, "Person.firstName") == value(contact, "Contact.firstName") == "Ines"
    assert value(contact, "Person.name") == "Ines Rocha"
    assert value(contact, "Lead.firstName") == ""
    assert value(contact, "Person.emailAddress") == "Ines@example.com"


def test_a_company_has_a_name_and_no_first_name(db: None) -> None:
    company = RecordFactory.create(kind="Account", first_name="", last_name="", name="Nordwind GmbH")
    assert (value(company, "Person.name"), value(company, "Person.firstName")) == ("Nordwind GmbH", "")


def test_the_account_of_a_contact(db: None) -> None:
    told = {"first_name": "", "last_name": "", "name": "Nordwind", "values": {"type": "Partner"}}
    company = RecordFactory.create(kind="Account", **told)
    contact = RecordFactory.create(account=company)
    assert value(contact, "Contact.account.name") == "Nordwind"
    assert value(contact, "Contact.account.type") == "Partner"
    assert value(RecordFactory.create(), "Contact.account.name") == ""


@pytest.mark.parametrize(
    ("kind", "stored", "shown"),
    [
        (FieldKind.NUMBER, 1234.5, "1,234.5"),
        (FieldKind.DATE, "2026-10-28", "28 Oct 2026"),
        (FieldKind.CHECKBOX, True, "Yes"),
        (FieldKind.URL, "https://acme.example.com", "https://acme.example.com"),
        (FieldKind.PHONE, "+34 600 000", "+34 600 000"),
        (FieldKind.CHOICES, ["a", "b"], "a, b"),
        (FieldKind.TEXT, None, ""),
    ],
)
def test_a_field_of_any_kind_becomes_plain_words(db: None, kind: str, stored: object, shown: str) -> None:
    field("Lead", "extra", kind)
    lead = RecordFactory.create(kind="Lead", values={"extra": stored})
    with translation.override("en"):
        assert value(lead, "Lead.extra") == shown


def test_only_an_address_is_known(db: None) -> None:
    assert value(None, "Person.emailAddress") == "x@example.com"
    assert value(None, "Person.firstName") == value(None, "Contact.account.name") == ""
    assert value(None, "today") == "now"


def test_a_custom_type_has_its_placeholders(db: None) -> None:
    kind = EntityType.objects.create(key="Member", slug="members", label_singular="Member", label_plural="Members")
    EntityField.objects.create(entity_type=kind, name="number", label="Number", kind=FieldKind.NUMBER)
    known = schema()
    assert known.knows("Member.number") and known.knows("Member.firstName") and not known.knows("Member.other")


def test_accounts_of_people_who_wait_are_not_forgotten_when_others_are_loaded(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("campaigns.people.MOST_KEPT", 3)
    told = {"kind": "Account", "first_name": "", "last_name": ""}
    people = [
        person_of(RecordFactory.create(account=RecordFactory.create(name=f"Acme {n}", **told)), "x@example.com", "en")
        for n in range(8)
    ]
    references = References(frozenset({"Contact.account.name"}))
    for begin in (0, 4):
        references.load([person.record for person in people[begin : begin + 4] if person.record])
    assert [references.read(person, "Contact.account.name") for person in people] == [f"Acme {n}" for n in range(8)]
