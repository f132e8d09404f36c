"""A field is removed while an import fills it: the import ends, says why, and can be reverted. And one person alone
lets an import go on."""

import pytest
from django.test import Client
from pytest import MonkeyPatch

from crm import background
from crm.imports import reverting, running
from crm.imports.writing import Writer
from crm.models import AuditEntry, BackgroundTask, EntityField, EntityType, Import, Record, User
from tests.crm.imports.world import counts, draft
from tests.factories import EntityFieldFactory

pytestmark = pytest.mark.django_db
ROWS = 6
LIST = "Email,Card\n" + "".join(f"p{number}@example.com,{number}\n" for number in range(ROWS))


@pytest.fixture
def failed(marketer: User, monkeypatch: MonkeyPatch) -> Import:
    """Portions of two rows; the field goes behind the first of them."""
    contacts = EntityType.objects.get(key="Contact")
    card = EntityFieldFactory.create(entity_type=contacts, name="card", label="Card", kind="text")
    batch = draft(marketer, LIST, target_list="new", new_list="Fair")
    usual = Writer._check_fields

    def removed_later(writer: Writer) -> None:
        if writer.batch.position:
            EntityField.objects.filter(pk=card.pk).delete()
        usual(writer)

    monkeypatch.setattr(running, "PORTION", 2)
    monkeypatch.setattr(Writer, "_check_fields", removed_later)
    background.run(running.start(batch, marketer).pk)
    batch.refresh_from_db()
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
