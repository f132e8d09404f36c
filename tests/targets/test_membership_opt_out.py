"""Opting out of lists: by hand for a member, and by a recipient for an address however it is spelt and shared."""

from crm.models import Record
from targets.membership import cancel_opt_out, opt_in_to_lists, opt_out, opt_out_of_lists
from targets.models import Membership, TargetList
from tests.factories import RecordFactory, TargetListFactory


def address_of(record: Record) -> int:
    assert record.email_address_id is not None
    return record.email_address_id


def status(target_list: TargetList) -> list[bool]:
    rows = target_list.memberships.order_by("record_id").values_list("opted_out_at", flat=True)
    return [moment is not None for moment in rows]


def test_opt_out_and_cancel_each_change_once(db: None) -> None:
    target_list = TargetListFactory.create(records=[RecordFactory.create()])
    membership = Membership.objects.get()
    assert [opt_out(membership, 3), opt_out(membership, 4)] == [True, False]
    membership.refresh_from_db()
    assert membership.opted_out_mass_email == 3
    assert [cancel_opt_out(membership), cancel_opt_out(membership)] == [True, False]
    membership.refresh_from_db()
    assert membership.opted_out_at is None and membership.opted_out_mass_email is None
    assert target_list.memberships.listed().count() == 1


def test_a_record_without_address_opts_out_alone(db: None) -> None:
    target_list = TargetListFactory.create(records=[RecordFactory.create(email=""), RecordFactory.create(email="")])
    assert opt_out(target_list.memberships.order_by("record_id")[0])
    assert status(target_list) == [True, False]


def test_opting_out_one_record_opts_out_the_other_of_the_same_mailbox(db: None) -> None:
    contact, lead = (
        RecordFactory.create(email="Info@Acme.example.com"),
        RecordFactory.create(kind="Lead", email="info@acme.EXAMPLE.com"),
    )
    target_list = TargetListFactory.create(records=[contact, lead, RecordFactory.create()])
    other = TargetListFactory.create(records=[lead])
    assert opt_out(target_list.memberships.get(record=contact))
    assert (status(target_list), status(other)) == ([True, True, False], [False])
    assert cancel_opt_out(target_list.memberships.get(record=lead))
    assert status(target_list) == [False, False, False]


def test_a_recipient_leaves_the_given_lists_with_all_records_of_the_address(db: None) -> None:
    contact, lead = (
        RecordFactory.create(email="ines@rocha.example.com"),
        RecordFactory.create(kind="Lead", email="INES@rocha.example.com"),
    )
    news, offers, events = (TargetListFactory.create(records=[contact, lead]) for _number in range(3))
    address = address_of(contact)
    assert opt_out_of_lists(address, [news.pk, offers.pk, 999], 11) == [news.pk, offers.pk]
    assert (status(news), status(offers), status(events)) == ([True, True], [True, True], [False, False])
    assert opt_out_of_lists(address, [news.pk, offers.pk, events.pk], 12) == [events.pk]
    assert set(news.memberships.values_list("opted_out_mass_email", flat=True)) == {11}


def test_subscribing_again_answers_the_lists_that_changed(db: None) -> None:
    contact = RecordFactory.create(email="ines@rocha.example.com")
    news, offers = (TargetListFactory.create(records=[contact, RecordFactory.create()]) for _number in range(2))
    address = address_of(contact)
    opt_out_of_lists(address, [news.pk], None)
    assert opt_in_to_lists(address, [news.pk, offers.pk]) == [news.pk]
    assert opt_in_to_lists(address, [news.pk, offers.pk]) == []
    assert status(news) == [False, False]


def test_an_idn_domain_is_one_mailbox_in_both_spellings(db: None) -> None:
    one, two = RecordFactory.create(email="j@bücher.example"), RecordFactory.create(email="J@xn--bcher-kva.example")
    target_list = TargetListFactory.create(records=[one, two])
    assert opt_out_of_lists(address_of(one), [target_list.pk], None) == [target_list.pk]
    assert status(target_list) == [True, True]
