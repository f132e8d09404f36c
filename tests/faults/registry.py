"""The faults K1 to K20 by name, and how one of them is run."""

from collections.abc import Callable
from dataclasses import dataclass

from tests.faults.world import Servers, Verdict, World, world

Run = Callable[[World], Verdict]


@dataclass(frozen=True)
class Fault:
    """`options` are those of the sink."""

    name: str
    title: str
    run: Run
    options: dict[str, float]


FAULTS: dict[str, Fault] = {}


def fault(name: str, title: str, **options: float) -> Callable[[Run], Run]:
    def note(run: Run) -> Run:
        FAULTS[name] = Fault(name, title, run, options)
        return run

    return note


def bear(one: Fault, both: Servers, *, long: bool = False) -> Verdict:
    """Run one fault in a world of its own."""
    with world(both, long=long, **one.options) as made:
        return one.run(made)
