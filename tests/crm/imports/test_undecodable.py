"""Octets that are no text in the chosen encoding are shown as such on every page, and refuse their row alone."""

import pytest
from django.test import Client

from crm.imports.plan import plan_of
from crm.models import Import, Record, User
from tests.crm.imports.test_pages import setup_data, upload
from tests.crm.imports.world import counts, imported, reasons
from tests.factories import RecordFactory

pytestmark = pytest.mark.django_db


def read_as(client: Client, batch: Import, encoding: str) -> str:
    """The page of step 2 after the file was read so."""
    data = setup_data(batch, encoding=encoding, read="again")
    answer = client.post(f"/imports/{batch.pk}/setup/", data, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


def test_cells_and_headings_are_shown_with_a_sign_in_their_place(as_marketer: Client) -> None:
    batch = upload(as_marketer, "Email,Prénom\nzoe@example.com,Zoé\n".encode("cp1252"))
    page = read_as(as_marketer, batch, "utf-8-sig")
    assert "Pr\ufffdnom" in page and "Zo\ufffd" in page
    batch.refresh_from_db()
    assert plan_of(batch).labels == ["Email", "Pr\ufffdnom"]
    answer = as_marketer.post(f"/imports/{batch.pk}/setup/", setup_data(batch, column_1="first_name"), follow=True)
    assert "The text does not fit the encoding of the file." in answer.content.decode()


def test_utf_16_without_a_mark_is_read(as_marketer: Client) -> None:
    batch = upload(as_marketer, "Email,City\na@example.com,Kraków\n".encode("utf-16-le"))
    assert "Kraków" in read_as(as_marketer, batch, "utf-16")


def test_what_is_no_utf_16_at_all_is_shown_too(as_marketer: Client) -> None:
    batch = upload(as_marketer, "Email,City\na@example.com,Lisbon\n")
    answer = as_marketer.post(f"/imports/{batch.pk}/setup/", setup_data(batch, encoding="utf-16", read="again"))
    assert answer.status_code in {302, 422}
    assert as_marketer.get(f"/imports/{batch.pk}/setup/").status_code == 200


def test_a_link_that_does_not_decode_refuses_its_row_alone(marketer: User) -> None:
    RecordFactory.create(kind="Account", first_name="", last_name="", name="Café", email="")
    text = "Email,Account\na@example.com,Café\nb@example.com,".encode() + b"Caf\xe9\n"
    batch = imported(marketer, text, encoding="utf-8-sig", mapping=["email", "account"])
    assert counts(batch) == (1, 0, 0, 1)
    assert reasons(batch) == [(3, "Account", "The text does not fit the encoding of the file.")]
    assert Record.objects.get(email_address__normalized="a@example.com").account is not None
