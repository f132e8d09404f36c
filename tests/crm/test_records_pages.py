"""The pages of records: who may do what, what they show, removal."""

import pytest
from django.test import Client

from crm.entities import saving
from crm.models import AuditEntry, EmailAddress, EntityType, Record, User
from tests.factories import RecordFactory, TargetListFactory

pytestmark = pytest.mark.django_db
NAMES = {"first_name": "", "last_name": ""}


@pytest.mark.parametrize("type", ["contacts", "leads", "accounts", "users"])
def test_every_type_has_its_list_and_page(as_viewer: Client, viewer: User, type: str) -> None:
    kind = EntityType.objects.get(slug=type)
    record = RecordFactory.create(kind=kind.key)
    assert as_viewer.get(f"/{type}/").status_code == 200
    page = as_viewer.get(f"/{type}/{record.pk}/").content.decode()
    assert str(record) in page
    assert "/edit/" not in page


def test_a_record_is_found_under_its_own_type_only(as_viewer: Client) -> None:
    record = RecordFactory.create()
    assert as_viewer.get(f"/leads/{record.pk}/").status_code == 404
    assert as_viewer.get("/unknown/").status_code == 404


@pytest.mark.parametrize("page", ["new/", "{pk}/edit/", "{pk}/remove/"])
def test_viewers_read_and_strangers_sign_in(as_viewer: Client, client: Client, page: str) -> None:
    record = RecordFactory.create()
    url = f"/contacts/{page.format(pk=record.pk)}"
    assert as_viewer.get(url).status_code == 403
    assert as_viewer.post(url, {"last_name": "X"}).status_code == 403
    assert client.get(url)["Location"].startswith("/login/")


@pytest.mark.parametrize("page", ["{pk}/address/", "remove/"])
def test_acts_are_posts(as_marketer: Client, as_viewer: Client, page: str) -> None:
    record = RecordFactory.create()
    url = f"/contacts/{page.format(pk=record.pk)}"
    assert as_marketer.get(url).status_code == 405
    assert as_viewer.post(url, {"flag": "opt_out", "selected": record.pk, "confirmed": "yes"}).status_code == 403
    assert Record.objects.filter(pk=record.pk, email_address__opted_out_at=None).exists()


def test_removal_asks_and_says_what_goes_with_it(as_marketer: Client) -> None:
    record = RecordFactory.create(last_name="Rocha")
    TargetListFactory.create(records=[record])
    page = as_marketer.get(f"/contacts/{record.pk}/remove/").content.decode()
    assert "Leaves 1 target list." in page
    assert Record.objects.filter(pk=record.pk).exists()
    answer = as_marketer.post(f"/contacts/{record.pk}/remove/")
    assert answer["Location"] == "/contacts/"
    assert not Record.objects.filter(pk=record.pk).exists()
    assert EmailAddress.objects.filter(pk=record.email_address_id).exists()
    assert AuditEntry.objects.get(action="record.removed").object_label == str(record)


def test_the_record_of_a_login_stays(as_marketer: Client, viewer: User) -> None:
    answer = as_marketer.post(f"/users/{viewer.record_id}/remove/", follow=True)
    assert "belongs to a login" in answer.content.decode()
    assert Record.objects.filter(pk=viewer.record_id).exists()


def test_bulk_removal_asks_with_the_number_first(as_marketer: Client) -> None:
    kept, *gone = RecordFactory.create_batch(3)
    data = {"selected": [record.pk for record in gone], "query": ""}
    page = as_marketer.post("/contacts/remove/", data)
    assert "Remove 2 records?" in page.content.decode()
    assert Record.objects.filter(entity_type__key="Contact").count() == 3
    as_marketer.post("/contacts/remove/", {**data, "confirmed": "yes"})
    assert list(Record.objects.filter(entity_type__key="Contact")) == [kept]


def test_bulk_removal_of_all_results_follows_the_query(as_marketer: Client) -> None:
    RecordFactory.create(first_name="Ines", last_name="Rocha")
    RecordFactory.create(kind="Lead", first_name="Ines", last_name="Rocha")
    kept = RecordFactory.create(first_name="Karim", last_name="Benali")
    data = {"scope": "all", "query": "q=rocha", "confirmed": "yes"}
    as_marketer.post("/contacts/remove/", data)
    assert list(Record.objects.filter(entity_type__key="Contact")) == [kept]
    assert Record.objects.filter(entity_type__key="Lead").exists()


def test_an_account_shows_its_contacts_and_a_contact_its_account(as_viewer: Client) -> None:
    account = RecordFactory.create(kind="Account", **NAMES, name="Acme")
    contact = RecordFactory.create(last_name="Rocha", account=account)
    assert f'href="/contacts/{contact.pk}/"' in as_viewer.get(f"/accounts/{account.pk}/").content.decode()
    assert f'href="/accounts/{account.pk}/">Acme</a>' in as_viewer.get(f"/contacts/{contact.pk}/").content.decode()


def test_target_lists_register_a_panel(as_viewer: Client) -> None:
    record = RecordFactory.create()
    TargetListFactory.create(name="Newsletter EU", records=[record])
    assert "Newsletter EU" in as_viewer.get(f"/contacts/{record.pk}/").content.decode()


def test_imported_addresses_with_bad_schemes_are_no_links(as_viewer: Client) -> None:
    record = RecordFactory.create(kind="Account", **NAMES, name="Acme", values={"website": "javascript:alert(1)"})
    page = as_viewer.get(f"/accounts/{record.pk}/").content.decode()
    assert "javascript:alert(1)" in page
    assert 'href="javascript' not in page


def test_whatever_goes_or_changes_with_a_record_is_told() -> None:
    """The record of a login cannot be removed."""
    pointing = {relation.related_model for relation in Record._meta.related_objects}
    assert pointing - {User} == set(saving._consequences)


def test_removal_of_an_account_says_whose_account_it_was(as_marketer: Client) -> None:
    account = RecordFactory.create(kind="Account", name="Acme")
    RecordFactory.create_batch(2, account=account)
    page = as_marketer.get(f"/accounts/{account.pk}/remove/").content.decode()
    assert "2 contacts have no account then." in page
