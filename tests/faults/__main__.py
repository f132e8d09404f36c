"""`make faults`: the faults K1 to K20, one after the other, with what each left behind.

    python -m tests.faults [--short] [K7 K8 …]

The long form takes some 30 minutes, the short one (which `make test` runs too) three.
"""

import signal
import sys
import time
import traceback
from argparse import ArgumentParser

from benchmarks.table import say
from tests.faults import kills, people, servers_far_away, services
from tests.faults.registry import FAULTS, Fault, bear
from tests.faults.world import Servers, Verdict, servers

MODULES = (kills, people, servers_far_away, services)  # each notes its faults when it is imported
LINE = "{:<5}{:<56}{:>7}{:>6}{:>10}{:>7}  {:<8}{}"


def main() -> int:
    parser = ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("names", nargs="*", help="K1 … K20; all when none is named")
    parser.add_argument("--short", action="store_true")
    chosen = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_details: sys.exit(1))  # nothing is left running, no folder left behind
    names = chosen.names or sorted(FAULTS, key=lambda name: int(name[1:]))
    say(LINE.format("", "", "copies", "lost", "uncertain", "s", "", "totals"))
    with servers() as both:
        failed = [name for name in names if not show(FAULTS[name], both, long=not chosen.short)]
    say(f"\n{len(failed)} of {len(names)} not borne: {', '.join(failed)}" if failed else "\nAll are borne.")
    return int(bool(failed))


def show(one: Fault, both: Servers, *, long: bool) -> bool:
    began = time.monotonic()
    verdict = judged(one, both, long=long)
    totals = ", ".join(f"{count:,} {name.lower()}" for name, count in sorted(verdict.totals.items()))
    passed = "FAILED" if verdict.problems else "passed"
    seconds = f"{time.monotonic() - began:.0f}"
    say(LINE.format(one.name, one.title, verdict.copies, verdict.lost, verdict.uncertain, seconds, passed, totals))
    for problem in verdict.problems:
        say(f"     ! {problem}")
    return not verdict.problems


def judged(one: Fault, both: Servers, *, long: bool) -> Verdict:
    """A fault that cannot even be played is a problem of its own."""
    try:
        return bear(one, both, long=long)
    except (AssertionError, OSError, RuntimeError):
        return Verdict(0, 0, 0, {}, [traceback.format_exc()])


if __name__ == "__main__":
    sys.exit(main())
