"""Exports: options, a file at once, a task for many rows, and a file that is its owner's alone until it expires."""

import csv
import io
import os
import time
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from openpyxl import load_workbook
from pytest_django.fixtures import Settings as Fixture

from crm import background
from crm.exports import keeping, table
from crm.models import AuditEntry, BackgroundTask, EntityType, ExportFile, Record, Role, TaskStatus, User
from crm.views import exporting
from tests.factories import RecordFactory

pytestmark = pytest.mark.django_db
ALL = {"scope": "all", "query": "q=many&sort=-name"}
XLSX = {"format": "xlsx"}


@pytest.fixture
def many(monkeypatch: pytest.MonkeyPatch) -> None:
    """Twelve rows are many here, and five a batch."""
    monkeypatch.setattr(exporting, "AT_ONCE", 10)
    monkeypatch.setattr(table, "ROWS_AT_A_TIME", 5)
    contacts = EntityType.objects.get(key="Contact")
    names = [*(f"Many {number:02}" for number in range(12)), "Other"]
    Record.objects.bulk_create(Record(entity_type=contacts, name=name) for name in names)


def bytes_of(answer: Any) -> bytes:
    assert answer["Content-Disposition"].startswith("attachment")
    return b"".join(answer.streaming_content)


def rows_of_workbook(octets: bytes) -> list[list[Any]]:
    book = load_workbook(io.BytesIO(octets), read_only=True)
    return [list(row) for sheet in book for row in sheet.iter_rows(values_only=True)]


def run_the_task() -> ExportFile:
    task = BackgroundTask.objects.get(status=TaskStatus.PENDING)
    background.run(task.pk)
    task.refresh_from_db()
    assert (task.status, task.error) == (TaskStatus.SUCCESS, "")
    return ExportFile.objects.get(task=task)


def test_options_come_first_with_the_number_and_the_columns(as_marketer: Client) -> None:
    ines, karim = RecordFactory.create_batch(2)
    page = as_marketer.post("/contacts/export/", {"selected": [ines.pk, karim.pk]}).content.decode()
    assert "Export 2 rows" in page and "Email state" in page and f'value="{karim.pk}"' in page
    assert not AuditEntry.objects.exists()


def test_all_results_of_a_list_are_offered_by_its_address(as_marketer: Client) -> None:
    RecordFactory.create(first_name="Ines", last_name="Q")
    RecordFactory.create(first_name="Karim", last_name="Q")
    assert 'href="/contacts/export/?q=ines"' in as_marketer.get("/contacts/?q=ines&page=1").content.decode()
    page = as_marketer.get("/contacts/export/?q=ines").content.decode()
    assert "Export 1 row" in page and 'name="scope" value="all"' in page


def test_a_workbook_has_the_chosen_columns_with_their_kinds(as_marketer: Client, marketer: User) -> None:
    User.objects.filter(pk=marketer.pk).update(time_zone="Asia/Jakarta")
    ines = RecordFactory.create(first_name="Ines", last_name="=1+1", values={"city": "Lisbon"})
    answer = as_marketer.post(
        "/contacts/export/", {**XLSX, "selected": [ines.pk], "columns": ["name", "f_city", "created_at"]}
    )
    assert 'filename="contacts.xlsx"' in answer["Content-Disposition"]
    heading, row = rows_of_workbook(bytes_of(answer))
    assert heading == ["Name", "City", "Created At"]
    assert row[:2] == ["Ines =1+1", "Lisbon"]
    there = timezone.localtime(ines.created_at, timezone.get_fixed_timezone(7 * 60)).replace(tzinfo=None)
    assert abs(row[2] - there) < timedelta(seconds=1)


@pytest.mark.parametrize("wrong", [{"format": "exe"}, {**XLSX, "columns": ["password"]}])
def test_what_is_not_offered_is_refused(as_marketer: Client, wrong: dict[str, Any]) -> None:
    ines = RecordFactory.create()
    assert as_marketer.post("/contacts/export/", {"selected": [ines.pk], **wrong}).status_code == 422


