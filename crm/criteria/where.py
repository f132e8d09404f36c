"""Tree → Q, and the `where` of every kind of field.

Every condition is a lookup over an expression and answers true or false, never NULL: SQL's third truth value would
make NOT leave out rows. Lookups over F() also keep Django from turning an outer join into an inner one.
"""

import json
import re
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, time, timedelta
from functools import reduce
from operator import and_, or_
from typing import Any

from django.db import connection
from django.db.models import Q
from django.db.models.expressions import BaseExpression, Combinable, F
from django.db.models.lookups import (
    Exact,
    GreaterThan,
    GreaterThanOrEqual,
    IContains,
    IEndsWith,
    IExact,
    In,
    IRegex,
    IsNull,
    IStartsWith,
    LessThan,
    LessThanOrEqual,
    Lookup,
)
from django.utils import timezone

from crm.criteria.fields import Fields
from crm.criteria.json import JsonEmpty, JsonHolds, JsonMentions, JsonNumber, JsonText, JsonTicked, JsonTime
from crm.criteria.operators import positive
from crm.criteria.tree import Condition, Mode, Node

Where = Callable[[str, Any], Q]
NONE = Q(pk__in=())
EVERY = ~NONE  # an empty Q() would vanish from an OR
_TEXT: dict[str, tuple[type[Lookup[Any]], str]] = {
    "contains": (IContains, "{}"), "starts": (IStartsWith, r"\A{}"), "ends": (IEndsWith, r"{}\Z"),
    "is": (IExact, r"\A{}\Z"),
}  # fmt: skip
_MENTIONED = {"contains": "{}", "starts": '"{}', "ends": '{}"', "is": '"{}"'}
_NUMBER: dict[str, type[Lookup[Any]]] = {
    "eq": Exact, "lt": LessThan, "le": LessThanOrEqual, "gt": GreaterThan, "ge": GreaterThanOrEqual,
}  # fmt: skip


def to_q(node: Node, fields: Fields) -> Q:
    """The rows that the tree describes. Every field of it must be in `fields`: `parse` has seen to that."""
    if isinstance(node, Condition):
        operator, is_turned = positive(node.operator)
        found = fields[node.field].where(operator, node.value)
        return ~found if is_turned else found
    members = [to_q(member, fields) for member in node.members]
    if not members:
        return EVERY
    joined = reduce(and_ if node.mode is Mode.ALL else or_, members)
    return ~joined if node.mode is Mode.NONE else joined


def any_of(found: Iterable[Q]) -> Q:
    return reduce(or_, found, NONE)


def _sure(of: Any, lookup: Lookup[Any]) -> Q:
    """The lookup, false where there is no value."""
    return Q(lookup) & Q(IsNull(of, False))


# ---- text


def matches(of: Any, operator: str, value: str) -> Q:
    """Without regard to case, in every script: SQLite's own LIKE knows only the case of A to Z."""
    lookup, pattern = _TEXT[operator]
    if connection.vendor == "sqlite":
        return _sure(of, IRegex(of, pattern.format(re.escape(value))))
    return _sure(of, lookup(of, value))


def text(path: str) -> Where:
    of = F(path)

    def where(operator: str, value: Any) -> Q:
        if operator == "empty":
            return Q(IsNull(of, True)) | Q(Exact(of, ""))
        return matches(of, operator, value)

    return where


def json_text(name: str, column: str = "values") -> Where:
    def ask(operator: str, value: Any) -> Q:
        return matches(JsonText(column, name), operator, value) & _mentioned(column, operator, value)

    return _or_empty(name, column, ask)


def _mentioned(column: str, operator: str, value: str) -> Q:
    """What holds whenever a text among the values matches, as PostgreSQL spells it in JSON: for the sake of its index.
    It stands behind what it follows from, so it is asked of few rows."""
    if connection.vendor != "postgresql":
        return Q()
    return Q(JsonMentions(column, _MENTIONED[operator].format(json.dumps(value, ensure_ascii=False)[1:-1])))


def _or_empty(name: str, column: str, ask: Where) -> Where:
    return lambda operator, value: Q(JsonEmpty(column, name)) if operator == "empty" else ask(operator, value)


# ---- numbers


def _compares(of: Any, operator: str, value: Any) -> Q:
    if operator == "between":
        return _sure(of, GreaterThanOrEqual(of, value[0])) & Q(LessThanOrEqual(of, value[1]))
    return _sure(of, _NUMBER[operator](of, value))


def number(path: str) -> Where:
    of = F(path)
    return lambda operator, value: Q(IsNull(of, True)) if operator == "empty" else _compares(of, operator, value)


