"""What a tree may ask about: fields with a kind and a way to ask the database; the apps above register theirs."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.db.models import Q
from django.utils.functional import Promise

from crm.criteria.operators import OPERATORS, Kind, Operator, Takes

if TYPE_CHECKING:
    from crm.models import EntityType

Text = str | Promise
Options = Callable[[], Sequence[tuple[str, Text]]]


def no_options() -> Sequence[tuple[str, Text]]:
    return ()


@dataclass(frozen=True, slots=True)
class Part:
    """One input of an event, which may stay empty for any: with `options` a select, else what it `takes` (COUNT, DAY).

    Where there are too many options to offer them all, `named` answers with the label of one that is not among them,
    "" when there is none. `is_late` parts came later than the event: a stored condition may end before them.
    """

    label: Text
    options: Options | None = None
    named: Callable[[str], Text] | None = field(default=None, repr=False)
    takes: Takes = Takes.COUNT
    least: int = 0  # of a COUNT
    is_late: bool = False

    def label_of(self, value: str) -> Text:
        """The label of an option; "" when there is none."""
        if self.named:
            return self.named(value)
        offered = {str(known): label for known, label in self.options()} if self.options else {}
        return offered.get(value, "")


@dataclass(frozen=True, slots=True)
class Field:
    """`where(operator, value)` answers with a Q for the positive operators of the kind, and must never be NULL in SQL:
    a condition that is turned around holds for exactly the other rows."""

    key: str
    label: Text
    kind: Kind
    where: Callable[[str, Any], Q] = field(repr=False)
    options: Options = field(default=no_options, repr=False)
    heading: Text = ""  # the fields of one heading stand together
    type_key: str = ""  # Kind.RECORD: the entity type whose records are suggested
    parts: tuple[Part, ...] = ()
    operators: tuple[str, ...] = ()  # fewer than the kind has

    @property
    def usable(self) -> dict[str, Operator]:
        found = OPERATORS[self.kind]
        return {name: found[name] for name in self.operators} if self.operators else found


Fields = Mapping[str, Field]
Provider = Callable[["EntityType"], Iterable[Field]]
_providers: list[Provider] = []


def register_fields(provide: Provider) -> None:
    """Add fields to every entity type's criteria: target list membership, what people did with campaigns."""
    if provide not in _providers:
        _providers.append(provide)


def registered_fields(entity_type: "EntityType") -> list[Field]:
    return [found for provide in _providers for found in provide(entity_type)]


def keyed(fields: Iterable[Field]) -> Fields:
    return {field.key: field for field in fields}