@pytest.mark.usefixtures("many")
def test_many_rows_are_written_behind_in_the_order_of_the_list(as_marketer: Client) -> None:
    page = as_marketer.post("/contacts/export/", {**ALL, "format": "csv", "columns": ["name"]}, follow=True)
    assert "Export: Contacts" in page.content.decode()
    file = run_the_task()
    assert (file.name, file.rows, file.task.done, file.task.total) == ("contacts.csv", 12, 12, 12)
    text = bytes_of(as_marketer.get(file.get_absolute_url())).decode("utf-8-sig")
    rows = [row[0] for row in csv.reader(io.StringIO(text))]
    assert rows == ["Name", *(f"Many {number:02}" for number in reversed(range(12)))]
    assert "Download" in as_marketer.get(file.task.get_absolute_url()).content.decode()


@pytest.mark.usefixtures("many")
def test_the_notice_comes_once_on_whatever_page(as_marketer: Client) -> None:
    as_marketer.post("/contacts/export/", {**ALL, **XLSX})
    assert 'hx-get="/tasks/notices/"' in as_marketer.get("/accounts/").content.decode()
    assert "hx-get" in as_marketer.get("/tasks/notices/").content.decode()
    file = run_the_task()
    page = as_marketer.get("/accounts/").content.decode()
    assert file.get_absolute_url() in page
    assert "Export: Contacts" not in as_marketer.get("/accounts/").content.decode()
    assert as_marketer.get("/tasks/notices/").content.strip() == b"" and 'hx-get="/tasks/' not in page


@pytest.mark.usefixtures("many")
def test_an_open_page_is_told_as_well(as_marketer: Client) -> None:
    as_marketer.post("/contacts/export/", {**ALL, **XLSX})
    file = run_the_task()
    part = as_marketer.get("/tasks/notices/").content.decode()
    assert 'hx-swap-oob="beforeend:[data-toasts=status]"' in part and file.get_absolute_url() in part


@pytest.mark.usefixtures("many")
def test_a_file_is_for_its_owner_alone(as_marketer: Client, as_administrator: Client, as_viewer: Client) -> None:
    as_marketer.post("/contacts/export/", {**ALL, **XLSX})
    file = run_the_task()
    for other in (as_administrator, as_viewer):
        assert other.get(file.get_absolute_url()).status_code == 404
        assert other.post(f"{file.get_absolute_url()}remove/").status_code == 404
        assert file.name not in other.get("/exports/").content.decode()
    assert file.name in as_marketer.get("/exports/").content.decode()
    assert len(rows_of_workbook(bytes_of(as_marketer.get(file.get_absolute_url())))) == 13
    as_marketer.post(f"{file.get_absolute_url()}remove/")
    assert not list(keeping.folder().iterdir()) and not ExportFile.objects.exists()


@pytest.mark.usefixtures("many")
def test_a_file_expires_and_is_cleaned_up(as_marketer: Client, settings: Fixture) -> None:
    as_marketer.post("/contacts/export/", {**ALL, **XLSX})
    file = run_the_task()
    left = keeping.folder() / "7-left.part"
    left.write_bytes(b"half")
    assert keeping.clean_up() == 0
    ExportFile.objects.update(expires_at=timezone.now())
    os.utime(left, (time.time(), time.time() - 90_000))
    assert as_marketer.get(file.get_absolute_url()).status_code == 404
    assert keeping.clean_up() == 2
    assert not list(keeping.folder().iterdir()) and not ExportFile.objects.exists()


@pytest.mark.usefixtures("many")
def test_rights_are_asked_again_by_the_worker(as_marketer: Client, marketer: User) -> None:
    as_marketer.post("/contacts/export/", {**ALL, **XLSX})
    User.objects.filter(pk=marketer.pk).update(role=Role.VIEWER)
    task = BackgroundTask.objects.get()
    background.run(task.pk)
    task.refresh_from_db()
    assert task.status == TaskStatus.FAILED and not ExportFile.objects.exists()
    assert not list(keeping.folder().iterdir())
