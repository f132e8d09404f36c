"""Values that are not of their field's kind, as in the middle of a change of kind: every page shows them."""

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from crm.entities.details import details_of
from crm.entities.forms import RecordForm
from crm.entities.values import from_stored, plain_text, show
from crm.models import EntityField, EntityType, FieldKind, Record
from tests.factories import EntityFieldFactory, EntityTypeFactory, RecordFactory

pytestmark = pytest.mark.django_db
ALIEN: list[Any] = [
    "Gold", "2026-02-31", "2026-02-31T10:00:00+00:00", "0001-01-01T00:00:00+00:00", "25:61", "12", 12, -3, 7.5, 10**30,
    True, False, ["Gold"], ["Gold", 5], "a\nb",
]  # fmt: skip


@pytest.fixture
def things(db: None) -> EntityType:
    """A type with a field of every kind, each named like its kind."""
    made = EntityTypeFactory.create(key="Thing", label_plural="Things")
    for kind in FieldKind:
        name, options = kind.replace("_", ""), ["Tin"] if "choice" in kind else []
        EntityFieldFactory.create(entity_type=made, name=name, label=name, kind=kind, options=options, on_list=True)
    return made


def thing(entity_type: EntityType, value: Any) -> Record:
    values = {field.name: value for field in entity_type.fields.all()}
    return Record.objects.create(entity_type=entity_type, name="It", last_name="It", values=values)


def test_lists_details_and_forms_show_them(as_marketer: Client, things: EntityType) -> None:
    records, fields = [thing(things, value) for value in ALIEN], list(things.fields.all())
    assert as_marketer.get("/things/").context["list"].total == len(ALIEN)
    for record in records:
        assert details_of(record, fields)
        assert RecordForm(instance=record, entity_type=things).as_p()


def test_the_form_says_what_is_wrong_with_them(as_marketer: Client, things: EntityType) -> None:
    for value in ALIEN:
        typed = {f"f_{field.name}": str(value) for field in things.fields.all()}
        record = thing(things, value)
        form = RecordForm({"last_name": "It", **typed}, instance=record, entity_type=things)
        assert {"f_date", "f_link"} <= set(form.errors)
    assert as_marketer.post(f"{record.get_absolute_url()}edit/", {"last_name": "It", **typed}).status_code == 422


@pytest.mark.parametrize("zone", ["America/Lima", "Pacific/Auckland"])
@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+00:00", "9999-12-31T23:59:00+00:00"])
def test_a_moment_at_the_end_of_the_calendar_shows(zone: str, moment: str) -> None:
    field = EntityField(name="at", label="At", kind=FieldKind.DATE_TIME)
    with timezone.override(zone):
        assert show(field, moment) and plain_text(field, moment) and from_stored(field, moment)


def test_a_text_that_stands_in_a_link_is_shown(as_marketer: Client, things: EntityType) -> None:
    record = thing(things, "Gold")
    link = things.fields.get(kind=FieldKind.LINK)
    assert show(link, "Gold") == plain_text(link, "Gold") == "Gold"
    assert 'value="Gold"' in as_marketer.get(f"{record.get_absolute_url()}edit/").content.decode()


def test_ticked_is_no_record(things: EntityType) -> None:
    link = things.fields.get(kind=FieldKind.LINK)
    RecordFactory.create(pk=1)
    assert show(link, True) == "" and from_stored(link, 1) == Record.objects.get(pk=1)
