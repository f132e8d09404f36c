"""The same criteria in plain Python, over dictionaries: what the database must agree with.

It borrows nothing from the engine but the names of the operators: days are compared as days of the reader's time zone,
events are counted one by one.
"""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from django.utils import timezone

from crm.criteria import Condition, Fields, Group, Kind, Mode
from crm.criteria.operators import OPPOSITES

# Field key → value; email_state and the target lists are sets of option values, what a person did is a list of events,
# each with campaign, mass_email, tracking_url (texts), at (a moment) and bounce.
Row = dict[str, Any]
# The parts of a condition about events, in the order in which it has them.
_LATE = ("mass_email", "first", "last", "times")
PARTS = {
    "clicked": ("campaign", "days", "tracking_url", *_LATE),
    "bounced": ("campaign", "days", *_LATE, "bounce"),
    **dict.fromkeys(("sent", "opened", "opted_out", "opted_in"), ("campaign", "days", *_LATE)),
}


def holds(node: Condition | Group, row: Row, fields: Fields) -> bool:
    if isinstance(node, Group):
        found = [holds(member, row, fields) for member in node.members]
        if not found:
            return True
        return {Mode.ALL: all(found), Mode.ANY: any(found), Mode.NONE: not any(found)}[node.mode]
    opposite = OPPOSITES.get(node.operator)
    if fields[node.field].kind is Kind.EVENT:
        return _did(node, row[node.field]) != bool(opposite)
    answer = _asked(fields[node.field].kind, opposite or node.operator, row.get(node.field), node.value)
    return not answer if opposite else answer


def _asked(kind: Kind, operator: str, stored: Any, value: Any) -> bool:
    if operator == "empty":
        return stored is None or stored == "" or stored == []
    return _ASK[kind](operator, stored, value)


def _text(operator: str, stored: Any, value: str) -> bool:
    if not isinstance(stored, str):
        return False
    whole, part = stored.lower(), value.lower()
    return {
        "contains": part in whole,
        "starts": whole.startswith(part),
        "ends": whole.endswith(part),
        "is": whole == part,
    }[operator]


def _number(operator: str, stored: Any, value: Any) -> bool:
    if isinstance(stored, bool) or not isinstance(stored, int | float):
        return False
    if operator == "between":
        return bool(value[0] <= stored <= value[1])
    return {
        "eq": stored == value,
        "lt": stored < value,
        "le": stored <= value,
        "gt": stored > value,
        "ge": stored >= value,
    }[operator]


def _date(operator: str, stored: Any, value: Any) -> bool:
    return isinstance(stored, str) and _lies(operator, date.fromisoformat(stored), value)


def _lies(operator: str, day: date, value: Any) -> bool:
    today = timezone.localdate()
    away = (day - today).days
    return {
        "on": lambda: day == value,
        "before": lambda: day < value,
        "after": lambda: day > value,
        "between": lambda: value[0] <= day <= value[1],
        "last_days": lambda: -value <= away <= 0,
        "next_days": lambda: 0 <= away <= value,
        "older_days": lambda: away < -value,
        "today": lambda: away == 0,
        "this_month": lambda: (day.year, day.month) == (today.year, today.month),
    }[operator]()


def _moment(operator: str, stored: Any, value: Any) -> bool:
    if isinstance(stored, str):
        stored = datetime.fromisoformat(stored)
    if not isinstance(stored, datetime):
        return False
    return _lies(operator, timezone.localtime(stored).date(), value)


def _did(node: Condition, events: list[Row]) -> bool:
    asked = dict(zip(PARTS[node.field], node.value, strict=True))
    return sum(_fits(event, asked) for event in events) >= (asked["times"] or 1)


def _fits(event: Row, asked: Row) -> bool:
    same = ("campaign", "mass_email", "tracking_url", "bounce")
    if any(asked.get(name) is not None and asked[name] != event[name] for name in same):
        return False
    if asked["days"] is not None and event["at"] < timezone.now() - timedelta(days=asked["days"]):
        return False
    day = timezone.localtime(event["at"]).date()
    return (asked["first"] or date.min) <= day <= (asked["last"] or date.max)


def _flag(operator: str, stored: Any, value: Any) -> bool:
    return stored is True


def _choice(operator: str, stored: Any, value: Any) -> bool:
    held = stored if isinstance(stored, set) else {stored} if isinstance(stored, str) else set()
    return bool(held & set(value))


def _choices(operator: str, stored: Any, value: Any) -> bool:
    held = {one for one in stored if isinstance(one, str)} if isinstance(stored, list | set) else set()
    return held >= set(value) if operator == "all" else bool(held & set(value))


def _record(operator: str, stored: Any, value: Any) -> bool:
    return not isinstance(stored, bool) and bool(stored == value)


_ASK: dict[Kind, Callable[[str, Any, Any], bool]] = {
    Kind.TEXT: _text, Kind.NUMBER: _number, Kind.DATE: _date, Kind.MOMENT: _moment, Kind.FLAG: _flag,
    Kind.CHOICE: _choice, Kind.CHOICES: _choices, Kind.LISTS: _choices, Kind.RECORD: _record,
}  # fmt: skip
