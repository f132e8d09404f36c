"""Creating and editing records of every type."""

import pytest
from django.test import Client

from crm.models import AuditEntry, EmailAddress, EntityField, EntityType, FieldKind, Record, User
from tests.factories import RecordFactory

pytestmark = pytest.mark.django_db


def test_a_contact_is_created_with_its_address_normalised(as_marketer: Client, marketer: User) -> None:
    account = RecordFactory.create(kind="Account", first_name="", last_name="", name="Rocha Lda")
    answer = as_marketer.post(
        "/contacts/new/",
        {
            "first_name": "Ines", "last_name": "Rocha", "email": " Ines@ROCHA.Example.com ", "account": "rocha lda",
            "f_country": "Portugal", "owner": marketer.pk, "language": "fr",
        },
    )  # fmt: skip
    record = Record.objects.get(name="Ines Rocha")
    assert answer["Location"] == f"/contacts/{record.pk}/"
    assert record.email_address == EmailAddress.objects.get(normalized="ines@rocha.example.com")
    assert record.account == account
    assert record.values == {"country": "Portugal"}
    assert AuditEntry.objects.get(action="record.created").object_id == record.pk


def test_two_records_share_one_address_row(as_marketer: Client) -> None:
    RecordFactory.create(email="ines@rocha.example.com")
    as_marketer.post("/leads/new/", {"last_name": "Rocha", "email": "INES@rocha.example.com"})
    assert EmailAddress.objects.filter(normalized="ines@rocha.example.com").count() == 1
    assert Record.objects.filter(email_address__normalized="ines@rocha.example.com").count() == 2


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"last_name": "X", "email": "not an address"}, "email"),
        ({"last_name": "X", "email": "a@b.example.com, c@d.example.com"}, "email"),
        ({"last_name": "X\r\nBcc: all@example.com"}, "last_name"),
        ({"last_name": "X" * 121}, "last_name"),
        ({}, "last_name"),
        ({"last_name": "X", "account": "Nobody Ltd"}, "account"),
        ({"last_name": "X", "owner": "999999"}, "owner"),
        ({"last_name": "X", "language": "xx"}, "language"),
    ],
)
def test_bad_input_is_told_at_its_field(as_marketer: Client, data: dict[str, str], field: str) -> None:
    answer = as_marketer.post("/contacts/new/", data)
    assert answer.status_code == 422
    assert f'id="id_{field}_errors"' in answer.content.decode()
    assert not Record.objects.filter(entity_type__key="Contact").exists()


def test_an_account_needs_a_name(as_marketer: Client) -> None:
    assert "id_name_errors" in as_marketer.post("/accounts/new/", {"email": "a@example.com"}).content.decode()
    as_marketer.post("/accounts/new/", {"name": "Acme", "f_website": "acme.example.com", "f_type": "Partner"})
    assert Record.objects.get(name="Acme").values == {"website": "https://acme.example.com", "type": "Partner"}


def test_a_website_with_another_scheme_is_refused(as_marketer: Client) -> None:
    answer = as_marketer.post("/accounts/new/", {"name": "Acme", "f_website": "javascript:alert(1)"})
    assert "id_f_website_errors" in answer.content.decode()


def test_an_edit_changes_what_was_changed_and_says_so(as_marketer: Client) -> None:
    record = RecordFactory.create(first_name="Ines", last_name="Rocha", values={"country": "Spain", "old": "kept"})
    url = f"/contacts/{record.pk}/edit/"
    address = record.email_address.address
    as_marketer.post(url, {"first_name": "Inês", "last_name": "Rocha", "email": address, "f_country": ""})
    record.refresh_from_db()
    assert (record.name, record.values) == ("Inês Rocha", {"old": "kept"})
    changes = AuditEntry.objects.get(action="record.changed").changes
    assert changes["first_name"] == ["Ines", "Inês"]
    assert changes["country"] == ["Spain", None]
    assert "email_address_id" not in changes


def test_a_person_without_name_is_called_by_the_address(as_marketer: Client) -> None:
    record = RecordFactory.create(first_name="Ines", last_name="Rocha", email="ines@rocha.example.com")
    as_marketer.post(f"/contacts/{record.pk}/edit/", {"email": "ines@rocha.example.com"})
    record.refresh_from_db()
    assert (record.name, str(record)) == ("", "ines@rocha.example.com")


