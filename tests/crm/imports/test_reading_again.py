"""What was chosen on the setup page is what is imported: another sheet, another header, Enter, fields that went."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from crm import background
from crm.imports import running
from crm.imports.plan import folder, plan_of, source_of
from crm.imports.running import start
from crm.models import BackgroundTask, EntityField, EntityType, FieldKind, Import, Record, User
from tests.crm.imports.test_pages import LIST, setup_data, upload
from tests.crm.imports.world import draft, imported, workbook
from tests.factories import RecordFactory

pytestmark = pytest.mark.django_db


def two_sheets(client: Client) -> Import:
    """One sheet with a person, one where the heading is a mere cell with nothing to be read before it."""
    content = workbook([["Email"], ["a@example.com"]], names=["One", "Two"])
    return upload(client, content, "people.xlsx")


def test_next_reads_again_what_is_to_be_read_otherwise(as_marketer: Client) -> None:
    batch = two_sheets(as_marketer)
    data = setup_data(batch, sheet="Two", mode="create", default_phone="123")
    answer = as_marketer.post(f"/imports/{batch.pk}/setup/", data, follow=True)
    assert answer.redirect_chain == [(f"/imports/{batch.pk}/setup/", 302)]
    assert "The file was read again" in answer.content.decode()
    batch.refresh_from_db()
    plan = plan_of(batch)
    assert (plan.sheet, plan.mode, plan.defaults, plan.mapping) == ("Two", "create", {"phone": "123"}, ["email"])
    assert source_of(batch, plan).path.read_text() == "Email\na@example.com\n"
    answer = as_marketer.post(f"/imports/{batch.pk}/setup/", setup_data(batch, sheet="Two"))
    assert answer["Location"] == f"/imports/{batch.pk}/confirm/"


def test_a_sheet_that_cannot_be_read_leaves_the_former_one(as_marketer: Client) -> None:
    batch = two_sheets(as_marketer)
    before = source_of(batch, plan_of(batch)).path
    (folder() / batch.stored_as).write_bytes(workbook([], names=["One", "Two"]))  # both are empty now
    for sheet in ("Two", "One"):
        answer = as_marketer.post(f"/imports/{batch.pk}/setup/", setup_data(batch, sheet=sheet, read="again"))
        assert answer.status_code == 422
        batch.refresh_from_db()
        assert plan_of(batch).sheet == "One"
        if sheet == "Two":
            assert before.read_text() == "Email\na@example.com\n"
    as_marketer.post(f"/imports/{batch.pk}/discard/")
    assert not list(folder().iterdir())


def test_reading_again_keeps_what_was_chosen(as_marketer: Client) -> None:
    batch = upload(as_marketer, LIST)
    changes = {"column_3": "f_country", "mode": "update", "match": ["email"], "target_list": "new", "new_list": "Fair"}
    data = setup_data(batch, dates="mdy", default_phone="1", read="again", **changes)
    assert as_marketer.post(f"/imports/{batch.pk}/setup/", data).status_code == 302
    batch.refresh_from_db()
    plan = plan_of(batch)
    assert (plan.mapping[3], plan.mode, plan.match, plan.dates) == ("f_country", "update", ["email"], "mdy")
    assert (plan.target_list, plan.new_list, plan.defaults) == ("new", "Fair", {"phone": "1"})


def test_enter_presses_next(as_marketer: Client) -> None:
    """Browsers press the first button of the form."""
    batch = upload(as_marketer, LIST)
    page = as_marketer.get(f"/imports/{batch.pk}/setup/").content.decode()
    form = page[page.index('<form method="post" novalidate') :]
    first = form[form.index("<button") :]
    assert "name=" not in first[: first.index(">")] and first[first.index(">") + 1 :].startswith("Next")


@pytest.fixture
def number() -> EntityField:
    contacts = EntityType.objects.get(key="Contact")
    return EntityField.objects.create(entity_type=contacts, name="cardNumber", label="Card", kind=FieldKind.TEXT)


NUMBERED = "Card,First name\n1,Ines\n"
PLAN: dict[str, Any] = {"mapping": ["f_cardNumber", "first_name"], "match": ["f_cardNumber"]}


def test_a_field_that_went_before_the_start_is_said(as_marketer: Client, marketer: User, number: EntityField) -> None:
    batch = draft(marketer, NUMBERED, **PLAN)
    number.delete()
    for answer in (
        as_marketer.get(f"/imports/{batch.pk}/confirm/", follow=True),
        as_marketer.post(f"/imports/{batch.pk}/confirm/", follow=True),
    ):
        assert answer.redirect_chain[-1][0] == f"/imports/{batch.pk}/setup/"
        assert "These fields of the import are no longer there: Card." in answer.content.decode()
    assert not BackgroundTask.objects.exists()


def test_a_field_that_went_after_the_start_stops_the_import(marketer: User, number: EntityField) -> None:
    batch = draft(marketer, NUMBERED, **PLAN)
    task = start(batch, marketer)
    number.delete()
    background.run(task.pk)
    task.refresh_from_db()
    assert task.status == "failed" and "no longer there: Card" in task.error
    assert not Record.objects.filter(first_name="Ines").exists()


def test_an_import_whose_task_ended_without_it_can_go_on(as_marketer: Client, marketer: User) -> None:
    batch = draft(marketer, LIST)
    task = start(batch, marketer)
    BackgroundTask.objects.filter(pk=task.pk).update(status="success")
    assert "Go on" in as_marketer.get(f"/imports/{batch.pk}/").content.decode()
    as_marketer.post(f"/imports/{batch.pk}/continue/")
    background.run(BackgroundTask.objects.latest("pk").pk)
    batch.refresh_from_db()
    assert (batch.status, batch.created) == ("finished", 1)


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite lets one write at a time by itself")
def test_imports_of_a_type_wait_for_each_other(marketer: User) -> None:
    with CaptureQueriesContext(connection) as asked:
        batch = imported(marketer, LIST)
    locks = [place for place, query in enumerate(asked) if "pg_advisory_xact_lock" in query["sql"]]
    reads = [place for place, query in enumerate(asked) if "jsonb_array_elements" in query["sql"]]
    assert len(locks) == 1 and locks[0] < reads[0]
    assert batch.created == 1


def test_names_are_looked_up_together_whether_they_are_there_or_not(marketer: User) -> None:
    for name in ("Acme", "Twice", "TWICE"):
        RecordFactory.create(kind="Account", name=name, first_name="", last_name="", email="")
    names = ["acme", " ACME ", "twice", *(f"Nobody {number % 20}" for number in range(40))]
    text = "Last name,Company\n" + "".join(f"R{place},{name}\n" for place, name in enumerate(names))
    with CaptureQueriesContext(connection) as asked:
        batch = imported(marketer, text)
    assert (batch.created, batch.refused) == (2, 41)
    assert batch.refusals.filter(reason__startswith="Several records are named “twice”").count() == 1
    assert batch.refusals.filter(reason__startswith="There is no Account named “Nobody 7”").count() == 2
    assert len(asked) < 60


def test_a_worker_that_finds_its_rows_written_leaves_the_task_waiting(marketer: User) -> None:
    """Whoever wrote them may be killed before the end: the task then goes on, instead of having succeeded."""
    batch = draft(marketer, LIST)
    task = start(batch, marketer)
    batch.refresh_from_db()
    Import.objects.filter(pk=batch.pk).update(position=2)
    with pytest.raises(background.Interrupted):
        running._write_all(batch, background.Progress(task))
    assert not Record.objects.filter(entity_type__key="Contact").exists()
