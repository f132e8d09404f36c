"""Merge, intersect, subtract, duplicate: like sets, with opt-outs, counted first, undone exactly."""

import pytest
from django.test import Client
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from crm import background
from crm.models import AuditEntry, BackgroundTask, Record
from targets import works
from targets.combining import Combination, Way
from targets.forms.combining import CombineForm
from targets.membership import opt_out
from targets.models import Membership, TargetList
from tests.factories import RecordFactory, TargetListFactory
from tests.targets.test_undoing import press_undo

pytestmark = pytest.mark.django_db


def on(target_list: TargetList) -> set[int]:
    return set(target_list.memberships.values_list("record_id", flat=True))


@pytest.fixture
def people() -> list[Record]:
    return RecordFactory.create_batch(4)


@pytest.fixture
def lists(people: list[Record]) -> list[TargetList]:
    """0 1 2 and 1 2 3."""
    return [TargetListFactory.create(name=name, records=people[at : at + 3]) for at, name in enumerate("AB")]


def combine(client: Client, lists: list[TargetList], way: str, **more: object) -> str:
    body = {"way": way, "first": lists[0].pk, "others": [one.pk for one in lists[1:]], **more}
    return client.post("/target-lists/combine/", body, follow=True).content.decode()


@pytest.mark.parametrize(
    ("way", "name", "left"),
    [("merge", "A + B", {0, 1, 2, 3}), ("intersect", "A ∩ B", {1, 2}), ("subtract", "A − B", {0})],
)
def test_into_a_new_list(
    as_marketer: Client, people: list[Record], lists: list[TargetList], way: str, name: str, left: set[int]
) -> None:
    page = combine(as_marketer, lists, way)
    made = TargetList.objects.get(name=name)
    assert on(made) == {people[number].pk for number in left}
    assert made.memberships.filter(source="list").count() == len(left)
    assert AuditEntry.objects.filter(action="target_list.combined").count() == 1
    press_undo(as_marketer, page)
    assert not on(made)


def test_counting_creates_nothing(as_marketer: Client, lists: list[TargetList]) -> None:
    assert "2 records are the result." in combine(as_marketer, lists, "intersect", count="1")
    assert "“B”: +1, −0" in combine(as_marketer, lists, "merge", count="1", target_list=lists[1].pk)
    assert TargetList.objects.count() == 2 and not AuditEntry.objects.exists()


def test_into_an_existing_list_and_instead_of_its_members(
    as_marketer: Client, people: list[Record], lists: list[TargetList]
) -> None:
    combine(as_marketer, lists, "subtract", target_list=lists[0].pk, replace="on")
    assert on(lists[0]) == {people[0].pk}
    combine(as_marketer, lists, "merge", target_list=lists[0].pk)
    assert len(on(lists[0])) == 4


def test_opt_outs_come_along_and_entries_that_were_there_stay_as_they_are(
    as_marketer: Client, people: list[Record], lists: list[TargetList]
) -> None:
    opt_out(lists[0].memberships.get(record=people[0]), 7)
    opt_out(lists[0].memberships.get(record=people[1]), 7)
    combine(as_marketer, lists, "merge", target_list=lists[1].pk)
    assert lists[1].memberships.get(record=people[0]).opted_out_mass_email == 7
    assert lists[1].memberships.get(record=people[1]).opted_out_at is None


def test_undo_forgets_no_opt_out_that_came_after(as_marketer: Client, lists: list[TargetList]) -> None:
    page = combine(as_marketer, lists, "merge")
    made = TargetList.objects.get(name="A + B")
    opt_out(made.memberships.all()[0])
    press_undo(as_marketer, page)
    assert made.memberships.count() == made.memberships.opted_out().count() == 1


