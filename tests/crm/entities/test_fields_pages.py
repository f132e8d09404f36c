"""Fields of a type: every kind is made by its form, changed, ordered, and asked about where a choice goes."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from crm.entities.type_fields import MOST_FIELDS, FieldRefused, create_field
from crm.models import AuditEntry, EntityField, EntityType, FieldKind, Record, User
from tests.factories import EntityFieldFactory, EntityTypeFactory, RecordFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def members(db: None) -> EntityType:
    return EntityTypeFactory.create(key="Member", label_plural="Members")


def new(client: Client, entity_type: EntityType, kind: str, **data: Any) -> Any:
    return client.post(f"{reverse('crm:entity_field_new', args=[entity_type.pk])}?kind={kind}", data)


@pytest.mark.parametrize(
    ("kind", "data", "options", "default"),
    [
        ("text", {"default": "Lisbon"}, [], "Lisbon"),
        ("long_text", {"default": "a\r\nb"}, [], "a\r\nb"),
        ("number", {"places": "0", "default": "3"}, [0], 3),
        ("money", {"default": "9.90"}, [], 9.9),
        ("date", {"default": "2026-01-31"}, [], "2026-01-31"),
        ("checkbox", {"default": "on"}, [], True),
        ("checkbox", {}, [], None),
        ("choice", {"choices": " Gold \n\nSilver", "default": "Gold"}, ["Gold", "Silver"], "Gold"),
        ("choices", {"choices": "A\nB\nC", "default": "A\nC"}, ["A", "B", "C"], ["A", "C"]),
        ("url", {"default": "example.com"}, [], "https://example.com"),
        ("email", {"default": "a@EXAMPLE.com"}, [], "a@example.com"),
        ("phone", {"default": "+34 1"}, [], "+34 1"),
        ("link", {"links_to": "Lead"}, ["Lead"], None),
    ],
)
def test_a_field_of_each_kind(
    as_administrator: Client, members: EntityType, kind: str, data: dict[str, str], options: list[Any], default: Any
) -> None:
    assert as_administrator.get(f"/admin/entities/{members.pk}/fields/new/?kind={kind}").status_code == 200
    answer = new(as_administrator, members, kind, label="Some value", **data)
    assert answer.status_code == 302, answer.context["form"].errors
    made = members.fields.get()
    assert (made.name, made.kind, made.options) == ("someValue", kind, options)
    assert made.default == default
    assert as_administrator.get("/members/new/").status_code == 200
    assert as_administrator.get(reverse("crm:entity_field", args=[made.pk])).status_code == 200
    assert AuditEntry.objects.get(action="entity_field.created").changes["type"] == "Member"


@pytest.mark.parametrize(
    ("kind", "wrong", "field"),
    [
        ("text", {"label": ""}, "label"),
        ("text", {"label": "Email"}, "label"),
        ("text", {"label": "known"}, "label"),
        ("text", {"label": "x" * 81}, "label"),
        ("text", {"label": "A\x00B"}, "label"),
        ("text", {"name": "firstName"}, "name"),
        ("text", {"name": "known"}, "name"),
        ("text", {"name": "naïve"}, "name"),
        ("choice", {}, "choices"),
        ("choice", {"choices": " \n \n"}, "choices"),
        ("choice", {"choices": "Gold\ngold"}, "choices"),
        ("choice", {"choices": "Go\x07ld"}, "choices"),
        ("choice", {"choices": "x" * 101}, "choices"),
        ("choice", {"choices": "\n".join(str(number) for number in range(301))}, "choices"),
        ("choice", {"choices": "Gold", "default": "Silver"}, "default"),
        ("number", {"places": "7"}, "places"),
        ("number", {"places": "2", "default": "many"}, "default"),
        ("date", {"default": "2026-02-31"}, "default"),
        ("link", {"links_to": "Nobody"}, "links_to"),
    ],
)
def test_bad_input_is_told_at_its_field(
    as_administrator: Client, members: EntityType, kind: str, wrong: dict[str, str], field: str
) -> None:
    EntityFieldFactory.create(entity_type=members, name="known", label="Known")
    answer = new(as_administrator, members, kind, **{"label": "Fine", **wrong})
    assert answer.status_code == 422 and field in answer.context["form"].errors
    assert members.fields.count() == 1


def test_built_in_types_take_fields_and_keep_their_own(as_administrator: Client) -> None:
    leads = EntityType.objects.get(key="Lead")
    assert new(as_administrator, leads, "text", label="Nickname").status_code == 302
    status = leads.fields.get(name="status")
    as_administrator.post(reverse("crm:entity_field_remove", args=[status.pk]))
    as_administrator.post(f"{reverse('crm:entity_field_kind', args=[status.pk])}?kind=text", {"confirmed": "yes"})
    status.refresh_from_db()
    assert status.kind == FieldKind.CHOICE


def test_a_required_field_is_asked_for(as_administrator: Client, members: EntityType) -> None:
    new(as_administrator, members, "date", label="Joined", is_required="on")
    answer = as_administrator.post("/members/new/", {"last_name": "Rocha"})
    assert answer.status_code == 422 and "id_f_joined_errors" in answer.content.decode()


def test_the_label_changes_and_values_stay(as_administrator: Client, members: EntityType) -> None:
    field = EntityFieldFactory.create(entity_type=members, name="tier", label="Tier")
    record = RecordFactory.create(kind="Member", values={"tier": "Gold"})
    as_administrator.post(reverse("crm:entity_field", args=[field.pk]), {"label": "Level", "name": "level"})
    field.refresh_from_db()
    assert (field.label, field.name) == ("Level", "tier")
    page = as_administrator.get(record.get_absolute_url()).content.decode()
    assert "Level" in page and "Gold" in page


def test_fields_are_ordered(as_administrator: Client, members: EntityType) -> None:
    for name in ("one", "two", "three"):
        EntityFieldFactory.create(entity_type=members, name=name)
    last = members.fields.get(name="three")
    as_administrator.post(reverse("crm:entity_field_move", args=[last.pk]), {"to": "up"})
    assert [field.name for field in members.fields.all()] == ["one", "three", "two"]
    as_administrator.post(reverse("crm:entity_field_move", args=[last.pk]), {"to": "first"})
    as_administrator.post(reverse("crm:entity_field_move", args=[last.pk]), {"to": "up"})
    assert [field.name for field in members.fields.all()] == ["three", "one", "two"]


# ---- choices that go


@pytest.fixture
def tier(members: EntityType) -> EntityField:
    field = EntityFieldFactory.create(
        entity_type=members, name="tier", kind="choice", options=["Gold", "Silver", "Tin"]
    )
    for value in ("Gold", "Gold", "Silver"):
        RecordFactory.create(kind="Member", values={"tier": value})
    return field


def tiers() -> list[str | None]:
    return [record.values.get("tier") for record in Record.objects.filter(entity_type__key="Member").order_by("pk")]


def test_a_choice_that_nobody_has_goes_without_a_question(as_administrator: Client, tier: EntityField) -> None:
    answer = as_administrator.post(
        reverse("crm:entity_field", args=[tier.pk]), {"label": "Tier", "choices": "Silver\nGold"}
    )
    tier.refresh_from_db()
    assert answer.status_code == 302 and tier.options == ["Silver", "Gold"]


@pytest.mark.parametrize(
    ("fate", "after"),
    [
        ("keep", ["Gold", "Gold", "Silver"]),
        ("clear", [None, None, "Silver"]),
        ("=Platinum", ["Platinum", "Platinum", "Silver"]),
    ],
)
def test_a_choice_that_records_have_is_asked_about(
    as_administrator: Client, tier: EntityField, fate: str, after: list[str | None]
) -> None:
    url, data = reverse("crm:entity_field", args=[tier.pk]), {"label": "Tier", "choices": "Platinum\nSilver"}
    asked = as_administrator.post(url, data).content.decode()
    assert "“Gold” (2 records)" in asked
    tier.refresh_from_db()
    assert tier.options == ["Gold", "Silver", "Tin"]
    assert as_administrator.post(url, {**data, "confirmed": "yes", "fate_0": "=Tin"}).status_code == 200  # not offered
    as_administrator.post(url, {**data, "confirmed": "yes", "fate_0": fate})
    tier.refresh_from_db()
    assert tier.options == ["Platinum", "Silver"] and tiers() == after


def test_a_choice_that_stayed_in_a_record_survives_its_form(as_administrator: Client, tier: EntityField) -> None:
    EntityField.objects.filter(pk=tier.pk).update(options=["Silver"])
    record = tier.entity_type.records.order_by("pk")[0]
    url = f"/members/{record.pk}/edit/"
    assert 'value="Gold" selected' in as_administrator.get(url).content.decode()
    as_administrator.post(url, {"last_name": "Rocha", "email": "x@example.com", "f_tier": "Gold"})
    record.refresh_from_db()
    assert (record.last_name, record.values) == ("Rocha", {"tier": "Gold"})


# ---- very many


@pytest.mark.slow
def test_two_hundred_fields(
    as_administrator: Client, members: EntityType, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    kinds = [kind for kind in FieldKind if kind != FieldKind.LINK]
    EntityField.objects.bulk_create(
        EntityField(entity_type=members, name=f"f{n}", label=f"Field {n}", kind=kinds[n % len(kinds)], options=["A"],
                    on_list=n < 30, position=n)
        for n in range(200)
    )  # fmt: skip
    record = RecordFactory.create(kind="Member")
    for url in (
        "/members/",
        "/members/new/",
        f"/members/{record.pk}/",
        reverse("crm:entity_detail", args=[members.pk]),
    ):
        with django_assert_max_num_queries(40):
            assert as_administrator.get(url).status_code == 200
    conditions = ",".join(f'["f_f{n}","not_empty"]' for n in range(40))
    answer = as_administrator.get("/members/", {"where": f'{{"all":[{conditions}]}}'})
    assert answer.status_code == 200


def test_there_are_not_too_many_fields(administrator: User, members: EntityType) -> None:
    EntityField.objects.bulk_create(
        EntityField(entity_type=members, name=f"f{n}", label=f"Field {n}") for n in range(MOST_FIELDS)
    )
    with pytest.raises(FieldRefused):
        create_field(EntityField(entity_type=members, label="One more"), administrator)


def test_a_single_field_has_no_order(as_administrator: Client, members: EntityType) -> None:
    page = reverse("crm:entity_detail", args=[members.pk])
    EntityFieldFactory.create(entity_type=members)
    assert 'value="down"' not in as_administrator.get(page).content.decode()
    EntityFieldFactory.create(entity_type=members)
    assert 'value="down"' in as_administrator.get(page).content.decode()
