"""Filter trees: what lists, saved filters and reports narrow their rows by.

    JSON  ──parse──▶  Group of Conditions and Groups  ──to_q──▶  Q        (and back: to_json, dump)

    {"all": [["name", "contains", "roc"], {"none": [["f_country", "any", ["Spain", "France"]]]}]}

A condition is [field, operator] or [field, operator, value]; a group is an object with one key, `all`, `any` or `none`
(NOT is the `none` of one). `tree`, `operators`, `fields` and `parse` are pure; `where` and `json` are SQL.
"""

from crm.criteria.fields import Field, Fields, Part, keyed, register_fields, registered_fields
from crm.criteria.operators import OPERATORS, Kind, Operator, Takes, positive
from crm.criteria.parse import parse, parse_text
from crm.criteria.tree import Condition, CriteriaError, Group, Mode, Problem, dump, to_json
from crm.criteria.where import to_q

__all__ = [
    "OPERATORS", "Condition", "CriteriaError", "Field", "Fields", "Group", "Kind", "Mode", "Operator", "Part",
    "Problem", "Takes", "dump", "keyed", "parse", "parse_text", "positive", "register_fields", "registered_fields",
    "to_json", "to_q",
]  # fmt: skip
