"""Generated records and generated trees: the rows that the database finds are those that plain Python finds."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm.criteria import Fields, Kind, Takes, parse, to_json, to_q
from crm.entities.criteria import fields_of
from crm.models import EmailAddress, EntityField, EntityType, FieldKind, Record, User
from targets.models import Membership, TargetList
from tests.crm.criteria.evaluator import Row, holds
from tests.examples import examples
from tests.factories import RecordFactory, TargetListFactory, UserFactory

pytestmark = pytest.mark.django_db
OPTIONS = ["Bleu", "Prune d'été", 'a"b\\c', "100%"]
# Letters whose upper and lower case are one to one in every Unicode table, and what LIKE and regular expressions mean.
WORDS = st.text(alphabet="aAbBéÉñÑжЖ %_\\.*'\"[(-0", max_size=6)
NUMBERS = st.one_of(st.integers(-20, 20), st.sampled_from([0.1, 10.5, -3.25, 1e14]))
NEAR = st.integers(-40, 40).map(lambda days: timezone.localdate() + timedelta(days=days))
DAYS = st.one_of(NEAR, st.dates(date(1, 1, 1), date(9999, 12, 31)))
MOMENTS = st.one_of(
    st.builds(lambda d, h: datetime(d.year, d.month, d.day, h, 30, tzinfo=UTC), NEAR, st.integers(0, 23)),
    st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)),
)
WRONG = st.sampled_from([None, "", [], "x", 7, True, ["y"], {}])
VALUES: dict[str, st.SearchStrategy[Any]] = {
    FieldKind.TEXT: WORDS,
    FieldKind.NUMBER: NUMBERS,
    FieldKind.DATE: DAYS.map(date.isoformat),
    FieldKind.DATE_TIME: MOMENTS.map(datetime.isoformat),
    FieldKind.CHECKBOX: st.booleans(),
    FieldKind.CHOICE: st.sampled_from(OPTIONS),
    FieldKind.CHOICES: st.lists(st.sampled_from(OPTIONS), unique=True),
    FieldKind.LINK: st.integers(1, 3),
}
NAMES = {FieldKind(kind): f"my_{kind}" for kind in VALUES}
# A day or moment that is not one has no place in time: Python and text order need not agree about it.
UNSURE = {FieldKind.DATE, FieldKind.DATE_TIME}


def values() -> st.SearchStrategy[dict[str, Any]]:
    kinds = {
        NAMES[FieldKind(kind)]: value if kind in UNSURE else st.one_of(value, WRONG) for kind, value in VALUES.items()
    }
    return st.fixed_dictionaries({}, optional=kinds)


PEOPLE = st.lists(
    st.tuples(values(), WORDS, MOMENTS, st.sampled_from(["", "listed", "opted-out", "invalid"]), st.integers(0, 8)),
    min_size=1,
    max_size=5,
)


@pytest.fixture
def world() -> tuple[EntityType, Fields, list[TargetList], User]:
    guests = EntityType.objects.create(key="Guest", slug="guests", label_singular="Guest", label_plural="Guests")
    for kind, name in NAMES.items():
        EntityField.objects.create(entity_type=guests, name=name, label=name, kind=kind, options=OPTIONS)
    lists, owner = TargetListFactory.create_batch(2), UserFactory.create()
    return guests, fields_of(guests, owner), lists, owner


def condition(fields: Fields) -> st.SearchStrategy[list[Any]]:
    usable = [field for field in fields.values() if field.kind is not Kind.EVENT]
    asked = [(field, name, operator.takes) for field in usable for name, operator in field.usable.items()]

    def made(choice: Any) -> st.SearchStrategy[list[Any]]:
        field, name, takes = choice
        if takes is Takes.NOTHING:
            return st.just([field.key, name])
        return _value(field, takes).map(lambda value: [field.key, name, value])

    return st.sampled_from(asked).flatmap(made)


def _value(field: Any, takes: Takes) -> st.SearchStrategy[Any]:
    day = DAYS.map(date.isoformat)
    found: dict[Takes, st.SearchStrategy[Any]] = {
        Takes.TEXT: WORDS.filter(str.strip),
        Takes.NUMBER: NUMBERS,
        Takes.NUMBERS: st.tuples(NUMBERS, NUMBERS).map(list),
        Takes.DAY: day,
        Takes.DAYS: st.tuples(day, day).map(list),
        Takes.COUNT: st.integers(0, 60),
        Takes.RECORD: st.integers(1, 3),
    }
    if takes is Takes.OPTIONS:
        known = [str(value) for value, _label in field.options()]
        return st.lists(st.sampled_from(known), min_size=1, max_size=3, unique=True)
    return found[takes]


def trees(fields: Fields) -> st.SearchStrategy[Any]:
    group = st.sampled_from(["all", "any", "none"])
    return st.recursive(
        condition(fields),
        lambda inner: st.builds(lambda mode, members: {mode: members}, group, st.lists(inner, max_size=3)),
        max_leaves=8,
    ).filter(lambda tree: _depth(tree) <= 5)


def _depth(tree: Any) -> int:
    return 1 + max((_depth(one) for one in next(iter(tree.values()))), default=0) if isinstance(tree, dict) else 0


@given(data=st.data())
@settings(max_examples=examples(150), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_database_finds_the_rows_that_python_finds(
    world: tuple[EntityType, Fields, list[TargetList], User], data: st.DataObject
) -> None:
    guests, fields, lists, owner = world
    Record.objects.filter(entity_type=guests).delete()
    rows = [make(guests, lists, owner, person) for person in data.draw(PEOPLE)]
    tree = parse(data.draw(trees(fields)), fields)
    assert parse(to_json(tree), fields) == tree
    found = set(Record.objects.filter(to_q(tree, fields), entity_type=guests).values_list("pk", flat=True))
    assert found == {row["pk"] for row in rows if holds(tree, row, fields)}


def make(guests: EntityType, lists: list[TargetList], owner: User, person: Any) -> Row:
    """The record in the database and as a row of plain values."""
    values, name, moment, state, number = person
    address = None
    if state:
        normalized = f"{number}{state}@example.com"
        address = EmailAddress.objects.update_or_create(
            normalized=normalized,
            defaults={
                "address": normalized,
                "opted_out_at": moment if state == "opted-out" else None,
                "invalid_at": moment if state == "invalid" else None,
            },
        )[0]
    record = RecordFactory.create(
        kind="Guest", first_name="", last_name="", name=name, email_address=address, values=values,
        owner=owner if number % 2 else None, language="fr" if number % 3 else "",
    )  # fmt: skip
    Record.objects.filter(pk=record.pk).update(created_at=moment)
    on = [one for at, one in enumerate(lists) if number >> at & 1]
    gone = on if number > 4 else []
    Membership.objects.bulk_create(
        Membership(target_list=one, record=record, opted_out_at=moment if one in gone else None) for one in on
    )
    return {
        **{f"f_{key}": value for key, value in values.items()},
        "pk": record.pk,
        "name": name,
        "first_name": "",
        "last_name": "",
        "salutation": "",
        "phone": "",
        "description": "",
        "email": address.normalized if address else None,
        "email_state": {state or "none"},
        "account": None,
        "owner": {"me", str(owner.pk)} if number % 2 else None,
        "language": "fr" if number % 3 else "",
        "created_at": moment,
        "modified_at": record.modified_at,
        "target_list": {str(one.pk) for one in on},
        "opted_out_of": {str(one.pk) for one in gone},
    }
