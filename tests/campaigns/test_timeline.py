"""The numbers over time, beside counting the same events one by one in Python."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from campaigns.models import Action, Campaign, LogRecord
from campaigns.timeline import (
    HOURS_SHOWN,
    Quarter,
    Slot,
    Unit,
    fitting_unit,
    quarters_of_campaign,
    quarters_of_url,
    spark,
    timeline,
    widened,
)
from tests.examples import examples
from tests.factories import CampaignFactory, TrackingUrlFactory

ZONES = ["UTC", "Europe/Madrid", "Asia/Kolkata", "Asia/Kathmandu", "America/St_Johns", "Australia/Eucla"]
AUTUMN = datetime(2026, 10, 25, tzinfo=UTC)  # clocks go back in Europe at 01:00 UTC


@pytest.fixture
def campaign(db: None) -> Campaign:
    return CampaignFactory.create()


def log(campaign: Campaign, action: Action, at: datetime, **more: Any) -> None:
    item = LogRecord.objects.count() + 1
    LogRecord.objects.create(campaign_id=campaign.pk, queue_item_id=item, action=action, at=at, **more)


def in_sum(slots: list[Slot] | Any) -> tuple[int, int, int, int]:
    return tuple(sum(getattr(slot, name) for slot in slots) for name in ("sent", "opened", "clicked", "by_machine"))


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("unit", list(Unit))
def test_every_slot_holds_what_counting_by_hand_finds(campaign: Campaign, zone: str, unit: Unit) -> None:
    moments = [AUTUMN + timedelta(minutes=37 * number, seconds=number) for number in range(90)]
    for number, at in enumerate(moments):
        log(campaign, (Action.OPENED, Action.CLICKED, Action.SENT)[number % 3], at, is_machine=number % 7 == 0)
    log(campaign, Action.OPENED, moments[3], is_test=True)
    log(campaign, Action.BOUNCED, moments[4])
    log(CampaignFactory.create(), Action.OPENED, moments[5])
    own = ZoneInfo(zone)
    shown = timeline(quarters_of_campaign(campaign, with_sent=True), unit, own)
    wanted: Counter[tuple[datetime, str]] = Counter()
    for row in LogRecord.objects.filter(campaign_id=campaign.pk, is_test=False).exclude(action=Action.BOUNCED):
        name = "by_machine" if row.is_machine else Action(row.action).name.lower()
        local = row.at.astimezone(own)
        begins = local.replace(minute=0, second=0, microsecond=0, **({"hour": 0} if unit is Unit.DAY else {}))
        wanted[begins.astimezone(UTC), name] += 1
    found = {
        (slot.begins.astimezone(UTC), name): value
        for slot in shown.slots
        for name in ("sent", "opened", "clicked", "by_machine")
        if (value := getattr(slot, name))
    }
    assert found == dict(wanted)


def test_the_hour_that_comes_twice_is_two_slots_of_the_same_name(campaign: Campaign) -> None:
    for minutes in (0, 45, 60, 119):
        log(campaign, Action.OPENED, AUTUMN + timedelta(minutes=minutes))
    slots = timeline(quarters_of_campaign(campaign), Unit.HOUR, ZoneInfo("Europe/Madrid")).slots
    assert [(slot.begins.hour, slot.opened) for slot in slots] == [(2, 2), (2, 2)]
    assert len({slot.begins.astimezone(UTC) for slot in slots}) == 2


@settings(max_examples=examples(60), deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 4 * 24 * 40), st.sampled_from(list(Action)[:3]), st.booleans(), st.integers(1, 9))
    ),
    st.sampled_from(ZONES),
    st.sampled_from(list(Unit)),
)
def test_windows_divide_all_events_without_gap_or_overlap(
    rows: list[tuple[int, Action, bool, int]], zone: str, unit: Unit
) -> None:
    begin = int(AUTUMN.timestamp()) // 900
    quarters = [Quarter(begin + at, action, machine, number) for at, action, machine, number in rows]
    windows = [timeline(quarters, unit, ZoneInfo(zone))]
    while windows[-1].has_earlier:
        windows.append(timeline(quarters, unit, ZoneInfo(zone), windows[-1].back + 1))
    slots = [slot for window in reversed(windows) for slot in window.slots]
    assert sum(in_sum(slots)) == sum(quarter.number for quarter in quarters)
    begins = [slot.begins.astimezone(UTC) for slot in slots]
    assert begins == sorted(set(begins))
    if unit is Unit.HOUR:
        assert all(after - before == timedelta(hours=1) for before, after in zip(begins, begins[1:], strict=False))
        assert all(len(window.slots) <= HOURS_SHOWN for window in windows)


def test_a_week_is_shown_by_the_hour_and_more_by_the_day() -> None:
    week = [Quarter(0, Action.OPENED, False, 1), Quarter(7 * 24 * 4, Action.OPENED, False, 1)]
    assert fitting_unit([]) is Unit.HOUR
    assert fitting_unit(week) is Unit.HOUR
    assert fitting_unit([*week, Quarter(7 * 24 * 4 + 1, Action.OPENED, False, 1)]) is Unit.DAY


def test_a_start_is_marked_in_its_slot_and_nowhere_when_it_lies_outside() -> None:
    shown = timeline([Quarter(0, Action.OPENED, False, 1), Quarter(8, Action.OPENED, False, 1)], Unit.HOUR, UTC)
    shown.mark("Launch", datetime(1970, 1, 1, 1, 59, tzinfo=UTC))
    shown.mark("Later", datetime(1970, 1, 1, 3, 0, tzinfo=UTC))
    shown.mark("Before", datetime(1969, 12, 31, 23, 59, tzinfo=UTC))
    assert [slot.started for slot in shown.slots] == [[], ["Launch"], []]


@pytest.mark.parametrize(("unit", "fewest"), [(Unit.HOUR, 12), (Unit.DAY, 7)])
@given(zone=st.sampled_from(ZONES), number=st.integers(1, 30))
@settings(max_examples=examples(30), deadline=None)
def test_a_short_course_begins_before_the_first_event(unit: Unit, fewest: int, zone: str, number: int) -> None:
    first = int((AUTUMN - timedelta(hours=20)).timestamp()) // 900
    shown = timeline([Quarter(first + 4 * at, Action.OPENED, False, 1) for at in range(number)], unit, ZoneInfo(zone))
    wide = widened(shown)
    assert len(wide.slots) == max(fewest, len(shown.slots))
    assert list(wide.slots)[len(wide.slots) - len(shown.slots) :] == list(shown.slots)
    begins = [slot.begins.timestamp() for slot in wide.slots]
    steps = {later - earlier for earlier, later in zip(begins, begins[1:], strict=False)}
    assert steps <= ({3600.0} if unit is Unit.HOUR else {23 * 3600.0, 24 * 3600.0, 25 * 3600.0})


@pytest.mark.parametrize("unit", list(Unit))
@pytest.mark.parametrize("zone", ZONES)
def test_a_start_is_shown_though_the_first_event_came_later(zone: str, unit: Unit) -> None:
    start = AUTUMN - timedelta(minutes=70)
    opened = [Quarter(int(AUTUMN.timestamp()) // 900 + 4 * at, Action.OPENED, False, 1) for at in range(100)]
    shown = widened(timeline(opened, unit, ZoneInfo(zone)), [start, start - timedelta(days=30)])
    shown.mark("Launch", start)
    assert [slot.started for slot in shown.slots if slot.started] == [["Launch"]]
    assert shown.total("opened") == 100


def test_clicks_of_one_tracking_url_alone(campaign: Campaign) -> None:
    url, other = TrackingUrlFactory.create(campaign=campaign), TrackingUrlFactory.create(campaign=campaign)
    for link, one in enumerate([url, url, other]):
        log(campaign, Action.CLICKED, AUTUMN, tracking_url_id=one.pk, link_id=link)
    assert in_sum(timeline(quarters_of_url(url), Unit.DAY, UTC).slots) == (0, 0, 2, 0)


def test_all_events_are_added_up_in_two_statements(campaign: Campaign, django_assert_num_queries: Any) -> None:
    for number in range(30):
        log(campaign, Action.OPENED, AUTUMN + timedelta(hours=number))
    with django_assert_num_queries(2):
        quarters_of_campaign(campaign)


@pytest.mark.parametrize(
    ("values", "points"),
    [([], ""), ([5], ""), ([0, 0], ""), ([0, 4], "0.0,30.0 88.0,2.0"), ([4, 0, 2], "0.0,2.0 44.0,30.0 88.0,16.0")],
)
def test_a_sparkline_reaches_from_edge_to_edge(values: list[int], points: str) -> None:
    assert spark(values) == points
    assert len(spark(list(range(500))).split()) <= 16
