"""Removing fields and types: what depends on them is named, what goes is gone, and nothing breaks afterwards."""

from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.urls import reverse

from campaigns.models import QueueItem
from campaigns.models.queue import QueueStatus
from crm import background
from crm.entities.dependents import dependents_of
from crm.entities.shaping import take_type_away
from crm.entities.types import TypeRefused, remove_type
from crm.models import (
    AuditEntry,
    BackgroundTask,
    EntityField,
    EntityType,
    FieldKind,
    ListSettings,
    Record,
    SavedFilter,
    TaskStatus,
    User,
)
from tests.factories import (
    EntityFieldFactory,
    EntityTypeFactory,
    MassEmailFactory,
    RecordFactory,
    TargetListFactory,
    TemplateFactory,
)

pytestmark = pytest.mark.django_db
GOLD = urlencode({"where": '{"all":[["f_tier","any",["Gold"]]]}'})


@pytest.fixture
def members(db: None) -> EntityType:
    return EntityTypeFactory.create(key="Member", label_plural="Members")


@pytest.fixture
def tier(members: EntityType) -> EntityField:
    return EntityFieldFactory.create(entity_type=members, name="tier", label="Tier", kind="choice", options=["Gold"])


@pytest.fixture
def people(members: EntityType, tier: EntityField) -> list[Record]:
    return RecordFactory.create_batch(3, kind="Member", values={"tier": "Gold", "city": "Lisbon"})


def told(entity_type: EntityType, field: EntityField | None = None) -> str:
    return "\n".join(
        f"{one.sentence}: {', '.join(named.name for named in one.named)}" for one in dependents_of(entity_type, field)
    )


# ---- a field


def test_what_depends_on_a_field_is_named(
    as_administrator: Client, administrator: User, members: EntityType, tier: EntityField, people: list[Record]
) -> None:
    SavedFilter.objects.create(owner=administrator, list_key="members", name="Golden", query=GOLD)
    SavedFilter.objects.create(owner=administrator, list_key="members", name="By tier", query="sort=-f_tier")
    SavedFilter.objects.create(owner=administrator, list_key="members", name="Other", query="q=f_tier")
    ListSettings.objects.create(user=administrator, list_key="members", columns=["f_tier"])
    template = TemplateFactory.create(name="Spring", body="<p>{ Member.tier | none } {Member.tierless}</p>")
    TemplateFactory.create(name="Unrelated", body="<p>{Contact.tier} .tier</p>")
    MassEmailFactory.create(name="Waiting", template=template, status="pending")
    MassEmailFactory.create(name="Draft", template=template)
    page = as_administrator.get(reverse("crm:entity_field_remove", args=[tier.pk])).content.decode()
    for words in ("3 records have a value", "2 saved filters", "Golden", "By tier", "1 email template names it",
                  "Spring", "1 scheduled mass email", "Waiting", "A column of 1 person"):  # fmt: skip
        assert words in page, words
    assert "Other" not in told(members, tier) and "Unrelated" not in page and "Draft" not in told(members, tier)
    assert EntityField.objects.filter(pk=tier.pk).exists()


def test_a_field_of_accounts_is_named_in_the_placeholders_of_others(db: None) -> None:
    accounts = EntityType.objects.get(key="Account")
    branch = EntityFieldFactory.create(entity_type=accounts, name="branch")
    TemplateFactory.create(name="To people", subject="{Contact.account.branch}")
    assert "To people" in told(accounts, branch)


def test_a_removed_field_takes_its_values_along_and_filters_say_so(
    as_administrator: Client, administrator: User, members: EntityType, tier: EntityField, people: list[Record]
) -> None:
    saved = SavedFilter.objects.create(owner=administrator, list_key="members", name="Golden", query=GOLD)
    ListSettings.objects.create(user=administrator, list_key="members", columns=["f_tier", "email"])
    as_administrator.post(reverse("crm:entity_field_remove", args=[tier.pk]))
    assert [record.values for record in members.records.all()] == [{"city": "Lisbon"}] * 3
    assert ListSettings.objects.get().columns == ["email"]
    assert AuditEntry.objects.get(action="entity_field.removed").changes["name"] == "tier"
    for query in (f"{GOLD}&saved={saved.pk}", "f_tier=Gold&saved=" + str(saved.pk), "sort=f_tier", GOLD):
        answer = as_administrator.get(f"/members/?{query}")
        assert answer.status_code == 200
    answer = as_administrator.get(f"/members/?{GOLD}&saved={saved.pk}").content.decode()
    assert "There is no field “f_tier” any more." in answer and people[0].last_name not in answer
    assert as_administrator.get(people[0].get_absolute_url()).status_code == 200
    assert as_administrator.post("/members/export/", {"query": GOLD, "scope": "all"}).status_code == 302


