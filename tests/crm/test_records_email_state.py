"""Listed, Opted Out, Invalid: shown with why and when, marked and unmarked by marketers."""

import pytest
from django.test import Client

from crm.models import AuditEntry, EmailAddress
from tests.factories import RecordFactory

pytestmark = pytest.mark.django_db


def flag(client: Client, record: object, name: str, **data: str) -> object:
    return client.post(f"/contacts/{record.pk}/address/", {"flag": name, **data})  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("mark", "unmark", "column", "word"),
    [
        ("opt_out", "cancel_opt_out", "opted_out", "Opted Out"),
        ("mark_invalid", "mark_valid", "invalid", "Invalid"),
    ],
)
def test_a_flag_is_set_with_reason_and_trail_and_taken_back(
    as_marketer: Client, mark: str, unmark: str, column: str, word: str
) -> None:
    record = RecordFactory.create()
    flag(as_marketer, record, mark, why="asked on the phone")
    address = EmailAddress.objects.get(pk=record.email_address_id)
    assert getattr(address, f"{column}_at") is not None
    page = as_marketer.get(f"/contacts/{record.pk}/").content.decode()
    assert word in page
    assert "asked on the phone" in page
    flag(as_marketer, record, unmark)
    address.refresh_from_db()
    assert getattr(address, f"{column}_at") is None
    assert AuditEntry.objects.filter(object_type="crm.emailaddress").count() == 2


def test_without_a_reason_the_person_who_did_it_is_named(as_marketer: Client) -> None:
    record = RecordFactory.create()
    flag(as_marketer, record, "opt_out")
    record.email_address.refresh_from_db()
    assert record.email_address.opted_out_why == "By hand, by Maya Ortiz"


def test_marking_twice_changes_nothing_and_leaves_one_trail(as_marketer: Client) -> None:
    record = RecordFactory.create()
    flag(as_marketer, record, "opt_out", why="first")
    flag(as_marketer, record, "opt_out", why="second")
    record.email_address.refresh_from_db()
    assert record.email_address.opted_out_why == "first"
    assert AuditEntry.objects.filter(action="email_address.opted_out").count() == 1


def test_unknown_flags_and_records_without_address_are_not_found(as_marketer: Client) -> None:
    assert flag(as_marketer, RecordFactory.create(), "delete").status_code == 404  # type: ignore[attr-defined]
    assert flag(as_marketer, RecordFactory.create(email=""), "opt_out").status_code == 404  # type: ignore[attr-defined]


def test_the_flag_is_told_to_concern_others_with_the_address(as_marketer: Client) -> None:
    first, second = RecordFactory.create_batch(2, email="shared@example.com")
    page = as_marketer.get(f"/contacts/{first.pk}/").content.decode()
    assert "Other records share this address" in page
    assert f'href="/contacts/{second.pk}/"' in page


@pytest.mark.parametrize(
    ("chip", "expected"),
    [
        ("listed", ["listed"]),
        ("opted-out", ["both", "out"]),
        ("invalid", ["bad", "both"]),
        ("no-email", ["none"]),
    ],
)
def test_chips_of_the_list_are_the_states(as_viewer: Client, chip: str, expected: list[str]) -> None:
    records = {name: RecordFactory.create(first_name="", last_name=name) for name in ("listed", "out", "bad", "both")}
    RecordFactory.create(first_name="", last_name="none", email="")
    for name in ("out", "both"):
        records[name].email_address.mark_opted_out("x")
    for name in ("bad", "both"):
        records[name].email_address.mark_invalid("x")
    listing = as_viewer.get(f"/contacts/?show={chip}").context["list"]
    assert [line.row.name for line in listing.lines()] == expected
    assert listing.total == len(expected)
