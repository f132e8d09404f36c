"""Periods cover the calendar without gap or overlap, and figures add up however groups are cut."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from targets.reports.figures import Aggregate, Figure, Numbers, Tally, added_up
from targets.reports.periods import Period

PERIODS = st.sampled_from(list(Period))
DAYS = st.one_of(st.dates(), st.sampled_from([date.min, date.max, date(2024, 2, 29), date(2026, 12, 31)]))


@given(PERIODS, DAYS)
def test_every_day_lies_in_exactly_one_period(period: Period, day: date) -> None:
    first = period.begins(day)
    last = period.ends(first)
    assert first <= day <= last
    assert period.begins(first) == period.begins(last) == first
    if last < date.max:
        assert period.begins(last + timedelta(days=1)) == last + timedelta(days=1)


@given(PERIODS, st.dates(date(1990, 1, 1), date(2040, 1, 1)), st.integers(0, 900))
def test_periods_between_two_days_are_all_and_in_order(period: Period, first: date, days: int) -> None:
    last = first + timedelta(days=days)
    found = list(period.between(first, last))
    assert found == sorted({period.begins(first + timedelta(days=n)) for n in range(days + 1)})


NUMBERS = st.lists(st.integers(-1000, 1000), max_size=8)
FIGURES = [Figure(aggregate, "" if aggregate is Aggregate.COUNT else "f_x", aggregate) for aggregate in Aggregate]


def tally(values: list[int]) -> Tally:
    low, high = min(values, default=None), max(values, default=None)
    return Tally(len(values), {"f_x": Numbers(len(values), sum(values), low, high)})


@given(st.lists(NUMBERS, max_size=5))
def test_the_figures_of_a_whole_are_those_of_its_parts_together(parts: list[list[int]]) -> None:
    whole = [value for part in parts for value in part]
    together = added_up([tally(part) for part in parts], FIGURES)
    assert [figure.of(together) for figure in FIGURES] == [figure.of(tally(whole)) for figure in FIGURES]
    assert FIGURES[2].of(together) == (sum(whole) / len(whole) if whole else None)
