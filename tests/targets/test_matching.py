"""A list comes in step with what queries find: by hand-made sets, in portions, with opt-outs, killed in the middle."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from crm.models import Record
from targets import matching
from targets.matching import Match, Removal
from targets.membership import opt_out
from targets.models import Membership, Source, TargetList
from tests.factories import RecordFactory, TargetListFactory

pytestmark = pytest.mark.django_db


def those(*records: Record) -> "matching.QuerySet[Record]":
    return Record.objects.filter(pk__in=[record.pk for record in records])


def on(target_list: TargetList) -> set[int]:
    return set(target_list.memberships.values_list("record_id", flat=True))


def test_missing_ones_come_and_the_union_of_the_queries_counts_once() -> None:
    anna, ben, cleo = RecordFactory.create_batch(3)
    target_list = TargetListFactory.create(records=[anna])
    match = Match(target_list, [those(anna, ben), those(ben, cleo), Record.objects.none()], Source.REPORT)
    assert (match.missing().count, match.surplus().count) == (2, 0)
    assert [(done.added, done.removed) for done in match.carry_out()] == [(2, 0)]
    assert on(target_list) == {anna.pk, ben.pk, cleo.pk}
    assert target_list.memberships.filter(source=Source.REPORT, created_at=match.at).count() == 2


@pytest.mark.parametrize(("removal", "left"), [(Removal.NOBODY, 4), (Removal.BROUGHT, 3), (Removal.OTHERS, 2)])
def test_who_is_taken_off_and_who_opted_out_never_is(removal: Removal, left: int) -> None:
    wanted, by_hand, brought, gone = RecordFactory.create_batch(4)
    target_list = TargetListFactory.create(records=[wanted, by_hand, brought, gone])
    target_list.memberships.filter(record__in=[brought, gone]).update(source=Source.REPORT)
    opt_out(target_list.memberships.get(record=gone))
    match = Match(target_list, [those(wanted)], Source.REPORT, removal)
    assert match.surplus().count == 4 - left
    assert sum(done.removed for done in match.carry_out()) == 4 - left
    assert target_list.memberships.count() == left
    assert target_list.memberships.get(record=gone).opted_out_at is not None


def test_an_address_that_opted_out_comes_as_opted_out() -> None:
    old = RecordFactory.create(email="ines@example.com")
    new, other = RecordFactory.create(kind="Lead", email="INES@example.com"), RecordFactory.create()
    target_list = TargetListFactory.create(records=[old])
    opt_out(target_list.memberships.get(), 7)
    list(Match(target_list, [those(new, other)], Source.REPORT).carry_out())
    assert target_list.memberships.get(record=new).opted_out_mass_email == 7
    assert target_list.memberships.get(record=other).opted_out_at is None


def test_opt_outs_of_other_lists_come_along_by_record_and_by_address() -> None:
    silent, named = RecordFactory.create(email=""), RecordFactory.create(email="a@example.com")
    same = RecordFactory.create(email="a@example.com")
    before = TargetListFactory.create(records=[silent, named])
    for member in before.memberships.all():
        opt_out(member)
    after = TargetListFactory.create()
    list(Match(after, [those(silent, named, same)], Source.LIST, opted_out_of=[before.pk]).carry_out())
    assert after.memberships.opted_out().count() == 3


def test_portions_end_where_the_whole_would_and_may_be_stopped_in_the_middle(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(matching, "PORTION", 3)
    records = RecordFactory.create_batch(10)
    target_list = TargetListFactory.create(records=records[5:])
    match = Match(target_list, [those(*records[:6])], Source.REPORT, Removal.OTHERS)
    portions = match.carry_out()
    next(portions)
    portions.close()  # the worker was killed
    again = list(Match(target_list, [those(*records[:6])], Source.REPORT, Removal.OTHERS).carry_out())
    assert [(done.added, done.removed) for done in again] == [(2, 0), (0, 3), (0, 1)]
    assert on(target_list) == {record.pk for record in records[:6]}
    assert sum(done.added + done.removed for done in match.carry_out()) == 0


class AnySets(TestCase):
    """Whatever was wanted, was there and had opted out: the result is what a few Python sets say."""

    @settings(max_examples=40, deadline=None)
    @given(
        wanted=st.sets(st.integers(0, 7)),
        there=st.sets(st.integers(0, 7)),
        gone=st.sets(st.integers(0, 7)),
        removal=st.sampled_from(Removal),
        portion=st.sampled_from([1, 3, 50]),
    )
    def test_like_sets(self, wanted: set[int], there: set[int], gone: set[int], removal: Removal, portion: int) -> None:
        records = RecordFactory.create_batch(8, email="")
        target_list = TargetListFactory.create(records=[records[number] for number in sorted(there)])
        rows = Membership.objects.filter(target_list=target_list)
        rows.filter(record__in=[records[number] for number in gone]).update(opted_out_at="2026-01-01T00:00:00Z")
        before, matching.PORTION = matching.PORTION, portion
        try:
            match = Match(target_list, [those(*(records[number] for number in wanted))], Source.REPORT, removal)
            told = match.missing().count, match.surplus().count
            done = list(match.carry_out())
        finally:
            matching.PORTION = before
        leaves = there - wanted - gone if removal is Removal.OTHERS else set()
        assert on(target_list) == {records[number].pk for number in (there | wanted) - leaves}
        assert told == (sum(one.added for one in done), sum(one.removed for one in done))
        assert rows.opted_out().count() == len(there & gone)
