"""Computed placeholders: names that mean something which is no field. The apps above register theirs.

    register_placeholder(Computed("memberSince", _("Member since"), years_of))     # {Person.memberSince}, {Contact.…}

A mass email asks for many people at once, so the function gets the ids of some hundred records and answers for all of
them with a query or two. It runs in the worker, before anything of these people is sent.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from django.utils.functional import Promise

Answers = Callable[[Sequence[int]], Mapping[int, str]]  # ids of records → what the placeholder means for each


@dataclass(frozen=True, slots=True)
class Computed:
    """`name` is camelCase, as of a field; `types` are the keys of the entity types that have it, none for all of them.
    A record that `answers` leaves out has nothing there: the fallback of the placeholder then stands."""

    name: str
    label: str | Promise
    answers: Answers
    types: frozenset[str] = frozenset()

    def is_of(self, type_key: str) -> bool:
        return not self.types or type_key in self.types


_registered: dict[str, Computed] = {}


def register_placeholder(computed: Computed) -> None:
    """A field of a type wins over a computed placeholder of the same name; new fields cannot take its name."""
    _registered[computed.name] = computed


def computed_placeholders() -> list[Computed]:
    return list(_registered.values())


def computed_names() -> frozenset[str]:
    return frozenset(_registered)
