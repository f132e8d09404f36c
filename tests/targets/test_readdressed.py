"""A member that gets an address which opted out of the list is opted out there too."""

import pytest
from django.test import Client

from crm.models import EmailAddress, Record, User
from crm.users import change_user
from targets.membership import opt_out
from targets.models import Membership, TargetList
from tests.crm.imports.test_reverting import reverted
from tests.crm.imports.world import imported
from tests.factories import RecordFactory, TargetListFactory

pytestmark = pytest.mark.django_db
GONE = "gone@example.com"


def news(*records: Record) -> TargetList:
    """A list of these records and of somebody who opted out of it."""
    made: TargetList = TargetListFactory.create(records=[RecordFactory.create(email=GONE), *records])
    opt_out(made.memberships.get(record__email_address__normalized=GONE), 7)
    return made


def opted_out(target_list: TargetList, record: Record) -> tuple[bool, int | None]:
    member = target_list.memberships.get(record=record)
    return member.opted_out_at is not None, member.opted_out_mass_email


def test_by_hand(as_marketer: Client) -> None:
    ines, karim = RecordFactory.create(), RecordFactory.create()
    here, elsewhere = news(ines, karim), TargetListFactory.create(records=[ines])
    data = {"first_name": "Ines", "last_name": "Rocha", "email": " GONE@Example.com"}
    as_marketer.post(f"/contacts/{ines.pk}/edit/", data)
    assert Record.objects.get(pk=ines.pk).email_address == EmailAddress.objects.get(normalized=GONE)
    assert opted_out(here, ines) == (True, 7)
    assert opted_out(here, karim) == opted_out(elsewhere, ines) == (False, None)


def test_an_address_that_is_taken_away_opts_nobody_out_or_in(as_marketer: Client) -> None:
    ines = RecordFactory.create()
    here = news(ines)
    gone = here.memberships.exclude(record=ines).get().record
    for record in (ines, gone):
        as_marketer.post(f"/contacts/{record.pk}/edit/", {"last_name": "Rocha", "email": ""})
    assert not Record.objects.get(pk=ines.pk).email_address
    assert (opted_out(here, ines), opted_out(here, gone)) == ((False, None), (True, 7))


def test_an_opt_out_of_its_own_is_kept_as_it_was(as_marketer: Client) -> None:
    ines = RecordFactory.create()
    here = news(ines)
    opt_out(Membership.objects.get(record=ines), 5)
    as_marketer.post(f"/contacts/{ines.pk}/edit/", {"last_name": "Rocha", "email": GONE})
    assert opted_out(here, ines) == (True, 5)


def test_by_an_import(marketer: User) -> None:
    ines, karim = (RecordFactory.create(first_name="", last_name=name, phone=name[0]) for name in ("Ines", "Karim"))
    here = news(ines, karim)
    imported(marketer, f"Phone,Email\nI,{GONE}\nK,karim@example.com\n", match=["phone"], mode="update")
    assert Record.objects.get(pk=ines.pk).email_address == EmailAddress.objects.get(normalized=GONE)
    assert opted_out(here, ines) == (True, 7)
    assert opted_out(here, karim) == (False, None)


def test_by_an_import_that_is_taken_back(marketer: User) -> None:
    ines = RecordFactory.create(first_name="", last_name="Ines", phone="I", email=GONE)
    batch = imported(marketer, "Phone,Email\nI,ines@example.com\n", match=["phone"], mode="update")
    here = news(Record.objects.get(pk=ines.pk))
    assert opted_out(here, ines) == (False, None)
    reverted(batch, marketer)
    assert Record.objects.get(pk=ines.pk).email_address == EmailAddress.objects.get(normalized=GONE)
    assert opted_out(here, ines) == (True, 7)


def test_by_a_change_of_a_login(administrator: User, marketer: User) -> None:
    here = news(Record.objects.get(pk=marketer.record_id))
    marketer.email = GONE
    change_user(marketer, administrator)
    assert opted_out(here, Record.objects.get(pk=marketer.record_id)) == (True, 7)
