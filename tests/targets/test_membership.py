"""Adding, unlinking, copying: every verb is one statement and may be repeated."""

from django.db.models import QuerySet

from crm.models import Record
from targets.membership import add_ids, add_records, copy_members, opt_out, unlink, unlink_all
from targets.models import Membership, Source
from tests.factories import RecordFactory, TargetListFactory


def these(*records: Record) -> QuerySet[Record]:
    return Record.objects.filter(pk__in=[record.pk for record in records])


def test_records_of_every_type_are_added_once(db: None) -> None:
    target_list = TargetListFactory.create()
    ines, lead, company = (
        RecordFactory.create(),
        RecordFactory.create(kind="Lead"),
        RecordFactory.create(kind="Account", first_name=""),
    )
    assert add_records(target_list, these(ines, lead), Source.IMPORT) == 2
    assert add_records(target_list, these(ines, lead, company), Source.SELECTION) == 1
    sources = dict(target_list.memberships.values_list("record_id", "source"))
    assert sources == {ines.pk: "import", lead.pk: "import", company.pk: "selection"}


def test_nothing_is_added_from_an_empty_selection(db: None) -> None:
    assert add_records(TargetListFactory.create(), Record.objects.none()) == 0
    assert add_records(TargetListFactory.create(), Record.objects.filter(pk__in=[])) == 0


def test_a_sliced_and_ordered_selection_is_taken_as_it_is(db: None) -> None:
    target_list = TargetListFactory.create()
    for name in "CAB":
        RecordFactory.create(first_name="", last_name=name)
    assert add_records(target_list, Record.objects.order_by("name")[:2]) == 2
    assert set(target_list.memberships.values_list("record__name", flat=True)) == {"A", "B"}


def test_adding_again_leaves_an_opt_out_alone(db: None) -> None:
    ines = RecordFactory.create()
    target_list = TargetListFactory.create(records=[ines])
    opt_out(Membership.objects.get(), mass_email_id=7)
    assert add_records(target_list, these(ines)) == 0
    assert Membership.objects.get().opted_out_mass_email == 7


def test_a_newcomer_with_an_address_that_opted_out_here_starts_as_opted_out(db: None) -> None:
    ines = RecordFactory.create(email="ines@rocha.example.com")
    target_list, other = TargetListFactory.create(records=[ines]), TargetListFactory.create()
    opt_out(Membership.objects.get(), mass_email_id=7)
    again = RecordFactory.create(kind="Lead", email=" INES@Rocha.Example.com ")
    stranger = RecordFactory.create(kind="Lead", email="")
    add_records(target_list, these(again, stranger))
    add_records(other, these(again))
    assert Membership.objects.get(record=again, target_list=target_list).opted_out_mass_email == 7
    assert Membership.objects.get(record=stranger).opted_out_at is None
    assert Membership.objects.get(record=again, target_list=other).opted_out_at is None


def test_ids_are_added_as_records_are_and_the_new_ones_are_told(db: None) -> None:
    ines, karim = RecordFactory.create(email="ines@rocha.example.com"), RecordFactory.create()
    target_list, other = TargetListFactory.create(records=[ines, karim]), TargetListFactory.create(records=[ines])
    opt_out(Membership.objects.get(record=ines, target_list=target_list), mass_email_id=7)
    again = RecordFactory.create(kind="Lead", email=" INES@Rocha.Example.com ")
    stranger = RecordFactory.create(kind="Lead", email="")
    told = [karim.pk, again.pk, stranger.pk, stranger.pk + 100]
    assert add_ids(target_list, told, Source.IMPORT) == {again.pk, stranger.pk}
    assert add_ids(target_list, told, Source.IMPORT) == add_ids(target_list, [], Source.IMPORT) == set()
    assert add_ids(other, [again.pk], Source.IMPORT) == {again.pk}
    assert Membership.objects.get(record=again, target_list=target_list).opted_out_mass_email == 7
    assert Membership.objects.get(record=stranger).opted_out_at is None
    assert Membership.objects.get(record=again, target_list=other).opted_out_at is None


def test_unlink_counts_only_members_of_this_list(db: None) -> None:
    ines, karim, siti = RecordFactory.create_batch(3)
    target_list, other = TargetListFactory.create(records=[ines, karim]), TargetListFactory.create(records=[ines])
    assert unlink(target_list, these(ines, siti)) == 1
    assert unlink(target_list, these(ines)) == 0
    assert list(target_list.memberships.values_list("record_id", flat=True)) == [karim.pk]
    assert other.memberships.count() == 1


def test_unlink_all_can_keep_those_who_opted_out(db: None) -> None:
    target_list = TargetListFactory.create(records=RecordFactory.create_batch(3))
    opt_out(target_list.memberships.all()[0])
    assert unlink_all(target_list, keep_opted_out=True) == 2
    assert target_list.memberships.opted_out().count() == 1
    assert unlink_all(target_list, keep_opted_out=False) == 1


def test_a_copy_keeps_members_sources_and_opt_outs(db: None) -> None:
    target_list = TargetListFactory.create(records=RecordFactory.create_batch(3))
    opt_out(target_list.memberships.all()[0], mass_email_id=5)
    copy = TargetListFactory.create()
    assert copy_members(target_list, copy) == 3
    columns = ("record_id", "source", "opted_out_at", "opted_out_mass_email")
    assert set(copy.memberships.values_list(*columns)) == set(target_list.memberships.values_list(*columns))