def json_number(name: str, column: str = "values") -> Where:
    return _or_empty(name, column, lambda operator, value: _compares(JsonNumber(column, name), operator, value))


# ---- days and moments


def days_of(operator: str, value: Any) -> tuple[date | None, date | None]:
    """(first day, last day) in the reader's time zone, both included; None leaves that side open."""
    today = timezone.localdate()
    one = timedelta(days=1)
    if operator == "between":
        first, last = value
        return first, last
    if operator == "before":
        return None, value - one if value > date.min else date.min
    if operator == "after":
        return value + one if value < date.max else date.max, None
    if operator in {"last_days", "next_days", "older_days"}:
        away = timedelta(days=value)
        spans = {"last_days": (today - away, today), "next_days": (today, today + away)}
        return spans.get(operator, (None, today - away - one))
    if operator == "this_month":
        following = (today.replace(day=28) + timedelta(days=4)).replace(day=1)
        return today.replace(day=1), following - one
    return (today, today) if operator == "today" else (value, value)


def _begins(day: date) -> datetime:
    """Midnight in the reader's time zone; the ends of the calendar have no zone to reckon with."""
    try:
        return timezone.make_aware(datetime.combine(day, time.min)).astimezone(UTC)
    except OverflowError:
        return datetime.combine(day, time.min, UTC)


def _within(of: Any, first: Any, end: Any, *, with_end: bool) -> Q:
    found = Q(IsNull(of, False))
    if first is not None:
        found &= Q(GreaterThanOrEqual(of, first))
    if end is not None:
        found &= Q(LessThanOrEqual(of, end) if with_end else LessThan(of, end))
    return found


def moments_of(operator: str, value: Any) -> tuple[datetime | None, datetime | None]:
    """(first moment, end) in UTC: the days of `days_of`, the end not included."""
    first, last = days_of(operator, value)
    end = None if last is None or last == date.max else _begins(last + timedelta(days=1))
    return (None if first is None else _begins(first)), end


def moment(path: str) -> Where:
    of = F(path)

    def where(operator: str, value: Any) -> Q:
        if operator == "empty":
            return Q(IsNull(of, True))
        return _within(of, *moments_of(operator, value), with_end=False)

    return where


def json_day(name: str, column: str = "values") -> Where:
    """Days are kept as ISO 8601, whose order is that of time."""

    def ask(operator: str, value: Any) -> Q:
        first, last = (day.isoformat() if day else None for day in days_of(operator, value))
        return _within(JsonTime(column, name), first, last, with_end=True)

    return _or_empty(name, column, ask)


def json_moment(name: str, column: str = "values") -> Where:
    """Moments are kept as ISO 8601 in UTC."""

    def ask(operator: str, value: Any) -> Q:
        first, end = (at.isoformat() if at else None for at in moments_of(operator, value))
        return _within(JsonTime(column, name), first, end, with_end=False)

    return _or_empty(name, column, ask)


def day(path: str) -> Where:
    of = F(path)

    def where(operator: str, value: Any) -> Q:
        if operator == "empty":
            return Q(IsNull(of, True))
        return _within(of, *days_of(operator, value), with_end=True)

    return where


# ---- choices, flags, records


def one_of(of: BaseExpression | Combinable, empty: Q, read: Callable[[str], Any] = str) -> Where:
    """A single choice out of a column."""

    def where(operator: str, value: Any) -> Q:
        return empty if operator == "empty" else _sure(of, In(of, [read(one) for one in value]))

    return where


def choice(path: str) -> Where:
    return one_of(F(path), Q(IsNull(F(path), True)) | Q(Exact(F(path), "")))


def json_choice(name: str, column: str = "values") -> Where:
    ask = one_of(JsonText(column, name), NONE)

    def among(operator: str, value: Any) -> Q:
        return ask(operator, value) & reduce(or_, [_mentioned(column, "is", one) for one in value], Q())

    return _or_empty(name, column, among)


def json_choices(name: str, column: str = "values") -> Where:
    def ask(operator: str, value: Any) -> Q:
        found = [Q(JsonHolds(column, name, one)) & _mentioned(column, "is", one) for one in value]
        return reduce(and_ if operator == "all" else or_, found)

    return _or_empty(name, column, ask)


def json_flag(name: str, column: str = "values") -> Where:
    return lambda operator, value: Q(JsonTicked(column, name))


def record(path: str) -> Where:
    of = F(path)
    return lambda operator, value: Q(IsNull(of, True)) if operator == "empty" else _sure(of, Exact(of, value))


def json_record(name: str, column: str = "values") -> Where:
    of = JsonNumber(column, name)
    return _or_empty(name, column, lambda operator, value: _sure(of, Exact(of, float(value))))
