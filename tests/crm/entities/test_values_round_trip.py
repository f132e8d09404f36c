"""Values of every kind survive form → JSON → form, and show as text."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django import forms
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from crm.entities.criteria import fields_of
from crm.entities.kinds import KINDS
from crm.entities.values import control, from_stored, places_of, plain_text, show, to_stored
from crm.models import EntityField, EntityType, FieldKind
from tests.factories import EntityFieldFactory, EntityTypeFactory, RecordFactory

CHOICES = ["Gold", "Silver & Co", "<b>Bronze</b>", "Ärger", "a, b"]
LINE = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=60)
TYPED: dict[FieldKind, st.SearchStrategy[Any]] = {
    FieldKind.TEXT: LINE,
    FieldKind.LONG_TEXT: st.lists(LINE, min_size=1, max_size=4).map("\n".join),
    FieldKind.NUMBER: st.decimals(-999_999_999, 999_999_999, places=6).map(str),
    FieldKind.MONEY: st.decimals(-9_999_999_999, 9_999_999_999, places=2).map(str),
    FieldKind.DATE: st.dates().map(date.isoformat),
    FieldKind.DATE_TIME: st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1)).map(
        lambda moment: moment.replace(second=0, microsecond=0).strftime("%Y-%m-%dT%H:%M")
    ),
    FieldKind.CHECKBOX: st.sampled_from(["on", ""]),
    FieldKind.CHOICE: st.sampled_from(CHOICES),
    FieldKind.CHOICES: st.lists(st.sampled_from(CHOICES), min_size=1, unique=True),
    FieldKind.URL: st.sampled_from(["https://example.com/a?b=c&d=%20#e", "http://münchen.example/ä"]),
    FieldKind.EMAIL: st.sampled_from(["Ines@example.com", "x+y@sub.example.org"]),
    FieldKind.PHONE: st.from_regex(r"\+[0-9]{6,14}", fullmatch=True),
}


def field_of(kind: FieldKind) -> EntityField:
    return EntityField(name="value", label="Value", kind=kind, options=CHOICES if "choice" in kind else [])


def test_every_kind_is_known_everywhere() -> None:
    assert set(TYPED) | {FieldKind.LINK} == set(FieldKind) == set(KINDS)


@pytest.mark.parametrize("kind", list(TYPED))
@settings(deadline=None)
@given(data=st.data())
def test_what_is_typed_comes_back(kind: FieldKind, data: st.DataObject) -> None:
    field = field_of(kind)
    shown = control(field)
    cleaned = shown.clean(data.draw(TYPED[kind]))
    stored = json.loads(json.dumps(to_stored(cleaned)))
    again = shown.clean(shown.prepare_value(from_stored(field, stored)))
    assert again == cleaned
    assert to_stored(again) == stored
    assert isinstance(show(field, stored), str) and isinstance(plain_text(field, stored), str)


@pytest.mark.parametrize("kind", list(FieldKind))
@settings(deadline=None)
@given(value=st.one_of(st.none(), st.booleans(), st.integers(-9, 9), st.floats(allow_nan=False), st.text(max_size=9),
                       st.lists(st.text(max_size=5), max_size=3)))  # fmt: skip
def test_a_value_of_another_kind_shows_without_trouble(kind: FieldKind, value: Any) -> None:
    """As after an import of long ago, or in the middle of a change of kind."""
    if kind != FieldKind.LINK or not isinstance(value, int):  # which asks the database
        assert isinstance(show(field_of(kind), value), str)


def test_a_moment_is_kept_in_utc() -> None:
    with timezone.override("Europe/Madrid"):
        cleaned = control(field_of(FieldKind.DATE_TIME)).clean("2026-07-01T12:00")
        assert to_stored(cleaned) == datetime(2026, 7, 1, 10, tzinfo=UTC).isoformat()


def test_a_whole_number_takes_no_decimals() -> None:
    whole = EntityField(name="value", label="Value", kind=FieldKind.NUMBER, options=[0])
    assert control(whole).clean("12") == Decimal(12)
    with pytest.raises(forms.ValidationError):
        control(whole).clean("12.5")
    assert places_of(EntityField(kind=FieldKind.NUMBER, options=["x"])) == 6


@pytest.mark.django_db
def test_a_link_comes_back_as_its_record() -> None:
    coach = RecordFactory.create(last_name="Coach")
    field = EntityField(name="coach", label="Coach", kind=FieldKind.LINK, options=["Contact"])
    cleaned = control(field).clean(coach.name)
    assert from_stored(field, json.loads(json.dumps(to_stored(cleaned)))) == coach


@pytest.mark.django_db
def test_criteria_know_every_kind() -> None:
    entity_type = EntityTypeFactory.create()
    for kind in FieldKind:
        EntityFieldFactory.create(entity_type=entity_type, kind=kind, name=f"of{kind.replace('_', '')}")
    assert len([key for key in fields_of(EntityType.objects.get(pk=entity_type.pk)) if key.startswith("f_")]) == 13
