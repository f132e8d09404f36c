"""Which operators fit which kind of field, and what each takes. Pure."""

from dataclasses import dataclass
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Kind(StrEnum):
    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    MOMENT = "moment"
    FLAG = "flag"
    CHOICE = "choice"
    CHOICES = "choices"
    RECORD = "record"
    LISTS = "lists"
    EVENT = "event"


class Takes(StrEnum):
    """What stands in the JSON as value: nothing; text; a number; two; a day; two; a number of days; options; the id of
    a record; the parts of an event, each its text or "" for any."""

    NOTHING = "nothing"
    TEXT = "text"
    NUMBER = "number"
    NUMBERS = "numbers"
    DAY = "day"
    DAYS = "days"
    COUNT = "count"
    OPTIONS = "options"
    RECORD = "record"
    PARTS = "parts"


@dataclass(frozen=True, slots=True)
class Operator:
    label: Promise
    takes: Takes = Takes.NOTHING


EMPTY = {"empty": Operator(_("is empty")), "not_empty": Operator(_("is not empty"))}
_DAYS = {
    "on": Operator(_("on"), Takes.DAY),
    "before": Operator(_("before"), Takes.DAY),
    "after": Operator(_("after"), Takes.DAY),
    "between": Operator(_("between"), Takes.DAYS),
    "last_days": Operator(_("in the last … days"), Takes.COUNT),
    "next_days": Operator(_("in the next … days"), Takes.COUNT),
    "older_days": Operator(_("more than … days ago"), Takes.COUNT),
    "today": Operator(_("today")),
    "this_month": Operator(_("this month")),
    **EMPTY,
}
_ANY = {"any": Operator(_("is any of"), Takes.OPTIONS), "none": Operator(_("is none of"), Takes.OPTIONS)}

OPERATORS: dict[Kind, dict[str, Operator]] = {
    Kind.TEXT: {
        "contains": Operator(_("contains"), Takes.TEXT),
        "not_contains": Operator(_("does not contain"), Takes.TEXT),
        "starts": Operator(_("starts with"), Takes.TEXT),
        "ends": Operator(_("ends with"), Takes.TEXT),
        "is": Operator(_("is"), Takes.TEXT),
        "is_not": Operator(_("is not"), Takes.TEXT),
        **EMPTY,
    },
    Kind.NUMBER: {
        "eq": Operator(_("="), Takes.NUMBER),
        "ne": Operator(_("≠"), Takes.NUMBER),
        "lt": Operator(_("<"), Takes.NUMBER),
        "le": Operator(_("≤"), Takes.NUMBER),
        "gt": Operator(_(">"), Takes.NUMBER),
        "ge": Operator(_("≥"), Takes.NUMBER),
        "between": Operator(_("between"), Takes.NUMBERS),
        **EMPTY,
    },
    Kind.DATE: _DAYS,
    Kind.MOMENT: _DAYS,
    Kind.FLAG: {"yes": Operator(_("is ticked")), "no": Operator(_("is not ticked"))},
    Kind.CHOICE: {**_ANY, **EMPTY},
    Kind.CHOICES: {
        "any": Operator(_("has any of"), Takes.OPTIONS),
        "all": Operator(_("has all of"), Takes.OPTIONS),
        "none": Operator(_("has none of"), Takes.OPTIONS),
        **EMPTY,
    },
    Kind.RECORD: {
        "is": Operator(_("is"), Takes.RECORD),
        "is_not": Operator(_("is not"), Takes.RECORD),
        **EMPTY,
    },
    Kind.LISTS: {
        "any": Operator(_("on any of"), Takes.OPTIONS),
        "all": Operator(_("on all of"), Takes.OPTIONS),
        "none": Operator(_("on none of"), Takes.OPTIONS),
    },
    Kind.EVENT: {
        "did": Operator(_("happened"), Takes.PARTS),
        "did_not": Operator(_("did not happen"), Takes.PARTS),
    },
}  # fmt: skip

# Each is the exact opposite of another one, so a row without a value "is not" anything, and is on "none of" the lists.
OPPOSITES = {
    "not_contains": "contains", "is_not": "is", "ne": "eq", "none": "any", "not_empty": "empty", "no": "yes",
    "did_not": "did",
}  # fmt: skip


def positive(operator: str) -> tuple[str, bool]:
    """(the operator that fields know how to ask, whether its answer is turned around)."""
    return (OPPOSITES[operator], True) if operator in OPPOSITES else (operator, False)
