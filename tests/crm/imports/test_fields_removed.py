"""A field is removed or changed while an import fills it: the import ends, says why, and can be reverted. An account
is removed that its rows name: they are refused. And one person alone lets an import go on."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from pytest import MonkeyPatch

from crm import background
from crm.imports import reverting, running
from crm.imports.writing import Writer
from crm.models import AuditEntry, BackgroundTask, EntityField, EntityType, Import, Record, User
from tests.crm.imports.world import counts, draft
from tests.factories import EntityFieldFactory, RecordFactory

pytestmark = pytest.mark.django_db
ROWS = 6
LIST = "Email,Card\n" + "".join(f"p{number}@example.com,{number}\n" for number in range(ROWS))


def run_while(happens: Callable[[], object], batch: Import, user: User, monkeypatch: MonkeyPatch) -> None:
    """In portions of two rows; it happens once the second one is read."""
    usual = Writer._wait_for_others

    def wait(writer: Writer) -> None:
        if writer.batch.position:
            happens()
        usual(writer)

    monkeypatch.setattr(running, "PORTION", 2)
    monkeypatch.setattr(Writer, "_wait_for_others", wait)
    background.run(running.start(batch, user).pk)
    batch.refresh_from_db()


def field_of_contacts(**values: Any) -> Any:
    """As rows, to be changed and removed."""
    contacts = EntityType.objects.get(key="Contact")
    made = EntityFieldFactory.create(entity_type=contacts, name="card", label="Card", **{"kind": "text", **values})
    return EntityField.objects.filter(pk=made.pk)


@pytest.fixture
def failed(marketer: User, monkeypatch: MonkeyPatch) -> Import:
    """The field goes behind the first portion."""
    card, batch = field_of_contacts(), draft(marketer, LIST, target_list="new", new_list="Fair")
    run_while(card.delete, batch, marketer, monkeypatch)
    return batch


def test_the_import_fails_with_the_reason_and_keeps_what_is_done(failed: Import, as_marketer: Client) -> None:
    assert (failed.status, counts(failed), failed.rows.count()) == ("failed", (2, 0, 0, 0), 2)
    assert failed.problem == "These fields of the import are no longer there: Card."
    task = BackgroundTask.objects.get()
    assert (task.status, task.result_url) == ("failed", failed.get_absolute_url()) and failed.problem in task.error
    assert AuditEntry.objects.latest("pk").action == "import.failed"
    page = as_marketer.get(failed.get_absolute_url()).content.decode()
    assert failed.problem in page and "2 rows were taken" in page and "Go on" not in page and "Failed" in page


def test_what_it_wrote_can_be_reverted(failed: Import, marketer: User) -> None:
    background.run(reverting.start_revert(failed, marketer).pk)
    failed.refresh_from_db()
    assert (failed.status, failed.reverted) == ("reverted", 2)
    assert not Record.objects.filter(entity_type__key="Contact").exists()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"kind": "text"}, {"kind": "number", "options": [0]}),
        ({"kind": "choice", "options": list("012345")}, {"options": list("0123")}),
        ({"kind": "number", "options": [2]}, {"options": [0]}),
    ],
)
def test_of_a_field_that_takes_other_values_by_now_none_of_the_old_kind_is_written(
    before: dict[str, Any], after: dict[str, Any], marketer: User, monkeypatch: MonkeyPatch
) -> None:
    card, batch = field_of_contacts(**before), draft(marketer, LIST)
    run_while(lambda: card.update(**after), batch, marketer, monkeypatch)
    assert (batch.status, counts(batch)) == ("failed", (2, 0, 0, 0))
    assert batch.problem == "These fields of the import take other values by now: Card."


def test_more_choices_do_no_harm(marketer: User, monkeypatch: MonkeyPatch) -> None:
    card, batch = field_of_contacts(kind="choice", options=list("012345")), draft(marketer, LIST)
    run_while(lambda: card.update(options=list("0123456")), batch, marketer, monkeypatch)
    assert (batch.status, counts(batch)) == ("finished", (ROWS, 0, 0, 0))


@pytest.mark.parametrize("is_default", [False, True])
def test_rows_of_an_account_that_is_removed_meanwhile_are_refused_and_the_others_are_taken(
    is_default: bool, marketer: User, monkeypatch: MonkeyPatch
) -> None:
    acme, beta = (RecordFactory.create(kind="Account", first_name="", last_name=name) for name in ("Acme", "Beta"))
    known = RecordFactory.create(email="p2@example.com", account=beta)
    cells = ["Acme", "Acme", "Acme", "Beta", "Acme", "Beta"]
    if is_default:
        cells = ["" if cell == "Acme" and number != 2 else cell for number, cell in enumerate(cells)]
    rows = "".join(f"p{number}@example.com,{cell}\n" for number, cell in enumerate(cells))
    batch = draft(marketer, "Email,Account\n" + rows, defaults={"account": "Acme"} if is_default else {})
    run_while(Record.objects.filter(pk=acme.pk).delete, batch, marketer, monkeypatch)
    assert (batch.status, counts(batch)) == ("finished", (4, 0, 0, 2))
    told = batch.refusals.order_by("number").values_list("number", "column", "reason")
    gone = "The record was removed meanwhile."
    later = gone if is_default else "There is no Account named “Acme”. Create it first."
    assert list(told) == [(4, "Account", gone), (6, "Account", later)]
    assert Record.objects.get(pk=known.pk).account_id == beta.pk
    assert Record.objects.filter(entity_type__key="Contact", account_id=beta.pk).count() == 3


def test_it_does_not_go_on(failed: Import, as_marketer: Client) -> None:
    as_marketer.post(f"/imports/{failed.pk}/continue/")
    assert BackgroundTask.objects.count() == 1


def test_only_one_of_two_lets_an_import_go_on(marketer: User) -> None:
    batch = draft(marketer, LIST)
    running.start(batch, marketer)
    BackgroundTask.objects.update(status="failed")
    one, other = (Import.objects.select_related("entity_type", "task").get(pk=batch.pk) for _both in range(2))
    task = running.go_on(one, marketer)
    with pytest.raises(running.NotStarted):
        running.go_on(other, marketer)
    batch.refresh_from_db()
    assert batch.task == task and BackgroundTask.objects.count() == 2


def test_only_one_of_two_lets_a_revert_go_on(marketer: User) -> None:
    batch = draft(marketer, LIST)
    background.run(running.start(batch, marketer).pk)
    batch.refresh_from_db()
    reverting.start_revert(batch, marketer)
    one, other = (Import.objects.select_related("task").get(pk=batch.pk) for _both in range(2))
    reverting.go_on(one, marketer)
    with pytest.raises(reverting.NotRevertible):
        reverting.go_on(other, marketer)
    assert BackgroundTask.objects.count() == 3
