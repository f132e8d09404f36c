"""The audience: set-based SQL against the same rules written down plainly in Python."""

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from crm.models import EmailAddress, Record
from targets.audience import Audience
from targets.models import Membership, TargetList
from tests.examples import examples
from tests.factories import RecordFactory, TargetListFactory

ADDRESSES = ["a@example.com", "A@Example.COM", "b@example.com", "c@example.com", ""]
people = st.lists(
    st.tuples(
        st.sampled_from(ADDRESSES),
        st.sets(st.sampled_from([0, 1, 2])),  # lists: two targets, one excluding
        st.booleans(),  # opted out of the first list it is on
    ),
    max_size=7,
)


def plainly(world: list[tuple[Record, set[int], bool]], flags: dict[str, tuple[bool, bool]]) -> dict[int, str]:
    """The rules of BEHAVIOUR 6, person by person. Address flags: (opted out, invalid)."""

    def key(record: Record) -> str:
        return record.email_address.normalized if record.email_address else ""

    barred = [record for record, lists, _out in world if 2 in lists]
    barred_addresses = {key(record) for record in barred} - {""}
    verdicts, taken = {}, set()
    for record, lists, out in sorted(world, key=lambda row: row[0].pk):
        on = lists & {0, 1}
        if not on:
            continue
        opted_out, invalid = flags.get(key(record), (False, False))
        if record in barred or key(record) in barred_addresses:
            verdicts[record.pk] = "excluded"
        elif opted_out:
            verdicts[record.pk] = "opted_out"
        elif out and len(on) == 1:
            verdicts[record.pk] = "opted_out_of_lists"
        elif invalid:
            verdicts[record.pk] = "invalid"
        elif not key(record):
            verdicts[record.pk] = "no_address"
        elif key(record) in taken:
            verdicts[record.pk] = "duplicate"
        else:
            taken.add(key(record))
            verdicts[record.pk] = ""
    return verdicts


class AudienceEqualsTheRules(TestCase):
    @settings(max_examples=examples(60), deadline=None, suppress_health_check=list(HealthCheck))
    @given(people, st.booleans(), st.booleans())
    def test_for_any_world(self, rows: list[tuple[str, set[int], bool]], opted_out: bool, invalid: bool) -> None:
        lists = [TargetListFactory.create() for _n in range(3)]
        world = [(RecordFactory.create(email=email), on, out) for email, on, out in rows]
        for record, on, out in world:
            for position, number in enumerate(sorted(on)):
                at = timezone.now() if out and position == 0 else None
                Membership.objects.create(target_list=lists[number], record=record, opted_out_at=at)
        now = timezone.now()
        EmailAddress.objects.filter(normalized="b@example.com").update(opted_out_at=now if opted_out else None)
        EmailAddress.objects.filter(normalized="c@example.com").update(invalid_at=now if invalid else None)
        flags = {"b@example.com": (opted_out, False), "c@example.com": (False, invalid)}
        audience = Audience([lists[0].pk, lists[1].pk], [lists[2].pk])
        expected = plainly(world, flags)
        for reason in ("", "excluded", "opted_out", "opted_out_of_lists", "invalid", "no_address", "duplicate"):
            found = set(audience.records(reason).values_list("pk", flat=True))
            assert found == {pk for pk, why in expected.items() if why == reason}, reason
        counts = audience.counts()
        assert counts.on_lists == len(expected)
        assert counts.people == sum(why == "" for why in expected.values())


@pytest.fixture
def pair(db: None) -> tuple[TargetList, TargetList]:
    return TargetListFactory.create(), TargetListFactory.create()


def test_no_lists_are_nobody(db: None) -> None:
    assert Audience([]).counts().on_lists == 0


def test_exclusion_goes_by_address_too(pair: tuple[TargetList, TargetList]) -> None:
    wanted, barred = pair
    Membership.objects.create(target_list=wanted, record=RecordFactory.create(email="Ines@Example.com"))
    Membership.objects.create(target_list=barred, record=RecordFactory.create(kind="Lead", email="ines@example.COM"))
    counts = Audience([wanted.pk], [barred.pk]).counts()
    assert (counts.people, counts.excluded) == (0, 1)


def test_informational_email_ignores_opt_outs_but_not_invalid_addresses(pair: tuple[TargetList, TargetList]) -> None:
    wanted, _barred = pair
    gone, invalid = RecordFactory.create(), RecordFactory.create()
    assert gone.email_address and invalid.email_address
    gone.email_address.mark_opted_out("asked")
    invalid.email_address.mark_invalid("550")
    for record in (gone, invalid):
        Membership.objects.create(target_list=wanted, record=record, opted_out_at=timezone.now())
    counts = Audience([wanted.pk], ignore_opt_outs=True).counts()
    assert (counts.people, counts.invalid) == (1, 1)
