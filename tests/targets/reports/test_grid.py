"""Grids: one statement for the groups and their figures, added up rightly."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from crm.models import EntityField, EntityType, FieldKind, Record
from targets.reports import ReportError
from targets.reports.grid import Grid, grid_of
from tests.factories import RecordFactory, ReportFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def contacts() -> EntityType:
    contact = EntityType.objects.get(key="Contact")
    for name, kind in {"revenue": FieldKind.MONEY, "since": FieldKind.DATE, "vip": FieldKind.CHECKBOX}.items():
        EntityField.objects.create(entity_type=contact, name=name, label=name.title(), kind=kind)
    return contact


def grid(groups: list[list[str]], *aggregates: list[str], **more: Any) -> Grid:
    return grid_of(ReportFactory(kind="grid", groups=groups, aggregates=aggregates, **more))


def shown(found: Grid) -> dict[str, list[float | None]]:
    """One dimension: name of the group → its figures."""
    tallies = found.along(0)
    return {
        found.name(0, group): [figure.of(tallies[group]) for figure in found.figures]
        for group in found.groups(0) if group in tallies
    }  # fmt: skip


@pytest.mark.usefixtures("contacts")
def test_every_figure_of_every_group() -> None:
    for country, revenue in [("Spain", 10), ("spain", 2.5), ("France", 4), ("France", None), ("France", "much")]:
        RecordFactory(values={"country": country, "revenue": revenue})
    RecordFactory(values={})
    figures = [["count", ""], ["sum", "f_revenue"], ["avg", "f_revenue"], ["min", "f_revenue"], ["max", "f_revenue"]]
    found = grid([["f_country", ""]], *figures)
    assert shown(found) == {
        "France": [3, 4, 4, 4, 4], "Spain": [2, 12.5, 6.25, 2.5, 10], "None": [1, None, None, None, None],
    }  # fmt: skip
    assert [figure.of(found.total) for figure in found.figures] == [6, 16.5, 5.5, 2.5, 10]


def test_two_dimensions_cross() -> None:
    ines, karim = UserFactory(first_name="Ines", last_name="R"), UserFactory(first_name="Karim", last_name="B")
    for owner, country in [(ines, "Spain"), (ines, "Spain"), (karim, "Spain"), (karim, "France")]:
        RecordFactory(owner=owner, values={"country": country})
    found = grid([["owner", ""], ["f_country", ""]])
    named = {(found.name(0, a), found.name(1, b)): tally.count for (a, b), tally in found.cells.items()}
    assert named == {("Ines R", "Spain"): 2, ("Karim B", "Spain"): 1, ("Karim B", "France"): 1}
    assert {found.name(1, group): tally.count for group, tally in found.along(1).items()} == {"Spain": 3, "France": 1}


def test_months_are_those_of_the_owner_and_have_no_gaps() -> None:
    for at in [datetime(2026, 1, 31, 23, 50, tzinfo=UTC), datetime(2026, 4, 1, 3, tzinfo=UTC)]:
        Record.objects.filter(pk=RecordFactory().pk).update(created_at=at)
    owner = UserFactory(time_zone="Asia/Kathmandu")  # 5:45 ahead: the first one is of February there
    found = grid([["created_at", "month"]], owner=owner)
    assert found.groups(0) == [date(2026, 2, 1), date(2026, 3, 1), date(2026, 4, 1)]
    assert found.name(0, date(2026, 3, 1)) == "March 2026"  # in which nobody was made
    assert shown(found) == {"February 2026": [1], "April 2026": [1]}
    found = grid([["created_at", "month"]], owner=UserFactory(time_zone="America/Lima"))
    assert shown(found) == {"January 2026": [1], "March 2026": [1]}


@pytest.mark.usefixtures("contacts")
@pytest.mark.parametrize(
    ("period", "names"),
    [
        ("day", ["31 Mar 2026", "1 Apr 2026"]),
        ("week", ["Week 14 of 2026"]),
        ("quarter", ["Q1 2026", "Q2 2026"]),
        ("year", ["2026"]),
    ],
)
def test_days_of_a_field_by_period(period: str, names: list[str]) -> None:
    for day in ["2026-03-31", "2026-04-01", "nonsense"]:
        RecordFactory(values={"since": day})
    assert list(shown(grid([["f_since", period]]))) == [*names, "None"]


@pytest.mark.parametrize("key", ["email_state", "email_domain", "owner", "language", "account", "f_vip", "f_country"])
@pytest.mark.usefixtures("contacts")
def test_every_dimension_counts_everybody(key: str) -> None:
    RecordFactory.create_batch(2)
    RecordFactory(email="", language="fr", values={"vip": True, "country": "Spain"})
    assert sum(tally.count for tally in grid([[key, ""]]).cells.values()) == 3


def test_the_criteria_narrow_the_grid() -> None:
    RecordFactory(values={"country": "Spain"})
    RecordFactory(values={"country": "France"})
    found = grid([["f_country", ""]], criteria={"none": [["f_country", "is", "france"]]})
    assert shown(found) == {"Spain": [1]}


def test_however_many_records_few_queries(django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    RecordFactory.create_batch(5, owner=UserFactory())
    report = ReportFactory(kind="grid", groups=[["owner", ""], ["created_at", "day"]])
    with django_assert_max_num_queries(6):
        grid_of(report)


@pytest.mark.parametrize(
    ("more", "text"),
    [
        ({"groups": [["f_gone", ""]]}, "cannot be grouped by “f_gone”"),
        ({"groups": [["owner", "month"]]}, "cannot be grouped by “owner”"),
        ({"groups": []}, "Choose what"),
        ({"groups": [["owner", ""]], "aggregates": [["sum", "f_gone"]]}, "“f_gone” cannot be reckoned"),
        ({"groups": [["owner", ""]], "aggregates": [["median", "f_revenue"]]}, "“f_revenue” cannot be reckoned"),
    ],
)
def test_what_cannot_be_reckoned_is_said(more: dict[str, Any], text: str) -> None:
    with pytest.raises(ReportError, match=text):
        grid_of(ReportFactory(kind="grid", **more))


def test_too_many_groups_are_refused(settings: Any) -> None:
    settings.HERALD_REPORT_GROUPS = 2
    for country in ("Spain", "France", "Indonesia"):
        RecordFactory(values={"country": country})
    with pytest.raises(ReportError, match="more than 2 groups"):
        grid([["f_country", ""]])
