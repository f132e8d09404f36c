"""The filter builder: a form of nested groups that works by submit buttons alone. Its state is the query string.

Names: `b.mode` is the root group, `b.0.field`, `b.0.op`, `b.0.v` its first condition, `b.1.mode` a group within it.
The button pressed is `b.do`: add:PATH, group:PATH, remove:PATH or apply. `b.0.was` is the field shown before.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext as _

from crm.criteria import Field, Fields, Mode, Part, Problem, Takes
from crm.criteria.fields import Text
from crm.criteria.parse import DEEPEST, MOST_CONDITIONS
from crm.entities.links import RecordLinkField
from crm.models import EntityType, Record

ROOT = "b"
BLANK = ["", ""]
Data = Any  # a tree as JSON: lists are conditions, objects are groups


@dataclass(frozen=True, slots=True)
class Input:
    """One control of a condition. `kind`: text, number, date, options (several), option (one) or record."""

    kind: str
    label: Text
    values: Sequence[str] = ()
    options: Sequence[tuple[str, Text]] = ()
    type_slug: str = ""  # of the records that are suggested
    is_part: bool = False  # of an event; those that came late stand apart
    is_late: bool = False

    @property
    def around(self) -> tuple[str, str]:
        """What stands before and behind a number: “In the last” and “days”."""
        before, _gap, behind = str(self.label).partition("…")
        return before.strip(), behind.strip()

    @property
    def value(self) -> str:
        return self.values[0] if self.values else ""


@dataclass(frozen=True)
class ShownCondition:
    name: str
    data: list[Any]
    fields: Fields
    problem: str = ""
    is_group = False

    @property
    def number(self) -> str:
        return self.name.removeprefix(f"{ROOT}.")

    @property
    def field(self) -> Field | None:
        return self.fields.get(str(self.data[0]))

    @property
    def field_key(self) -> str:
        return str(self.data[0])

    @property
    def operator(self) -> str:
        return str(self.data[1])

    @property
    def headings(self) -> list[tuple[Text, list[Field]]]:
        found: dict[str, tuple[Text, list[Field]]] = {}
        for field in self.fields.values():
            found.setdefault(str(field.heading), (field.heading, []))[1].append(field)
        return list(found.values())

    @property
    def operators(self) -> list[tuple[str, Text]]:
        return [(name, operator.label) for name, operator in self.field.usable.items()] if self.field else []

    @property
    def is_more_used(self) -> bool:
        """Whether one of the inputs that stand apart has a value."""
        return any(one.is_late and one.value for one in self.inputs)

    @property
    def has_more(self) -> bool:
        return any(one.is_late for one in self.inputs)

    @cached_property
    def inputs(self) -> list[Input]:
        asked = self.field
        if asked is None or self.operator not in asked.usable:
            return []
        return inputs(asked, asked.usable[self.operator].takes, self.data[2] if len(self.data) > 2 else None)


@dataclass(frozen=True, slots=True)
class ShownGroup:
    name: str
    mode: str
    members: list["ShownGroup | ShownCondition"]
    may_nest: bool
    problem: str = ""
    is_group = True

    @property
    def number(self) -> str:
        return self.name.removeprefix(ROOT).removeprefix(".")

    @property
    def modes(self) -> list[tuple[str, str]]:
        return [
            (Mode.ALL.value, _("All of these hold")),
            (Mode.ANY.value, _("Any of these holds")),
            (Mode.NONE.value, _("None of these holds")),
        ]


def inputs(asked: Field, takes: Takes, raw: Any) -> list[Input]:
    """The controls that an operator needs, filled with what is there, fitting or not."""
    values = [_shown(one) for one in raw] if isinstance(raw, list) else [_shown(raw)]
    label = _("Value")
    if takes is Takes.PARTS:
        padded = [*values, *[""] * len(asked.parts)]
        return [_part(part, value) for part, value in zip(asked.parts, padded, strict=False)]
    if takes is Takes.OPTIONS:
        return [Input("options", label, values, asked.options())]
    if takes is Takes.RECORD:
        return [Input("record", label, [name_of(raw) if isinstance(raw, int) else values[0]], type_slug=_slug(asked))]
    kinds = {Takes.TEXT: "text", Takes.DAY: "date", Takes.NUMBER: "number", Takes.COUNT: "number"}
    if takes in kinds:
        return [Input(kinds[takes], _("Number of days") if takes is Takes.COUNT else label, values)]
    if takes in {Takes.NUMBERS, Takes.DAYS}:
        kind, pair = ("number" if takes is Takes.NUMBERS else "date"), [*values, "", ""]
        return [Input(kind, _("From"), [pair[0]]), Input(kind, _("To"), [pair[1]])]
    return []


def _part(part: Part, value: str) -> Input:
    """A chosen option that is too old to be offered is offered all the same."""
    if part.options is None:
        kind = "date" if part.takes is Takes.DAY else "number"
        return Input(kind, part.label, [value], is_part=True, is_late=part.is_late)
    offered = list(part.options())
    if value and value not in {str(known) for known, _label in offered} and (label := part.label_of(value)):
        offered.append((value, label))
    return Input("option", part.label, [value], offered, is_part=True, is_late=part.is_late)


def _slug(asked: Field) -> str:
    return EntityType.objects.filter(key=asked.type_key).values_list("slug", flat=True).first() or ""


def _shown(value: Any) -> str:
    return "" if value is None else str(value)


def shown(data: Data, fields: Fields, problems: Iterable[Problem] = (), name: str = ROOT) -> ShownGroup:
    """What the template draws. A tree that is no tree is drawn as an empty group, beside what is said about it."""
    texts = {problem.path: problem.text for problem in problems}
    if not _is_group(data):
        data = {"all": [data] if _is_condition(data) else []}
    return _shown_group(data, fields, texts, name, ())


def _shown_group(
    data: Data, fields: Fields, texts: dict[tuple[int, ...], str], name: str, path: tuple[int, ...]
) -> ShownGroup:
    mode, members = next(iter(data.items()))
    drawn: list[ShownGroup | ShownCondition] = []
    for at, member in enumerate(members[:MOST_CONDITIONS]):
        here, called = (*path, at), f"{name}.{at}"
        if _is_group(member) and len(here) < DEEPEST:
            drawn.append(_shown_group(member, fields, texts, called, here))
        elif not _is_group(member):
            condition = member if _is_condition(member) else BLANK
            drawn.append(ShownCondition(called, condition, fields, texts.get(here, "")))
    return ShownGroup(name, mode, drawn, len(path) + 1 < DEEPEST, texts.get(path, ""))


def _is_group(data: Data) -> bool:
    is_one = isinstance(data, dict) and len(data) == 1 and next(iter(data)) in list(Mode)
    return is_one and isinstance(next(iter(data.values())), list)


def _is_condition(data: Data) -> bool:
    return isinstance(data, list) and len(data) >= 2


# ---- reading the form


def submitted(query: QueryDict, fields: Fields) -> Data:
    """The tree of the form, as JSON that may still be incomplete, after the button that was pressed."""
    data = _read_group(query, fields, ROOT, 1)
    verb, _colon, path = query.get(f"{ROOT}.do", "").partition(":")
    steps = [int(step) for step in path.split(".") if step.isdecimal() and len(step) < 4]
    if verb == "remove" and steps:
        _members_at(data, steps[:-1])[steps[-1] : steps[-1] + 1] = []
    elif verb == "add":
        _members_at(data, steps).append([*BLANK])
    elif verb == "group":
        _members_at(data, steps).append({"any": [[*BLANK]]})
    return data


def without_blanks(data: Data) -> Data:
    """Less the conditions whose field was never chosen, and the groups that this leaves empty."""
    mode, members = next(iter(data.items()))
    kept = [without_blanks(one) if isinstance(one, dict) else one for one in members]
    return {mode: [one for one in kept if (any(one.values()) if isinstance(one, dict) else one[0])]}


def _members_at(data: Data, steps: Sequence[int]) -> list[Any]:
    members: list[Any] = next(iter(data.values()))
    for step in steps:
        if step < len(members) and isinstance(members[step], dict):
            members = next(iter(members[step].values()))
    return members


def _read_group(query: QueryDict, fields: Fields, name: str, depth: int) -> Data:
    mode = query.get(f"{name}.mode", "")
    members: list[Any] = []
    for at in range(MOST_CONDITIONS + 1):
        called = f"{name}.{at}"
        if f"{called}.field" in query:
            members.append(_read_condition(query, fields, called))
        elif f"{called}.mode" in query and depth < DEEPEST:
            members.append(_read_group(query, fields, called, depth + 1))
        else:
            break
    return {mode if mode in list(Mode) else "all": members}


def _read_condition(query: QueryDict, fields: Fields, name: str) -> list[Any]:
    key, operator = query.get(f"{name}.field", ""), query.get(f"{name}.op", "")
    asked = fields.get(key)
    if asked is None:
        return [key, operator]
    is_same = query.get(f"{name}.was", key) == key
    if not is_same or operator not in asked.usable:
        return [key, next(iter(asked.usable))]
    value = _value(asked, asked.usable[operator].takes, query.getlist(f"{name}.v"))
    return [key, operator] if value is None else [key, operator, value]


def _value(asked: Field, takes: Takes, texts: list[str]) -> Any:
    """The texts of the form as JSON values; what cannot be converted stays text, and the parser says so."""
    first = texts[0].strip() if texts else ""
    if takes is Takes.NOTHING:
        return None
    if takes in {Takes.OPTIONS, Takes.DAYS}:
        return texts
    if takes is Takes.NUMBERS:
        return [_as_number(text) for text in texts]
    if takes is Takes.PARTS:
        both = zip(asked.parts, texts, strict=False)
        return [_as_number(text) if text and _is_count(part) else text for part, text in both]
    if takes is Takes.RECORD:
        return _record_named(asked.type_key, first)
    return first if takes in {Takes.TEXT, Takes.DAY} else _as_number(first)


def _is_count(part: Part) -> bool:
    return part.options is None and part.takes is Takes.COUNT


def _as_number(text: str) -> Any:
    try:
        return int(text) if text.lstrip("-").isdecimal() and len(text) < 19 else float(text)
    except ValueError:
        return text


def _record_named(type_key: str, text: str) -> Any:
    """The id of the one record of that name; the text itself where there is none or there are several."""
    entity_type = EntityType.objects.filter(key=type_key).first()
    if entity_type is None or not text:
        return text
    try:
        record = RecordLinkField(entity_type=entity_type).clean(text)
    except ValidationError:
        return text
    return record.pk if record else text


def name_of(pk: int) -> str:
    """How a condition names a record: as its field takes it back."""
    record = Record.objects.filter(pk=pk).first()
    return f"{record.name} #{pk}" if record else f"#{pk}"
