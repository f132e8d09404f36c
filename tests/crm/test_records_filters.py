"""The filters of a type's list, in the operators that fit each kind of field."""

import json

import pytest
from django.test import Client

from crm.models import EntityField, EntityType, FieldKind, Record, User
from tests.factories import RecordFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def guests() -> EntityType:
    made = EntityType.objects.create(key="Guest", slug="guests", label_singular="Guest", label_plural="Guests")
    kinds = {
        "word": FieldKind.TEXT, "number": FieldKind.NUMBER, "day": FieldKind.DATE, "moment": FieldKind.DATE_TIME,
        "tick": FieldKind.CHECKBOX, "colour": FieldKind.CHOICE, "colours": FieldKind.CHOICES,
    }  # fmt: skip
    for name, kind in kinds.items():
        EntityField.objects.create(
            entity_type=made, name=name, label=name, kind=kind, options=["Bleu", "Prune d'été"], on_list=True
        )
    values = [
        {"word": "Alpha", "number": 9, "day": "2026-01-31", "moment": "2026-01-31T10:00:00+00:00", "tick": True,
         "colour": "Bleu", "colours": ["Bleu", "Prune d'été"]},
        {"word": "beta 50%", "number": 10.5, "day": "2026-02-01", "moment": "2026-02-01T10:00:00+00:00", "tick": False,
         "colour": "Prune d'été", "colours": ["Prune d'été"]},
        {},
    ]  # fmt: skip
    for name, value in zip("abc", values, strict=True):
        RecordFactory.create(kind="Guest", first_name="", last_name=name, values=value)
    return made


@pytest.mark.usefixtures("guests")
@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("f_word=ALPH", "a"),
        ("f_word=%25", "b"),
        ("f_number_from=9.5", "b"),
        ("f_number_from=9&f_number_to=10", "a"),
        ("f_number_from=nonsense", "abc"),
        ("f_day_from=2026-02-01", "b"),
        ("f_day_to=2026-01-31", "a"),
        ("f_day_to=2026-02-31", "abc"),
        ("f_moment_to=2026-01-31", "a"),
        ("f_moment_from=2026-01-31", "ab"),
        ("f_tick=yes", "a"),
        ("f_tick=no", "bc"),
        ("f_colour=Bleu", "a"),
        ("f_colour=Rouge", "abc"),
        ("f_colours=Prune+d%27%C3%A9t%C3%A9", "ab"),
        ("f_colours=Bleu", "a"),
        ("sort=f_number", "abc"),
        ("sort=-f_word", "bac"),
    ],
)
def test_a_filter_finds_by_the_value_of_its_field(as_viewer: Client, query: str, expected: str) -> None:
    listing = as_viewer.get(f"/guests/?{query}").context["list"]
    assert "".join(line.row.last_name for line in listing.lines()) == expected


def test_owner_and_day_of_creation(as_viewer: Client, marketer: User) -> None:
    mine = RecordFactory.create(owner=marketer)
    RecordFactory.create()
    rows = as_viewer.get(f"/contacts/?owner={marketer.pk}&created_from=2020-01-01").context["list"].lines()
    assert [line.row for line in rows] == [mine]
    assert not as_viewer.get("/contacts/?created_to=2020-01-01").context["list"].lines()


@pytest.mark.parametrize("text", ["ines roc", "INES@ROCHA", "600 77"])
def test_search_looks_at_name_address_and_phone(as_viewer: Client, text: str) -> None:
    RecordFactory.create(first_name="Ines", last_name="Rocha", email="ines@rocha.example.com", phone="+34 600 77")
    RecordFactory.create(first_name="Ines", last_name="Other", email="other@example.com")
    listing = as_viewer.get("/contacts/", {"q": text}).context["list"]
    assert [line.row.last_name for line in listing.lines()] == ["Rocha"]


def test_values_are_shown_in_the_language_of_the_reader(as_viewer: Client, viewer: User, guests: EntityType) -> None:
    User.objects.filter(pk=viewer.pk).update(language="fr")
    record = Record.objects.get(entity_type=guests, last_name="b")
    page = as_viewer.get(f"/guests/{record.pk}/").content.decode()
    assert "10,5" in page
    assert "1 février 2026" in page
    assert "Non" in page


@pytest.mark.parametrize("asked", ["contains:álag", "starts:MÁL", "ends:LAGÁ", "is:málagÁ", "contains:жЁ", "is:málagá"])
def test_a_condition_on_a_field_knows_the_case_of_every_letter(
    guests: EntityType, as_viewer: Client, asked: str
) -> None:
    Record.objects.filter(name="a").update(values={"word": "MÁLAGá" if "ж" not in asked else "ёжик, Жё"})
    operator, value = asked.split(":")
    where = json.dumps({"all": [["f_word", operator, value]]})
    assert [row.name for row in as_viewer.get("/guests/", {"where": where}).context["list"].page] == ["a"]
