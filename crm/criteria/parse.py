"""JSON → tree. Everything that is wrong is said at its place; nothing is dropped. Pure but for the options."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from crm.criteria.fields import Field, Fields, Part
from crm.criteria.operators import Takes
from crm.criteria.tree import Condition, CriteriaError, Group, Mode, Node, Path, Problem

DEEPEST: int = settings.HERALD_FILTER_DEPTH
MOST_CONDITIONS: int = settings.HERALD_FILTER_CONDITIONS
MOST_OPTIONS: int = settings.HERALD_FILTER_VALUES
LONGEST_JSON: int = settings.HERALD_FILTER_LENGTH
LONGEST_TEXT = 200
LARGEST = 1e15
MOST_DAYS = 36_500
LARGEST_ID = 2**63 - 1


class _Wrong(ValueError):
    """A value that does not fit, in words."""


def parse_text(text: str, fields: Fields) -> Group:
    """The tree that a URL or a saved filter carries. Raises CriteriaError."""
    return parse(read(text), fields)


def read(text: str) -> Any:
    """The JSON as it is, tree or not; no text in it has half of a surrogate pair, which no page could show. Raises
    CriteriaError."""
    if len(text) > LONGEST_JSON:
        raise CriteriaError([Problem((), "too_long", _("This filter is too long."))])
    try:
        data = json.loads(text)
        json.dumps(data, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise CriteriaError([Problem((), "not_json", _("This filter cannot be read."))]) from error
    return data


def parse(data: Any, fields: Fields) -> Group:
    """A tree whose every condition fits its field. Raises CriteriaError with all problems."""
    reader = _Reader(fields)
    node = reader.node(data, (), ())
    if reader.problems or node is None:
        raise CriteriaError(reader.problems)
    return node if isinstance(node, Group) else Group(Mode.ALL, (node,))


@dataclass
class _Reader:
    fields: Fields
    problems: list[Problem] = field(default_factory=list)
    conditions: int = 0
    is_full: bool = False

    def wrong(self, path: Path, code: str, text: str) -> None:
        self.problems.append(Problem(path, code, text))

    def node(self, data: Any, path: Path, above: tuple[int, ...]) -> Node | None:
        """`above` holds the identities of the groups around: what was built in Python can contain itself."""
        if id(data) in above:
            self.wrong(path, "cyclic", _("This group contains itself."))
            return None
        if isinstance(data, dict):
            return self._group(data, path, (*above, id(data)))
        if isinstance(data, list | tuple):
            return self._condition(data, path)
        self.wrong(path, "shape", _("This is neither a condition nor a group."))
        return None

    def _group(self, data: dict[Any, Any], path: Path, above: tuple[int, ...]) -> Group | None:
        if len(data) != 1 or next(iter(data)) not in list(Mode):
            self.wrong(path, "shape", _("A group is “all”, “any” or “none” of its conditions."))
            return None
        mode, members = next(iter(data.items()))
        if not isinstance(members, list | tuple):
            self.wrong(path, "shape", _("A group is “all”, “any” or “none” of its conditions."))
            return None
        if len(path) >= DEEPEST:
            text = _("Groups stand at most %(number)s deep in one another.") % {"number": DEEPEST}
            self.wrong(path, "too_deep", text)
            return None
        read = [self.node(member, (*path, at), above) for at, member in enumerate(members) if not self.is_full]
        return Group(Mode(mode), tuple(node for node in read if node is not None))

    def _condition(self, data: Any, path: Path) -> Condition | None:
        self.conditions += 1
        if self.conditions > MOST_CONDITIONS:
            self.is_full = True
            text = _("A filter has at most %(number)s conditions.") % {"number": MOST_CONDITIONS}
            self.wrong(path, "too_many", text)
            return None
        if not 2 <= len(data) <= 3 or not all(isinstance(part, str) for part in data[:2]):
            self.wrong(path, "shape", _("A condition is a field, an operator and a value."))
            return None
        return self._of_field(data[0], data[1], data[2] if len(data) == 3 else None, path)

    def _of_field(self, key: str, operator: str, raw: Any, path: Path) -> Condition | None:
        asked = self.fields.get(key)
        if asked is None:
            text = _("Choose a field.") if not key else _("There is no field “%(field)s” any more.")
            self.wrong(path, "field", text % {"field": key[:80]})
            return None
        if operator not in asked.usable:
            text = _("“%(field)s” cannot be asked with “%(operator)s”.")
            self.wrong(path, "operator", text % {"field": asked.label, "operator": operator[:80]})
            return None
        try:
            value = _READ[asked.usable[operator].takes](asked, raw)
        except _Wrong as error:
            self.wrong(path, "value", f"{asked.label}: {error}")
            return None
        return Condition(key, operator, raw, value)


# ---- values


def _nothing(asked: Field, raw: Any) -> None:
    if raw is not None:
        raise _Wrong(_("This operator takes no value."))


def _text(asked: Field, raw: Any) -> str:
    """Text that both databases can hold: no NUL, no half of a surrogate pair."""
    if not isinstance(raw, str) or not raw.strip():
        raise _Wrong(_("Enter a text."))
    if len(raw) > LONGEST_TEXT:
        raise _Wrong(_("The text has at most %(number)s characters.") % {"number": LONGEST_TEXT})
    if "\0" in raw or any("\ud800" <= sign <= "\udfff" for sign in raw):
        raise _Wrong(_("The text has a character that cannot be looked for."))
    return raw


def _number(asked: Field, raw: Any) -> float:
    if isinstance(raw, bool) or not isinstance(raw, int | float) or not -LARGEST < raw < LARGEST:  # nan is not
        raise _Wrong(_("Enter a number."))
    return float(raw)


def _pair(raw: Any) -> tuple[Any, Any]:
    if not isinstance(raw, list | tuple) or len(raw) != 2:
        raise _Wrong(_("Enter two values."))
    return raw[0], raw[1]


def _numbers(asked: Field, raw: Any) -> tuple[float, float]:
    low, high = _pair(raw)
    return _number(asked, low), _number(asked, high)


def _day(asked: Field, raw: Any) -> date:
    try:
        if not isinstance(raw, str) or len(raw) != 10:
            raise ValueError
        return date.fromisoformat(raw)
    except ValueError as error:
        raise _Wrong(_("Enter a date.")) from error


def _days(asked: Field, raw: Any) -> tuple[date, date]:
    first, last = _pair(raw)
    return _day(asked, first), _day(asked, last)


def _count(asked: Field, raw: Any) -> int:
    if isinstance(raw, bool) or not isinstance(raw, int) or not 0 <= raw <= MOST_DAYS:
        raise _Wrong(_("Enter a number of days."))
    return raw


def _options(asked: Field, raw: Any) -> tuple[str, ...]:
    if not isinstance(raw, list | tuple) or not raw or not all(isinstance(one, str) for one in raw):
        raise _Wrong(_("Choose at least one."))
    if len(raw) > MOST_OPTIONS:
        raise _Wrong(_("Choose at most %(number)s.") % {"number": MOST_OPTIONS})
    known = {str(value) for value, _label in asked.options()}
    if unknown := [one for one in raw if one not in known]:
        raise _Wrong(_("“%(option)s” is no longer one of the choices.") % {"option": unknown[0][:80]})
    return tuple(raw)


def _record(asked: Field, raw: Any) -> int:
    if isinstance(raw, bool) or not isinstance(raw, int) or not 0 < raw <= LARGEST_ID:
        raise _Wrong(_("Choose a record: type its name, then take a suggestion."))
    return raw


def _parts(asked: Field, raw: Any) -> tuple[str | int | date | None, ...]:
    """All parts, None for those that are empty or, in a condition stored before they came, missing."""
    needed = sum(not part.is_late for part in asked.parts)
    if not isinstance(raw, list | tuple) or not needed <= len(raw) <= len(asked.parts):
        raise _Wrong(_("Something is missing here."))
    missing = [""] * (len(asked.parts) - len(raw))
    return tuple(_part(asked, part, one) for part, one in zip(asked.parts, [*raw, *missing], strict=True))


def _part(asked: Field, part: Part, raw: Any) -> str | int | date | None:
    if raw == "":
        return None
    if part.options is not None:
        return _option(part, raw)
    if part.takes is Takes.DAY:
        return _day(asked, raw)
    if (number := _count(asked, raw)) < part.least:
        raise _Wrong(_("Enter %(number)s or more.") % {"number": part.least})
    return number


def _option(part: Part, raw: Any) -> str:
    if not isinstance(raw, str) or "\0" in raw or not part.label_of(raw):
        raise _Wrong(_("“%(option)s” is no longer one of the choices.") % {"option": str(raw)[:80]})
    return raw


_READ: dict[Takes, Callable[[Field, Any], Any]] = {
    Takes.NOTHING: _nothing, Takes.TEXT: _text, Takes.NUMBER: _number, Takes.NUMBERS: _numbers, Takes.DAY: _day,
    Takes.DAYS: _days, Takes.COUNT: _count, Takes.OPTIONS: _options, Takes.RECORD: _record, Takes.PARTS: _parts,
}  # fmt: skip
