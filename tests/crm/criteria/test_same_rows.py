"""Generated records and generated trees: the rows that the database finds are those that plain Python finds."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from campaigns.models import Action, LogRecord, MassEmail, TrackingUrl
from crm.criteria import Fields, Part, Takes, parse, to_json, to_q
from crm.entities.criteria import fields_of
from crm.models import EmailAddress, EntityField, EntityType, FieldKind, Record, User
from targets.models import Membership, TargetList
from tests.crm.criteria.evaluator import Row, holds
from tests.examples import examples
from tests.factories import MassEmailFactory, RecordFactory, TargetListFactory, TrackingUrlFactory, UserFactory

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


DID = {
    "sent": Action.SENT, "opened": Action.OPENED, "clicked": Action.CLICKED, "bounced": Action.BOUNCED,
    "opted_out": Action.OPTED_OUT, "opted_in": Action.OPTED_IN,
}  # fmt: skip
# what, through which of two mass emails, with which of two links, when, which bounce, whether it does not count
EVENTS = st.lists(
    st.tuples(
        st.sampled_from(sorted(DID)), st.integers(0, 1), st.integers(0, 1), MOMENTS, st.sampled_from(["hard", "soft"]),
        st.sampled_from(["", "", "", "is_test", "is_machine"]),
    ),
    max_size=6,
)  # fmt: skip
PEOPLE = st.lists(
    st.tuples(
        values(), WORDS, MOMENTS, st.sampled_from(["", "listed", "opted-out", "invalid"]), st.integers(0, 8), EVENTS
    ),
    min_size=1,
    max_size=5,
)
ZONES = st.sampled_from(["UTC", "Asia/Kathmandu", "America/Lima", "Pacific/Kiritimati", "America/New_York"])
World = tuple[EntityType, Fields, list[TargetList], User, list[MassEmail], list[TrackingUrl]]


@pytest.fixture
def world() -> World:
    guests = EntityType.objects.create(key="Guest", slug="guests", label_singular="Guest", label_plural="Guests")
    for kind, name in NAMES.items():
        EntityField.objects.create(entity_type=guests, name=name, label=name, kind=kind, options=OPTIONS)
    lists, owner = TargetListFactory.create_batch(2), UserFactory.create()
    emails = MassEmailFactory.create_batch(2)
    urls = [TrackingUrlFactory.create(campaign=email.campaign) for email in emails]
    return guests, fields_of(guests, owner), lists, owner, emails, urls


def condition(fields: Fields) -> st.SearchStrategy[list[Any]]:
    asked = [(field, name, operator.takes) for field in fields.values() for name, operator in field.usable.items()]

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
    if takes is Takes.PARTS:
        return st.tuples(*(_part(part) for part in field.parts)).map(list)
    return found[takes]


def _part(part: Part) -> st.SearchStrategy[Any]:
    """Mostly empty, or hardly any event would fit them all."""
    if part.options:
        given: st.SearchStrategy[Any] = st.sampled_from([str(value) for value, _label in part.options()])
    elif part.takes is Takes.DAY:
        given = DAYS.map(date.isoformat)
    else:
        given = st.integers(part.least, 3 if part.least else 60)
    return st.one_of(st.just(""), st.just(""), given)


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
def test_the_database_finds_the_rows_that_python_finds(world: World, data: st.DataObject) -> None:
    guests, fields = world[:2]
    Record.objects.filter(entity_type=guests).delete()
    LogRecord.objects.all().delete()
    rows = [make(world, person) for person in data.draw(PEOPLE)]
    settle(rows)
    with timezone.override(data.draw(ZONES)):
        tree = parse(data.draw(trees(fields)), fields)
        assert parse(to_json(tree), fields) == tree
        found = set(Record.objects.filter(to_q(tree, fields), entity_type=guests).values_list("pk", flat=True))
        assert found == {row["pk"] for row in rows if holds(tree, row, fields)}


def settle(rows: list[Row]) -> None:
    """What is known of an address when all people are there: two of them may have the same one."""
    for row in rows:
        if row["email"]:
            address = EmailAddress.objects.get(normalized=row["email"])
            row |= {"opted_out_at": address.opted_out_at, "invalid_at": address.invalid_at}
            if [other["email"] for other in rows].count(row["email"]) > 1:
                row["email_state"].add("shared")


def make(world: World, person: Any) -> Row:
    """The record in the database and as a row of plain values."""
    guests, _fields, lists, owner, emails, urls = world
    values, name, moment, state, number, events = person
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
        **{action: happen(record, action, events, emails, urls) for action in DID},
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
        "listed_on": {str(one.pk) for one in on if one not in gone},
        "opted_out_of": {str(one.pk) for one in gone},
        "opted_out_at": None,
        "invalid_at": None,
    }


def happen(record: Record, action: str, events: Any, emails: list[MassEmail], urls: list[TrackingUrl]) -> list[Row]:
    """What of the events is of this action: in the log, and as rows less those that do not count."""
    found = []
    for at_email, at_url, at, bounce, uncounted in [event[1:] for event in events if event[0] == action]:
        email, url = emails[at_email], urls[at_url] if action == "clicked" else None
        kind = bounce if action == "bounced" else ""
        LogRecord.objects.create(
            campaign_id=email.campaign_id, mass_email_id=email.pk, record_id=record.pk, action=DID[action], at=at,
            tracking_url_id=url and url.pk, bounce=kind, **({uncounted: True} if uncounted else {}),
        )  # fmt: skip
        if not uncounted:
            row = {"campaign": str(email.campaign_id), "mass_email": str(email.pk), "at": at, "bounce": kind}
            found.append({**row, "tracking_url": str(url.pk) if url else None})
    return found
