"""The same criteria in plain Python, over dictionaries: what the database must agree with."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

from django.utils import timezone

from crm.criteria import Condition, Fields, Group, Kind, Mode
from crm.criteria.operators import OPPOSITES
from crm.criteria.where import days_of, moments_of

Row = dict[str, Any]  # field key → value; email_state, target_list and opted_out_of are sets of option values


def holds(node: Condition | Group, row: Row, fields: Fields) -> bool:
    if isinstance(node, Group):
        found = [holds(member, row, fields) for member in node.members]
        if not found:
            return True
        return {Mode.ALL: all(found), Mode.ANY: any(found), Mode.NONE: not any(found)}[node.mode]
    opposite = OPPOSITES.get(node.operator)
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
    if not isinstance(stored, str):
        return False
    first, last = days_of(operator, value)
    day = date.fromisoformat(stored)
    return (first is None or first <= day) and (last is None or day <= last)


def _moment(operator: str, stored: Any, value: Any) -> bool:
    if isinstance(stored, str):
        stored = datetime.fromisoformat(stored)
    if not isinstance(stored, datetime):
        return False
    assert timezone.is_aware(stored)
    first, end = moments_of(operator, value)
    at = stored.astimezone(UTC)
    return (first is None or first <= at) and (end is None or at < end)


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
