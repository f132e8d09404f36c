"""Acts on many records: the number first; over a hundred in the background, on what the query finds then."""

import csv
import io
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client

from crm import background
from crm.entities import bulk
from crm.exports import table
from crm.models import AuditEntry, BackgroundTask, EntityType, Record, TaskStatus, User
from targets.models import TargetList
from tests.factories import RecordFactory, TargetListFactory

pytestmark = pytest.mark.django_db
ALL = {"scope": "all", "query": "q=many"}


@pytest.fixture
def many() -> None:
    contacts = EntityType.objects.get(key="Contact")
    names = [*(f"Many {number}" for number in range(120)), "Other"]
    Record.objects.bulk_create(Record(entity_type=contacts, name=name) for name in names)


def run_the_task() -> BackgroundTask:
    task = BackgroundTask.objects.get()
    assert task.status == TaskStatus.PENDING
    background.run(task.pk)
    task.refresh_from_db()
    assert (task.status, task.error) == (TaskStatus.SUCCESS, "")
    return task


def test_a_field_is_chosen_then_its_value_then_it_is_done(as_marketer: Client) -> None:
    ines, karim = RecordFactory.create(values={"city": "Lisbon"}), RecordFactory.create()
    picked = {"selected": [ines.pk, karim.pk]}
    page = as_marketer.post("/contacts/edit/", picked).content.decode()
    assert "Edit a field of 2 records" in page and "Country" in page
    page = as_marketer.post("/contacts/edit/", {**picked, "field": "f_country"}).content.decode()
    assert "Change 2 records" in page
    data = {**picked, "field": "f_country", "value": "Spain", "confirmed": "yes"}
    assert "2 records were changed." in as_marketer.post("/contacts/edit/", data, follow=True).content.decode()
    ines.refresh_from_db()
    assert ines.values == {"city": "Lisbon", "country": "Spain"}
    assert AuditEntry.objects.get(action="record.changed_many").changes["number"] == 2
    as_marketer.post("/contacts/edit/", {**data, "value": ""})
    ines.refresh_from_db()
    assert ines.values == {"city": "Lisbon"}


def test_columns_can_be_edited_too(as_marketer: Client, marketer: User) -> None:
    record = RecordFactory.create()
    data = {"selected": [record.pk], "field": "owner", "value": marketer.pk, "confirmed": "yes"}
    as_marketer.post("/contacts/edit/", data)
    assert Record.objects.get(pk=record.pk).owner == marketer


@pytest.mark.parametrize(
    ("data", "status"), [({"field": "name"}, 404), ({"field": "language", "value": "xx", "confirmed": "yes"}, 422)]
)
def test_fields_and_values_that_do_not_exist_are_refused(
    as_marketer: Client, data: dict[str, str], status: int
) -> None:
    record = RecordFactory.create()
    assert as_marketer.post("/contacts/edit/", {"selected": [record.pk], **data}).status_code == status


@pytest.mark.usefixtures("many")
def test_many_are_changed_behind_with_progress(as_marketer: Client) -> None:
    data = {**ALL, "field": "f_country", "value": "Spain", "confirmed": "yes"}
    page = as_marketer.post("/contacts/edit/", data, follow=True).content.decode()
    assert "Change 120 records (Contacts)" in page
    task = run_the_task()
    assert (task.done, task.total) == (120, 120)
    assert Record.objects.filter(values__country="Spain").count() == 120
    assert "120 records were changed." in as_marketer.get(task.get_absolute_url()).content.decode()


@pytest.mark.usefixtures("many")
def test_many_are_removed_behind(as_marketer: Client) -> None:
    page = as_marketer.post("/contacts/remove/", ALL).content.decode()
    assert "Remove 120 records?" in page
    as_marketer.post("/contacts/remove/", {**ALL, "confirmed": "yes"})
    assert Record.objects.filter(name__startswith="Many").count() == 120
    run_the_task()
    assert not Record.objects.filter(name__startswith="Many").exists()
    assert Record.objects.filter(name="Other").exists()


@pytest.mark.usefixtures("many")
def test_many_come_to_a_list_and_leave_it_behind(as_marketer: Client) -> None:
    as_marketer.post("/target-lists/add/contacts/", {**ALL, "confirmed": "yes", "new_name": "News"})
    run_the_task()
    news = TargetList.objects.get(name="News")
    assert news.memberships.count() == 120
    BackgroundTask.objects.all().delete()
    as_marketer.post("/target-lists/unlink/contacts/", {**ALL, "confirmed": "yes", "target_list": news.pk})
    run_the_task()
    assert not news.memberships.exists()