def test_an_account_that_shares_its_name_stays_and_others_are_told_apart(as_marketer: Client) -> None:
    first, second = RecordFactory.create_batch(2, kind="Account", first_name="", last_name="", name="Acme")
    record = RecordFactory.create(last_name="Rocha", account=second)
    url = f"/contacts/{record.pk}/edit/"
    as_marketer.post(url, {"last_name": "Silva", "account": "Acme"})
    record.refresh_from_db()
    assert (record.last_name, record.account) == ("Silva", second)
    assert (
        "id_account_errors"
        in as_marketer.post("/contacts/new/", {"last_name": "B", "account": "Acme"}).content.decode()
    )
    as_marketer.post(url, {"last_name": "Silva", "account": f"Acme #{first.pk}"})
    record.refresh_from_db()
    assert record.account == first


def test_suggestions_name_exactly_one_record_each(as_marketer: Client) -> None:
    first, _second = RecordFactory.create_batch(2, kind="Account", first_name="", last_name="", name="Acme")
    RecordFactory.create(kind="Account", first_name="", last_name="", name="Acme & Sons")
    page = as_marketer.get("/accounts/suggest/?account=acme", headers={"HX-Trigger-Name": "account"}).content.decode()
    assert f'value="Acme #{first.pk}"' in page
    assert 'value="Acme &amp; Sons"' in page


FIELDS = [
    (FieldKind.TEXT, "x", "x"),
    (FieldKind.LONG_TEXT, "a\r\nb", "a\r\nb"),
    (FieldKind.NUMBER, "12.5", 12.5),
    (FieldKind.MONEY, "1200.00", 1200),
    (FieldKind.DATE, "2026-02-03", "2026-02-03"),
    (FieldKind.DATE_TIME, "2026-02-03T10:20", "2026-02-03T10:20:00+00:00"),
    (FieldKind.CHECKBOX, "on", True),
    (FieldKind.CHOICE, "Blue", "Blue"),
    (FieldKind.CHOICES, ["Red", "Blue"], ["Red", "Blue"]),
    (FieldKind.URL, "https://example.com/", "https://example.com/"),
    (FieldKind.PHONE, "+34 600", "+34 600"),
]


@pytest.mark.parametrize(("kind", "typed", "stored"), FIELDS)
def test_a_custom_type_has_fields_of_every_kind(as_marketer: Client, kind: str, typed: object, stored: object) -> None:
    made = EntityType.objects.create(key="Guest", slug="guests", label_singular="Guest", label_plural="Guests")
    EntityField.objects.create(entity_type=made, name="extra", label="Extra", kind=kind, options=["Red", "Blue"])
    as_marketer.post("/guests/new/", {"last_name": "Rocha", "f_extra": typed})
    record = Record.objects.get(entity_type=made)
    assert record.values == {"extra": stored}
    assert as_marketer.get(f"/guests/{record.pk}/").status_code == 200
    again = as_marketer.get(f"/guests/{record.pk}/edit/").context["form"]
    assert again.initial["f_extra"] is not None
    assert "Extra" in as_marketer.get("/guests/").content.decode()


def test_a_link_names_a_record_of_another_type(as_marketer: Client) -> None:
    made = EntityType.objects.create(key="Guest", slug="guests", label_singular="Guest", label_plural="Guests")
    EntityField.objects.create(entity_type=made, name="host", label="Host", kind=FieldKind.LINK, options=["Contact"])
    host = RecordFactory.create(first_name="Ines", last_name="Rocha")
    as_marketer.post("/guests/new/", {"last_name": "X", "f_host": "Ines Rocha"})
    record = Record.objects.get(entity_type=made)
    assert record.values == {"host": host.pk}
    assert f'href="/contacts/{host.pk}/">Ines Rocha</a>' in as_marketer.get(f"/guests/{record.pk}/").content.decode()


def test_colleagues_are_not_made_or_renamed_here(as_marketer: Client, viewer: User) -> None:
    record = viewer.record
    assert as_marketer.get("/users/new/").status_code == 404
    as_marketer.post(f"/users/{record.pk}/edit/", {"last_name": "Hacked", "email": "x@example.com", "phone": "1"})
    record.refresh_from_db()
    assert (record.name, record.phone) == ("Maya Ortiz", "1")
    assert record.email_address.address == viewer.email
