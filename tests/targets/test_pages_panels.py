"""A panel of a target list: Create, filters over records and memberships, last activity, many members at once."""

import json
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.utils import timezone

from campaigns.models import Action, LogRecord
from crm import background
from crm.models import AuditEntry, BackgroundTask, EntityType, Record
from targets import member_acts, works
from targets.membership import opt_out
from targets.models import Membership, TargetList
from targets.views import members as views
from tests.factories import CampaignFactory, RecordFactory, TargetListFactory
from tests.targets.test_undoing import press_undo

pytestmark = pytest.mark.django_db


def person(name: str, **values: object) -> Record:
    return RecordFactory.create(first_name="", last_name=name, **values)


def text(client: Client, url: str) -> str:
    return client.get(url, follow=True).content.decode().split("<main")[1]


def names(target_list: TargetList) -> set[str]:
    return set(target_list.memberships.values_list("record__name", flat=True))


def run_task() -> BackgroundTask:
    task = BackgroundTask.objects.get()
    background.run(task.pk)
    task.refresh_from_db()
    assert task.status == "success", task.error
    return task


@pytest.fixture
def long(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two are many."""
    for module in (views, works):
        monkeypatch.setattr(module, "MOST_UNDONE", 1)
    monkeypatch.setattr(member_acts, "PORTION", 2)


# ---- Create


def test_a_record_is_created_and_is_at_once_a_member(as_marketer: Client) -> None:
    EntityType.objects.create(key="Donor", slug="donors", label_singular="Donor", label_plural="Donors")
    target_list = TargetListFactory.create()
    url = f"/target-lists/{target_list.pk}/donors/create/"
    assert "Create Donor" in text(as_marketer, url)
    answer = as_marketer.post(url, {"last_name": "Dora", "email": "dora@example.com"})
    assert answer["Location"] == f"/target-lists/{target_list.pk}/donors/"
    member = target_list.memberships.get()
    assert (member.record.name, member.record.entity_type.key) == ("Dora", "Donor")
    assert set(AuditEntry.objects.values_list("action", flat=True)) == {"record.created", "target_list.added"}


def test_created_with_an_address_that_opted_out_of_the_list(as_marketer: Client) -> None:
    target_list = TargetListFactory.create(records=[person("Old", email="ines@example.com")])
    opt_out(target_list.memberships.get())
    body = {"last_name": "New", "email": "ines@example.com"}
    page = as_marketer.post(f"/target-lists/{target_list.pk}/leads/create/", body, follow=True).content.decode()
    assert "has opted out of this list" in page and target_list.memberships.opted_out().count() == 2


def test_what_is_wrong_is_said_and_nothing_is_made(as_marketer: Client) -> None:
    target_list = TargetListFactory.create()
    answer = as_marketer.post(f"/target-lists/{target_list.pk}/contacts/create/", {"email": "no address"})
    assert answer.status_code == 422 and not Record.objects.filter(memberships__isnull=False).exists()
    assert as_marketer.get(f"/target-lists/{target_list.pk}/users/create/").status_code == 404


# ---- what a panel shows and finds


def test_members_are_filtered_by_their_records_and_by_how_they_came(as_viewer: Client) -> None:
    anna, ben = person("Anna", phone="1"), person("Ben")
    target_list = TargetListFactory.create(records=[anna, ben])
    target_list.memberships.filter(record=ben).update(source="import")

    def found(*conditions: list[object], mode: str = "all") -> set[str]:
        query = urlencode({"where": json.dumps({mode: list(conditions)})})
        page = text(as_viewer, f"/target-lists/{target_list.pk}/contacts/?{query}")
        return {name for name in ("Anna", "Ben") if f">{name}<" in page}

    assert found(["phone", "not_empty"]) == {"Anna"}
    assert found(["phone", "not_empty"], mode="none") == {"Ben"}
    assert found(["source", "any", ["import"]]) == {"Ben"}
    assert found(["added", "last_days", 1]) == {"Anna", "Ben"}
    assert found(["left", "not_empty"]) == set()
    assert found(["target_list", "any", [str(target_list.pk)]]) == {"Anna", "Ben"}


def test_the_last_thing_that_people_did_stands_in_their_row(as_viewer: Client) -> None:
    anna, campaign = person("Anna"), CampaignFactory.create()
    target_list = TargetListFactory.create(records=[anna])
    for item, (action, machine) in enumerate([(Action.SENT, False), (Action.CLICKED, False), (Action.OPENED, True)]):
        LogRecord.objects.create(
            campaign_id=campaign.pk, record_id=anna.pk, action=action, is_machine=machine, queue_item_id=item,
            at=timezone.now(),
        )  # fmt: skip
    page = text(as_viewer, f"/target-lists/{target_list.pk}/contacts/")
    assert "Clicked · " in page and "Opened · " not in page


def test_opted_out_of_all_types_is_narrowed_by_type(as_viewer: Client) -> None:
    target_list = TargetListFactory.create(records=[person("Anna"), person("Lea", kind="Lead")])
    for member in target_list.memberships.all():
        opt_out(member)
    page = text(as_viewer, f"/target-lists/{target_list.pk}/opted-out/?type=leads")
    assert ">Lea<" in page and ">Anna<" not in page


# ---- many at once


def test_opting_many_out_is_taken_back_by_its_moment(as_marketer: Client) -> None:
    target_list = TargetListFactory.create(records=[person(f"P{n}") for n in range(3)])
    first, *rest = target_list.memberships.all()
    opt_out(first, 7)  # the person's own wish, before
    url = f"/target-lists/{target_list.pk}/opt-out/?type=contacts"
    page = as_marketer.post(url, {"selected": [one.pk for one in rest]}, follow=True).content.decode()
    assert target_list.memberships.opted_out().count() == 3
    assert "2 entries are listed again." in press_undo(as_marketer, page)
    assert target_list.memberships.opted_out().get() == first


def test_canceling_many_opt_outs_asks_first(as_marketer: Client) -> None:
    target_list = TargetListFactory.create(records=[person("Anna"), person("Ben")])
    for member in target_list.memberships.all():
        opt_out(member)
    url = f"/target-lists/{target_list.pk}/cancel-opt-out/"
    body = {"selected": list(target_list.memberships.values_list("pk", flat=True))}
    page = as_marketer.post(url, body).content.decode()
    assert "Cancel 2 opt-outs?" in page and target_list.memberships.opted_out().count() == 2
    as_marketer.post(url, {**body, "confirmed": "yes"})
    assert not target_list.memberships.opted_out().exists()
    assert AuditEntry.objects.get(action="target_list.opt_outs_canceled").changes == {"number": 2}


@pytest.mark.usefixtures("long")
@pytest.mark.parametrize(("act", "left", "out"), [("unlink", 1, 1), ("opt-out", 4, 4)])
def test_very_many_members_are_a_task(as_marketer: Client, act: str, left: int, out: int) -> None:
    target_list = TargetListFactory.create(records=[person(f"P{n}", email="") for n in range(4)])
    opt_out(target_list.memberships.all()[0])
    as_marketer.post(f"/target-lists/{target_list.pk}/{act}/?type=contacts", {"scope": "all", "query": ""})
    assert run_task().result["number"] == 3
    assert (target_list.memberships.count(), target_list.memberships.opted_out().count()) == (left, out)


@pytest.mark.usefixtures("long")
def test_a_panel_is_emptied_and_the_others_stay(as_marketer: Client) -> None:
    target_list = TargetListFactory.create(records=[*(person(f"P{n}") for n in range(3)), person("Lea", kind="Lead")])
    opt_out(Membership.objects.get(record__name="P0"))
    url = f"/target-lists/{target_list.pk}/unlink-all/?type=contacts"
    assert "Unlink all Contacts" in text(as_marketer, url)
    as_marketer.post(url)
    run_task()
    assert names(target_list) == {"P0", "Lea"}


def test_members_are_copied_with_their_opt_outs(as_marketer: Client) -> None:
    target_list = TargetListFactory.create(records=[person("Anna"), person("Ben")])
    opt_out(Membership.objects.get(record__name="Ben"))
    url = f"/target-lists/{target_list.pk}/copy/?type=contacts"
    body = {"scope": "all", "query": ""}
    assert "Copy 2 entries" in as_marketer.post(url, body).content.decode()
    as_marketer.post(url, {**body, "confirmed": "yes", "new_name": "Second"})
    copy = TargetList.objects.get(name="Second")
    assert names(copy) == {"Anna", "Ben"} and copy.memberships.opted_out().get().record.name == "Ben"
    assert names(target_list) == {"Anna", "Ben"}


def test_more_than_a_hundred_selected_are_added_by_a_task(as_marketer: Client) -> None:
    RecordFactory.create_batch(101, email="")
    target_list = TargetListFactory.create()
    as_marketer.post(f"/target-lists/{target_list.pk}/contacts/select/", {"scope": "all", "query": ""})
    assert run_task().result["number"] == 101
    assert target_list.memberships.count() == 101