def test_a_template_that_names_a_removed_field_says_so(
    as_administrator: Client, tier: EntityField, people: list[Record]
) -> None:
    template = TemplateFactory.create(body="<p>{Member.tier}</p>")
    as_administrator.post(reverse("crm:entity_field_remove", args=[tier.pk]))
    answer = as_administrator.get(f"/email-templates/{template.pk}/preview/?record={people[0].pk}")
    assert answer.status_code == 200 and "Member.tier" in answer.content.decode()


def test_many_values_go_in_the_background(as_administrator: Client, members: EntityType, tier: EntityField) -> None:
    rows = [Record(entity_type=members, name=f"M {n}", values={"tier": "Gold", "n": n}) for n in range(130)]
    Record.objects.bulk_create(rows)
    as_administrator.post(reverse("crm:entity_field_remove", args=[tier.pk]))
    assert not EntityField.objects.filter(pk=tier.pk).exists()
    background.run(BackgroundTask.objects.get().pk)
    assert BackgroundTask.objects.get().status == TaskStatus.SUCCESS
    assert [record.values for record in members.records.order_by("pk")] == [{"n": n} for n in range(130)]


# ---- a type


def remove(client: Client, entity_type: EntityType, **data: str) -> Any:
    return client.post(reverse("crm:entity_remove", args=[entity_type.pk]), data)


def test_what_depends_on_a_type_is_named(
    as_administrator: Client, administrator: User, members: EntityType, people: list[Record]
) -> None:
    TargetListFactory.create(name="Fans", records=people)
    SavedFilter.objects.create(owner=administrator, list_key="members", name="Golden", query=GOLD)
    leads = EntityType.objects.get(key="Lead")
    EntityFieldFactory.create(entity_type=leads, name="friend", label="Friend", kind="link", options=["Member"])
    TemplateFactory.create(name="Spring", body="<p>{Member.firstName}</p>")
    mass_email = MassEmailFactory.create(name="On its way", status="in_process")
    QueueItem.objects.create(mass_email_id=mass_email.pk, record_id=people[0].pk, status=QueueStatus.PENDING)
    page = as_administrator.get(reverse("crm:entity_remove", args=[members.pk])).content.decode()
    for words in ("3 records", "Entries on 1 target list", "Fans (3)", "Golden", "Lead · Friend", "Spring",
                  "1 person of this type waits", "On its way (1)"):  # fmt: skip
        assert words in page, words


def test_records_demand_a_choice(as_administrator: Client, members: EntityType, people: list[Record]) -> None:
    for data in ({}, {"fate": ""}, {"fate": "Account"}, {"fate": "User"}, {"fate": "Member"}):
        assert remove(as_administrator, members, **data).status_code == 422
    assert members.records.count() == 3


def test_records_are_removed_with_the_type(as_administrator: Client, members: EntityType, people: list[Record]) -> None:
    target_list = TargetListFactory.create(records=people)
    remove(as_administrator, members, fate="remove")
    assert not EntityType.objects.filter(key="Member").exists() and not Record.objects.filter(name=people[0].name)
    assert target_list.memberships.count() == 0
    assert as_administrator.get("/members/").status_code == 404
    entry = AuditEntry.objects.get(action="entity_type.removed")
    assert entry.changes == {"key": "Member", "fate": "remove", "records": 3}


def test_records_move_with_their_fields_and_stay_on_their_lists(
    as_administrator: Client, members: EntityType, people: list[Record]
) -> None:
    target_list = TargetListFactory.create(records=people)
    remove(as_administrator, members, fate="Contact")
    contacts = EntityType.objects.get(key="Contact")
    assert contacts.records.count() == 3 and target_list.memberships.count() == 3
    assert contacts.fields.get(name="tier").options == ["Gold"]
    page = as_administrator.get(Record.objects.get(pk=people[0].pk).get_absolute_url()).content.decode()
    assert "Gold" in page and "Lisbon" in page  # one field came along, the other was there


