"""The tree itself, its JSON, and what can be wrong with one. Pure."""

import json
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

Path = tuple[int, ...]  # of a node: the index at each level; () is the root


class Mode(StrEnum):
    """How a group joins its members. An empty group holds for every row."""

    ALL = "all"
    ANY = "any"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Condition:
    """One field, one operator. `raw` is the value as it stands in the JSON, `value` the same as Python has it."""

    field: str
    operator: str
    raw: Any = None
    value: Any = None


@dataclass(frozen=True, slots=True)
class Group:
    mode: Mode
    members: tuple["Condition | Group", ...] = ()


Node = Condition | Group


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong, in words for a person, and where. `code` names it for programs."""

    path: Path
    code: str
    text: str


class CriteriaError(ValueError):
    """A tree that cannot be used; `problems` has at least one entry."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("; ".join(problem.text for problem in problems))
        self.problems = problems


def to_json(node: Node) -> Any:
    """Lists, objects and plain values, ready for json.dumps or a JSONField."""
    if isinstance(node, Group):
        return {node.mode.value: [to_json(member) for member in node.members]}
    known = [node.field, node.operator]
    return known if node.raw is None else [*known, node.raw]


def dump(data: Any) -> str:
    """JSON as short as it gets, for a URL."""
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))
