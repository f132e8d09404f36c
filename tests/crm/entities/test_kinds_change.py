"""A field gets another kind while records have values: what fits is converted, what does not is asked about."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from crm import background
from crm.entities.rewriting import converted_or_nothing, outlook, rewrite, usual_values
from crm.models import AuditEntry, BackgroundTask, EntityField, EntityType, FieldKind, Record, TaskStatus
from tests.factories import EntityFieldFactory, EntityTypeFactory, RecordFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def members(db: None) -> EntityType:
    return EntityTypeFactory.create(key="Member", label_plural="Members")


def field_with(entity_type: EntityType, kind: str, values: list[Any], options: list[Any] | None = None) -> EntityField:
    for value in values:
        RecordFactory.create(kind="Member", values={"it": value, "other": 1})
    return EntityFieldFactory.create(entity_type=entity_type, name="it", label="It", kind=kind, options=options or [])


def values_of(entity_type: EntityType) -> list[Any]:
    return [record.values.get("it") for record in entity_type.records.order_by("pk")]


def change(client: Client, field: EntityField, kind: str, **data: str) -> Any:
    return client.post(f"{reverse('crm:entity_field_kind', args=[field.pk])}?kind={kind}", data)


@pytest.mark.parametrize(
    ("old", "values", "new", "given", "after"),
    [
        ("text", ["5", "7.5"], "number", {"places": "2"}, [5, 7.5]),
        ("number", [5, 7.5], "text", {}, ["5", "7.5"]),
        ("text", ["2026-01-31"], "date", {}, ["2026-01-31"]),
        ("date_time", ["2026-01-31T23:30:00+00:00"], "date", {}, ["2026-01-31"]),
        ("text", ["yes", "No", "x"], "checkbox", {}, [True, False, True]),
        ("checkbox", [True, False], "text", {}, ["Yes", "No"]),
        ("choice", ["A", "B"], "choices", {"choices": "A\nB"}, [["A"], ["B"]]),
        ("choices", [["A", "B"], ["A"]], "text", {}, ["A, B", "A"]),
        ("text", ["A", "B", "A"], "choice", {"choices": "A\nB"}, ["A", "B", "A"]),
        ("text", ["example.com"], "url", {}, ["https://example.com"]),
        ("money", [9.9], "number", {"places": "1"}, [9.9]),
        ("text", ["a"], "long_text", {}, ["a"]),
    ],
)
def test_what_fits_is_converted(
    as_administrator: Client, members: EntityType, old: str, values: list[Any], new: str, given: dict[str, str],
    after: list[Any],
) -> None:  # fmt: skip
    field = field_with(members, old, values)
    asked = change(as_administrator, field, new, **given)
    assert asked.status_code == 200 and asked.context["seen"].lost == 0 and values_of(members) == values
    assert change(as_administrator, field, new, **given, confirmed="yes").status_code == 302
    field.refresh_from_db()
    assert field.kind == new and values_of(members) == after
    assert {record.values["other"] for record in members.records.all()} == {1}
    assert AuditEntry.objects.get(action="entity_field.kind_changed").changes["kind"] == [old, new]


def test_what_does_not_fit_goes_only_when_the_person_agrees(as_administrator: Client, members: EntityType) -> None:
    field = field_with(members, "text", ["5", "many", "", "<b>few</b>"])
    told = change(as_administrator, field, "number", places="0", confirmed="yes").content.decode()
    assert "2 values do not fit" in told and "many" in told and "&lt;b&gt;few" in told and "nothing was changed" in told
    assert values_of(members) == ["5", "many", "", "<b>few</b>"]
    change(as_administrator, field, "number", places="0", confirmed="yes", agreed="yes")
    assert values_of(members) == [5, None, None, None]


def test_a_text_that_becomes_a_choice_begins_with_its_values(as_administrator: Client, members: EntityType) -> None:
    field = field_with(members, "text", ["Tin", "Gold", "Gold"])
    page = as_administrator.get(f"{reverse('crm:entity_field_kind', args=[field.pk])}?kind=choice")
    assert page.context["form"]["choices"].value() == "Gold\nTin" and page.context["seen"].kept == 3
    assert change(as_administrator, field, "choice", choices="", confirmed="yes").status_code == 422


def test_a_link_becomes_the_name(as_administrator: Client, members: EntityType) -> None:
    coach = RecordFactory.create(first_name="Cara", last_name="Coach")
    field = field_with(members, "link", [coach.pk], ["Contact"])
    change(as_administrator, field, "text", confirmed="yes")
    assert values_of(members) == ["Cara Coach"]


def test_the_names_behind_many_links_are_asked_for_together(
    members: EntityType, django_assert_num_queries: Any
) -> None:
    coaches = [RecordFactory.create(first_name="Coach", last_name=str(number)).pk for number in range(5)]
    field = field_with(members, "link", [*coaches, *coaches[:1], "Nobody", 10**30], ["Contact"])
    with django_assert_num_queries(2):
        assert usual_values(field, 3)[0] == "Coach 0"
    assert set(usual_values(field, 50)) >= {"Coach 4", "Nobody"}


def test_many_values_follow_in_the_background(as_administrator: Client, members: EntityType) -> None:
    Record.objects.bulk_create(Record(entity_type=members, name=f"M {n}", values={"it": str(n)}) for n in range(150))
    field = EntityFieldFactory.create(entity_type=members, name="it", kind="text")
    answer = change(as_administrator, field, "number", places="0", confirmed="yes")
    task = BackgroundTask.objects.get()
    assert answer["Location"] == task.get_absolute_url()
    field.refresh_from_db()
    assert field.kind == FieldKind.NUMBER  # at once
    assert as_administrator.get("/members/").status_code == 200  # numbers and texts side by side
    background.run(task.pk)
    task.refresh_from_db()
    assert (task.status, task.error, task.done) == (TaskStatus.SUCCESS, "", 150)
    assert values_of(members) == list(range(150))


def test_a_kind_that_is_none_leads_to_the_gallery(as_administrator: Client, members: EntityType) -> None:
    field = field_with(members, "text", ["a"])
    for kind in ("", "text", "blob"):
        assert "gallery" in change(as_administrator, field, kind, confirmed="yes").content.decode()
    field.refresh_from_db()
    assert field.kind == FieldKind.TEXT


def test_the_outlook_changes_nothing(members: EntityType) -> None:
    field = field_with(members, "text", ["1", "b"])
    new = EntityField(entity_type=members, name="it", label="It", kind="number", options=[0])
    seen = outlook(field, new)
    assert (seen.kept, seen.lost, seen.examples, seen.is_partial) == (1, 1, ("b",), False)
    assert values_of(members) == ["1", "b"]


@pytest.mark.parametrize(("old", "new"), [("link", "text"), ("text", "link"), ("link", "choice")])
def test_the_outlook_asks_as_much_for_many_values_as_for_few(
    members: EntityType, old: str, new: str, django_assert_num_queries: Any
) -> None:
    def value() -> Any:
        record = RecordFactory.create(first_name="", last_name=f"Coach {Record.objects.count()}")
        return record.pk if old == "link" else record.name

    field = field_with(members, old, [value(), value()], ["Contact"] if old == "link" else None)
    changed = EntityField(entity_type=members, name="it", label="It", kind=new, options=["Contact"])
    with CaptureQueriesContext(connection) as few:
        first = outlook(field, changed)
    for _number in range(8):
        RecordFactory.create(kind="Member", values={"it": value()})
    with django_assert_num_queries(len(few)):
        seen = outlook(field, changed)
    fit = new != "choice"
    assert (first.kept, seen.kept, seen.lost) == ((2, 10, 0) if fit else (0, 0, 10))


def test_the_outlook_knows_links_by_name_as_the_form_does(members: EntityType) -> None:
    RecordFactory.create(first_name="Ines", last_name="Rocha")
    field = field_with(members, "text", ["INES ROCHA", "Ines Rocha", "Nobody"])
    seen = outlook(field, EntityField(entity_type=members, name="it", label="It", kind="link", options=["Contact"]))
    assert (seen.kept, seen.lost, seen.examples) == (2, 1, ("Nobody",))


def test_the_change_keeps_what_the_outlook_says_that_it_keeps(as_administrator: Client, members: EntityType) -> None:
    acme, _other = (RecordFactory.create(kind="Account", first_name="", last_name=name) for name in ("Acme", "ACME"))
    field = field_with(members, "text", ["Acme", "acme", "Nobody"])
    seen = change(as_administrator, field, "link", links_to="Account").context["seen"]
    assert (seen.kept, seen.lost) == (1, 2), "one is called exactly so, two are called so in other letters"
    change(as_administrator, field, "link", links_to="Account", confirmed="yes", agreed="yes")
    assert values_of(members) == [acme.pk, None, None]


@pytest.mark.parametrize(("old", "new"), [("link", "text"), ("text", "link")])
def test_the_change_asks_as_much_for_many_values_as_for_few(
    members: EntityType, old: str, new: str, django_assert_num_queries: Any
) -> None:
    coaches = RecordFactory.create_batch(10)
    values = [coach.pk if old == "link" else coach.name for coach in coaches]
    field = field_with(members, old, values, ["Contact"])
    act = converted_or_nothing(field, EntityField(entity_type=members, name="it", kind=new, options=["Contact"]))
    with CaptureQueriesContext(connection) as few:
        rewrite(Record.objects.filter(pk__in=members.records.order_by("pk")[:2]), "it", act)
    with django_assert_num_queries(len(few)):
        rewrite(Record.objects.filter(pk__in=members.records.order_by("-pk")[:8]), "it", act)
    assert values_of(members) == [coach.name if old == "link" else coach.pk for coach in coaches]