@pytest.mark.parametrize(
    ("old", "new", "value", "after"),
    [
        ("text", "number", "7", 7),
        ("text", "number", "many", None),
        ("text", "link", "Nobody", None),
        ("checkbox", "text", False, "No"),
        ("choice", "choices", "Gold", ["Gold"]),
        ("date_time", "date", "2026-01-31T12:00:00+00:00", "2026-01-31"),
    ],
)
def test_fields_of_another_kind_are_named_and_their_values_converted(
    as_administrator: Client, members: EntityType, old: str, new: str, value: Any, after: Any
) -> None:
    contacts = EntityType.objects.get(key="Contact")
    for entity_type, kind in ((members, old), (contacts, new)):
        EntityFieldFactory.create(
            entity_type=entity_type, name="it", label="Level", kind=kind, options=["Gold"] if "choice" in kind else []
        )
    member = RecordFactory.create(kind="Member", values={"it": value, "city": "Lisbon"})
    page = as_administrator.get(reverse("crm:entity_remove", args=[members.pk])).content.decode()
    told_kinds = " → ".join(str(FieldKind(kind).label) for kind in (old, new))
    assert f"Contacts: Level ({told_kinds})" in page and "Leads: Level (" not in page
    remove(as_administrator, members, fate="Contact")
    member.refresh_from_db()
    assert (member.entity_type, member.values.get("it"), member.values["city"]) == (contacts, after, "Lisbon")
    assert type(member.values.get("it")) is type(after)


@pytest.mark.parametrize(("fate", "kind"), [("remove", "text"), ("Contact", "link")])
def test_links_of_others_keep_the_names_or_follow(
    as_administrator: Client, members: EntityType, people: list[Record], fate: str, kind: str
) -> None:
    leads = EntityType.objects.get(key="Lead")
    link = EntityFieldFactory.create(entity_type=leads, name="friend", kind="link", options=["Member"])
    lead = RecordFactory.create(kind="Lead", values={"friend": people[0].pk})
    remove(as_administrator, members, fate=fate)
    link.refresh_from_db()
    assert link.kind == kind
    assert people[0].name in as_administrator.get(lead.get_absolute_url()).content.decode()


def test_a_type_without_records_goes_at_once(as_administrator: Client, members: EntityType) -> None:
    remove(as_administrator, members)
    assert not EntityType.objects.filter(key="Member").exists()


def test_what_people_kept_of_its_lists_goes(as_administrator: Client, administrator: User, members: EntityType) -> None:
    SavedFilter.objects.create(owner=administrator, list_key="members", name="Golden", query=GOLD)
    ListSettings.objects.create(user=administrator, list_key="members-members", columns=["name"])
    remove(as_administrator, members)
    assert not SavedFilter.objects.exists() and not ListSettings.objects.exists()


def test_many_records_go_in_the_background(as_administrator: Client, members: EntityType) -> None:
    Record.objects.bulk_create(Record(entity_type=members, name=f"M {n}") for n in range(130))
    answer = remove(as_administrator, members, fate="Lead")
    task = BackgroundTask.objects.get()
    assert answer["Location"] == task.get_absolute_url()
    background.run(task.pk)
    task.refresh_from_db()
    assert (task.status, task.done, task.error) == (TaskStatus.SUCCESS, 130, "")
    assert EntityType.objects.get(key="Lead").records.count() == 130
    assert not EntityType.objects.filter(key="Member").exists()


def test_built_in_types_stay(as_administrator: Client, administrator: User) -> None:
    leads = EntityType.objects.get(key="Lead")
    with pytest.raises(TypeRefused):
        take_type_away(leads, "remove", administrator)
    assert remove(as_administrator, leads).status_code == 302
    assert EntityType.objects.filter(key="Lead").exists()


def test_a_type_that_keeps_filling_stays(members: EntityType, people: list[Record], administrator: User) -> None:
    """Something makes a record whenever some are taken away."""

    def another(_done: int) -> None:
        RecordFactory.create(kind="Member")

    with pytest.raises(TypeRefused):
        remove_type(members, "Contact", administrator, another)
    assert EntityType.objects.filter(key="Member").exists()
