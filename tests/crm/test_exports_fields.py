"""Fields of every kind as a spreadsheet gets them; what came in by other ways and fits no kind stays text."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from crm.entities.export import custom_column
from crm.models import EntityField, EntityType, FieldKind
from tests.factories import RecordFactory

pytestmark = pytest.mark.django_db


def values_of(kind: FieldKind, values: list[Any], options: list[Any] | None = None) -> list[Any]:
    field = EntityField(
        entity_type=EntityType.objects.get(key="Contact"), name="x", label="X", kind=kind, options=options or []
    )
    column = custom_column(field)
    return list(column.of([({"x": value},) for value in values], {"values": 0}))


@pytest.mark.parametrize(
    ("kind", "stored", "value"),
    [
        (FieldKind.TEXT, "Lisbon", "Lisbon"),
        (FieldKind.NUMBER, -2.5, -2.5),
        (FieldKind.NUMBER, "many", "many"),
        (FieldKind.MONEY, 1200, 1200),
        (FieldKind.DATE, "2026-02-28", date(2026, 2, 28)),
        (FieldKind.DATE, "2026-02-30", "2026-02-30"),
        (FieldKind.DATE_TIME, "2026-02-28T12:00:00+00:00", datetime(2026, 2, 28, 12, tzinfo=UTC)),
        (FieldKind.DATE_TIME, "soon", "soon"),
        (FieldKind.CHECKBOX, True, "Yes"),
        (FieldKind.CHECKBOX, False, "No"),
        (FieldKind.CHOICES, ["red", "blue"], "red, blue"),
        (FieldKind.URL, "https://example.com", "https://example.com"),
        (FieldKind.LINK, "by name", "by name"),
        (FieldKind.LINK, 999_999, ""),
    ],
)
def test_a_value_has_its_kind(kind: FieldKind, stored: Any, value: Any) -> None:
    assert values_of(kind, [stored]) == [value]


@pytest.mark.parametrize("kind", FieldKind)
def test_nothing_is_an_empty_cell(kind: FieldKind) -> None:
    assert values_of(kind, [None])[0] in (None, "")


def test_links_are_names_and_cost_one_query_a_batch(django_assert_num_queries: Any) -> None:
    acme = RecordFactory.create(kind="Account", first_name="", last_name="", name="Acme")
    RecordFactory.create(kind="Account", first_name="", last_name="", name="Globex")
    EntityType.objects.get(key="Contact")
    with django_assert_num_queries(2):  # one of them for the type
        assert values_of(FieldKind.LINK, [acme.pk, None, acme.pk]) == ["Acme", "", "Acme"]