@pytest.mark.parametrize(
    "body",
    [{}, {"way": "merge"}, {"way": "evil", "first": 1}, {"way": "merge", "first": "x", "others": ["0", "y"]}],
)
def test_what_cannot_be_combined_is_said(as_marketer: Client, body: dict[str, object]) -> None:
    answer = as_marketer.post("/target-lists/combine/", {"way": "merge", **body})
    assert answer.status_code == 422
    only = TargetListFactory.create()
    again = as_marketer.post("/target-lists/combine/", {"way": "merge", "first": only.pk, "others": [only.pk]})
    assert "Choose at least one other list." in again.content.decode()


def test_the_bulk_action_of_the_lists_fills_the_form(as_marketer: Client, lists: list[TargetList]) -> None:
    answer = as_marketer.post("/target-lists/combine/", {"selected": [one.pk for one in lists]})
    assert answer["Location"] == f"/target-lists/combine/?first={lists[0].pk}&others={lists[1].pk}"
    assert as_marketer.get(answer["Location"]).status_code == 200


def test_many_are_combined_in_the_background_with_undo(as_marketer: Client) -> None:
    lists = [TargetListFactory.create(records=RecordFactory.create_batch(60, email="")) for _name in range(2)]
    combine(as_marketer, lists, "merge")
    task = BackgroundTask.objects.get()
    background.run(task.pk)
    task.refresh_from_db()
    made = TargetList.objects.order_by("-pk")[0]
    assert (task.status, task.done, made.memberships.count()) == ("success", 120, 120)
    press_undo(as_marketer, as_marketer.get(task.get_absolute_url()).content.decode())
    assert made.memberships.count() == 0


def test_a_long_list_is_duplicated_in_portions(as_marketer: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(works, "MOST_COPIED", 2)
    source = TargetListFactory.create(name="News", records=RecordFactory.create_batch(5))
    opt_out(source.memberships.all()[0])
    as_marketer.post(f"/target-lists/{source.pk}/duplicate/")
    background.run(BackgroundTask.objects.get().pk)
    copy = TargetList.objects.get(name="News (copy)")
    assert on(copy) == on(source) and copy.memberships.opted_out().count() == 1
    assert BackgroundTask.objects.get().done == 5


class LikeSets(TestCase):
    @settings(max_examples=25, deadline=None)
    @given(
        way=st.sampled_from(Way),
        members=st.lists(st.sets(st.integers(0, 5)), min_size=2, max_size=4),
        gone=st.sets(st.tuples(st.integers(0, 3), st.integers(0, 5))),
    )
    def test_for_any_lists(self, way: Way, members: list[set[int]], gone: set[tuple[int, int]]) -> None:
        records = RecordFactory.create_batch(6, email="")
        lists = [TargetListFactory.create(records=[records[one] for one in sorted(each)]) for each in members]
        for at, number in gone:
            rows = Membership.objects.filter(target_list__in=lists[at : at + 1], record=records[number])
            rows.update(opted_out_at=timezone.now())
        first, *others = members
        wanted = {
            Way.MERGE: first.union(*others),
            Way.INTERSECT: first.intersection(*others),
            Way.SUBTRACT: first.difference(*others),
        }[way]
        carried = {(at, one) for at, one in gone if at < len(members) and one in members[at]}
        if way is Way.SUBTRACT:
            carried = {(at, one) for at, one in carried if at == 0}
        made = TargetListFactory.create()
        list(Combination(way, lists).into(made, replace=False).carry_out())
        assert on(made) == {records[one].pk for one in wanted}
        assert made.memberships.opted_out().count() == len({one for _at, one in carried} & wanted)


def test_lists_of_one_name_are_told_apart() -> None:
    few = TargetListFactory.create(name="News", category="Europe", records=RecordFactory.create_batch(2))
    one = TargetListFactory.create(name="News", category="Europe", records=RecordFactory.create_batch(1))
    other = TargetListFactory.create(name="News", category="Asia")
    labels = dict(CombineForm().fields["first"].choices)  # type: ignore[attr-defined]
    named = {getattr(key, "value", key): label for key, label in labels.items()}
    assert named[few.pk] == "News · Europe · 2 entries"
    assert named[one.pk] == "News · Europe · 1 entry"
    assert named[other.pk] == "News · Asia"