@pytest.mark.usefixtures("many")
def test_a_day_is_that_of_the_person_behind_too(as_marketer: Client, marketer: User) -> None:
    User.objects.filter(pk=marketer.pk).update(time_zone="Pacific/Kiritimati")
    found = Record.objects.filter(name__startswith="Many")
    found.update(created_at="2026-10-02T11:00Z")  # one in the morning of the third, there
    Record.objects.filter(name="Other").update(created_at="2026-10-03T11:00Z")
    everybody = {"scope": "all", "query": urlencode({"where": '{"all":[["created_at","on","2026-10-03"]]}'})}
    assert "Remove 120 records?" in as_marketer.post("/contacts/remove/", everybody).content.decode()
    as_marketer.post("/contacts/remove/", {**everybody, "confirmed": "yes"})
    run_the_task()
    assert not found.exists() and Record.objects.filter(name="Other").exists()


@pytest.mark.usefixtures("many")
def test_a_list_with_a_long_name_takes_many_too(as_marketer: Client) -> None:
    news = TargetListFactory.create(name="News" * 50)
    as_marketer.post("/target-lists/add/contacts/", {**ALL, "confirmed": "yes", "target_list": news.pk})
    task = run_the_task()
    assert task.title.startswith("Add 120 records to “NewsNews") and len(task.title) == 200
    assert news.memberships.count() == 120


def test_a_few_leave_a_list_at_once(as_marketer: Client) -> None:
    ines, karim = RecordFactory.create_batch(2)
    news = TargetListFactory.create(records=[ines, karim])
    picked = {"selected": [ines.pk]}
    assert "Take 1 record off" in as_marketer.post("/target-lists/unlink/contacts/", picked).content.decode()
    as_marketer.post("/target-lists/unlink/contacts/", {**picked, "confirmed": "yes", "target_list": news.pk})
    assert [member.record for member in news.memberships.all()] == [karim]


def test_the_selection_in_the_background_is_that_of_the_page(rf: object, marketer: User) -> None:
    wanted = RecordFactory.create(first_name="Ines", last_name="Q")
    RecordFactory.create(first_name="Karim", last_name="Q")
    selection = "query=q%3Dines&scope=all"
    assert list(bulk.selected_again(wanted.entity_type, selection, marketer)) == [wanted]
    assert not bulk.selected_again(wanted.entity_type, "query=where%3Dbroken&scope=all", marketer).exists()


def exported(client: Client, data: dict[str, object], slug: str = "contacts") -> list[list[str]]:
    answer = client.post(f"/{slug}/export/", {**data, "format": "csv"})
    assert answer["Content-Disposition"].startswith("attachment"), answer.content
    text = b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    return list(csv.reader(io.StringIO(text)))


def test_the_export_has_every_field_and_no_formula(as_marketer: Client) -> None:
    ines = RecordFactory.create(first_name="Ines", last_name="=SUM(A1)", values={"city": "Lisbon"})
    RecordFactory.create()
    heading, row = exported(as_marketer, {"selected": [ines.pk]})
    told = dict(zip(heading, row, strict=True))
    assert ines.email_address
    assert (told["First name"], told["Last name"], told["City"]) == ("Ines", "'=SUM(A1)", "Lisbon")
    assert (told["Email"], told["Email state"]) == (ines.email_address.address, "Listed")
    assert AuditEntry.objects.get(action="record.exported").changes == {"type": "Contact", "number": 1}


@pytest.mark.usefixtures("many")
def test_all_results_of_the_filter_are_exported(
    as_marketer: Client, monkeypatch: pytest.MonkeyPatch, django_assert_max_num_queries: Callable[[int], Any]
) -> None:
    monkeypatch.setattr(table, "ROWS_AT_A_TIME", 50)
    with django_assert_max_num_queries(20):
        rows = exported(as_marketer, ALL)
    assert len(rows) == 1 + 120 and "Other" not in {row[0] for row in rows}


def test_who_may_not_edit_exports_nothing(as_viewer: Client) -> None:
    ines = RecordFactory.create()
    assert as_viewer.post("/contacts/export/", {"selected": [ines.pk]}).status_code == 403
    assert not AuditEntry.objects.exists()


def test_an_export_of_nothing_says_so(as_marketer: Client) -> None:
    assert "Nothing was selected." in as_marketer.post("/contacts/export/", {}, follow=True).content.decode()
