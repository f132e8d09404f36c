"""What is wrong with a draft: collected while compiling, shown at the field it belongs to."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from django.utils.functional import Promise
from django.utils.text import format_lazy

Severity = Literal["error", "warning"]
#: A body with 50,000 images without alt text needs one lesson, not 50,000.
MAX_PROBLEMS = 100


@dataclass(frozen=True, slots=True)
class Problem:
    """``message`` is translated when it is shown; ``line`` counts from 1 in the field's source."""

    field: str
    message: str | Promise
    severity: Severity = "error"
    line: int | None = None

    @property
    def is_error(self) -> bool:
        return self.severity == "error"

    def __str__(self) -> str:
        return str(self.message)


@dataclass
class Problems:
    """The collector that every step of the compiler writes into, up to MAX_PROBLEMS of each severity."""

    found: list[Problem] = field(default_factory=list)
    _counts: Counter[str] = field(default_factory=Counter)

    def error(self, where: str, message: str | Promise, line: int | None = None, **values: object) -> None:
        self._add(Problem(where, _filled(message, values), "error", line))

    def warning(self, where: str, message: str | Promise, line: int | None = None, **values: object) -> None:
        self._add(Problem(where, _filled(message, values), "warning", line))

    def in_order(self) -> list[Problem]:
        """Errors first, then by field and line; each said once."""
        said = {(problem.field, str(problem), problem.severity, problem.line): problem for problem in self.found}
        return sorted(said.values(), key=lambda problem: (not problem.is_error, problem.field, problem.line or 0))

    def is_full(self, severity: Severity) -> bool:
        return self._counts[severity] >= MAX_PROBLEMS

    def __iter__(self) -> Iterator[Problem]:
        return iter(self.found)

    def _add(self, problem: Problem) -> None:
        if not self.is_full(problem.severity):
            self._counts[problem.severity] += 1
            self.found.append(problem)


def _filled(message: str | Promise, values: dict[str, object]) -> str | Promise:
    # format_lazy takes lazy strings too; its type says str.
    return format_lazy(message, **values) if values else message  # type: ignore[arg-type]
