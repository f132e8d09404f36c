"""Revert import: what it did is undone, what others did since stays and is named."""

import pytest

from crm import background
from crm.imports import reverting
from crm.models import EmailAddress, Fate, Import, ImportStatus, Record, User
from targets.models import Membership
from tests.crm.imports.world import HEADING, counts, imported
from tests.factories import RecordFactory, TargetListFactory

pytestmark = pytest.mark.django_db


def reverted(batch: Import, user: User) -> Import:
    task = reverting.start_revert(batch, user)
    background.run(task.pk)
    task.refresh_from_db()
    assert (task.status, task.error) == ("success", "")
    batch.refresh_from_db()
    assert batch.status == ImportStatus.REVERTED
    return batch


def test_what_was_created_goes_and_what_was_changed_comes_back(marketer: User) -> None:
    known = RecordFactory.create(email="known@example.com", phone="1", values={"city": "Porto"})
    before = {name: getattr(known, name) for name in ("first_name", "name", "phone", "values")}
    text = "Email,First name,Phone,City,Country\nknown@example.com,Other,2,Rome,Italy\nnew@example.com,New,3,Rome,\n"
    batch = imported(marketer, text)
    assert counts(batch) == (1, 1, 0, 0)
    reverted(batch, marketer)
    known.refresh_from_db()
    assert {name: getattr(known, name) for name in before} == before
    assert not Record.objects.filter(first_name="New").exists()
    assert EmailAddress.objects.filter(normalized="new@example.com").exists()
    assert (batch.reverted, batch.kept) == (2, 0)


def test_what_was_changed_since_stays_and_is_named(marketer: User) -> None:
    known = RecordFactory.create(email="known@example.com", phone="1", values={"city": "Porto"})
    batch = imported(marketer, "Email,Phone,City\nknown@example.com,2,Rome\nnew@example.com,3,Rome\n")
    known.refresh_from_db()
    known.phone = "by hand"
    known.save()
    made = Record.objects.get(phone="3")
    made.description = "called"
    made.save()
    reverted(batch, marketer)
    known.refresh_from_db()
    assert (known.phone, known.values) == ("by hand", {"city": "Porto"})
    assert Record.objects.filter(pk=made.pk).exists()
    assert (batch.reverted, batch.kept) == (0, 2)
    notes = list(batch.rows.filter(fate=Fate.KEPT).order_by("number").values_list("note", flat=True))
    assert notes[0] == "Changed after the import, and left so: phone."


def test_what_is_gone_already_is_passed_over(marketer: User) -> None:
    known = RecordFactory.create(email="known@example.com", phone="1")
    batch = imported(marketer, "Email,Phone\nknown@example.com,2\nnew@example.com,3\n")
    Record.objects.all().exclude(entity_type__key="User").delete()
    reverted(batch, marketer)
    assert set(batch.rows.values_list("fate", flat=True)) == {Fate.GONE}
    assert not Record.objects.filter(pk=known.pk).exists()


def test_the_target_list_is_left_but_not_by_those_who_opted_out_of_it(marketer: User) -> None:
    there, target_list = RecordFactory.create(email="there@example.com"), TargetListFactory.create(records=[])
    out, known = RecordFactory.create(email="out@example.com"), RecordFactory.create(email="known@example.com")
    Membership.objects.create(target_list=target_list, record=there)
    text = HEADING + ",,there@example.com,\n,,out@example.com,\n,,known@example.com,\n"
    batch = imported(marketer, text, target_list=str(target_list.pk))
    assert batch.listed == 2
    target_list.memberships.filter(record=out).update(opted_out_at=batch.created_at)
    reverted(batch, marketer)
    assert set(target_list.memberships.values_list("record", flat=True)) == {there.pk, out.pk}
    assert Record.objects.filter(pk=known.pk).exists()


def test_an_import_is_reverted_once(marketer: User) -> None:
    batch = imported(marketer, HEADING + "A,B,a@example.com,\n")
    reverted(batch, marketer)
    with pytest.raises(reverting.NotRevertible):
        reverting.start_revert(batch, marketer)


def test_who_opted_out_of_a_list_since_stays_as_a_record(marketer: User) -> None:
    """On the list of the import or on any other: with the record the membership would go, and the opt-out with it."""
    own, other = TargetListFactory.create(records=[]), TargetListFactory.create(records=[])
    text = HEADING + "A,A,a@example.com,\nB,B,b@example.com,\nC,C,c@example.com,\n"
    batch = imported(marketer, text, target_list=str(own.pk))
    people = {record.first_name: record for record in Record.objects.filter(entity_type__key="Contact")}
    own.memberships.filter(record=people["A"]).update(opted_out_at=batch.created_at)
    Membership.objects.create(target_list=other, record=people["B"], opted_out_at=batch.created_at)
    reverted(batch, marketer)
    assert set(Record.objects.filter(entity_type__key="Contact").values_list("first_name", flat=True)) == {"A", "B"}
    assert Membership.objects.opted_out().count() == 2
    assert (batch.reverted, batch.kept) == (1, 2)
    assert all("opted out" in row.note for row in batch.rows.filter(fate=Fate.KEPT))


def test_two_imports_are_reverted_newest_first_without_a_trace(marketer: User) -> None:
    known = RecordFactory.create(email="known@example.com", phone="1")
    before = Record.objects.get(pk=known.pk).modified_at
    older = imported(marketer, "Email,Phone\nknown@example.com,2\nnew@example.com,3\n")
    newer = imported(marketer, "Email,Phone\nknown@example.com,4\nnew@example.com,5\n")
    reverted(newer, marketer)
    assert Record.objects.get(email_address__normalized="new@example.com").phone == "3"
    reverted(older, marketer)
    known.refresh_from_db()
    assert (known.phone, known.modified_at) == ("1", before)
    assert not Record.objects.filter(email_address__normalized="new@example.com").exists()
    assert (older.reverted, older.kept) == (2, 0)


def test_a_record_of_which_nothing_is_put_back_is_not_touched(marketer: User) -> None:
    known = RecordFactory.create(email="known@example.com", phone="1")
    batch = imported(marketer, "Email,Phone\nknown@example.com,2\n")
    Record.objects.filter(pk=known.pk).update(phone="by hand")
    before = Record.objects.get(pk=known.pk).modified_at
    reverted(batch, marketer)
    known.refresh_from_db()
    assert (known.phone, known.modified_at) == ("by hand", before)
