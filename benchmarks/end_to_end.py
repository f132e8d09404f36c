"""A queued mass email of 5 kB, text and HTML, two tracked links: rows, log and counters included, one sender process.

    python -m benchmarks.end_to_end [--size 100000] [--repeats 3] [--databases postgresql sqlite]

Beside it, in the same database and to the same sink, the plain loop (benchmarks.sending.plain_loop).
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from benchmarks.rig import MakeHerald, call, heralds, options
from benchmarks.sink import sink
from benchmarks.table import Table, median_by

PLAIN = 500  # people that the plain loop gets: it takes its seconds
AIMS = {"postgresql": 20_000, "sqlite": 15_000}
CPU_AIM = 45.0


class Rate(NamedTuple):
    """Of one run: messages per second, CPU µs per message of the sender, octets of a message."""

    per_second: float
    cpu: float
    octets: float

    @classmethod
    def of(cls, answer: dict[str, float], octets: float = 0.0) -> "Rate":
        return cls(answer["messages"] / answer["seconds"], answer["cpu"] / answer["messages"] * 1e6, octets)


class Round(NamedTuple):
    plain: Rate
    herald: Rate


def measure(make: MakeHerald, size: int, plain: int = PLAIN, connections: int = 4, **sink_options: Any) -> Round:
    """One run on a fresh Herald. Raises AssertionError when the sink did not get every message exactly once."""
    with sink(**sink_options) as server:
        herald = make()
        plain = min(plain, size // 2)
        mass_email = call(
            herald, "benchmarks.population.populate", size, smtp_port=server.port, connections=connections
        )
        call(herald, "benchmarks.sending.queue_up", mass_email)
        loop = call(herald, "benchmarks.sending.plain_loop", mass_email, server.port, plain) if plain else None
        before = server.totals()
        sent = call(herald, "benchmarks.sending.send_everything", mass_email)
        after = server.totals()
    assert after["messages"] == size and after["wrong"] == 0, after
    octets = (after["octets"] - before["octets"]) / (after["messages"] - before["messages"])
    return Round(Rate.of(loop) if loop else Rate(0, 0, 0), Rate.of(sent, octets))


def report(databases: Sequence[str], size: int, repeats: int) -> None:
    table = Table(f"End to end, {size:,} people, 0 ms", ["messages/s", "CPU µs", "octets", "× plain loop"])
    for database in databases:
        with heralds(database) as make:
            rounds = [measure(make, size) for _repeat in range(repeats)]
        plain, ours = median_by(rounds, key=lambda one: one.herald.per_second)
        table.row(f"{database}, plain loop", [plain.per_second, plain.cpu, None, 1])
        reached = ours.per_second >= AIMS[database] and ours.cpu <= CPU_AIM
        table.row(
            f"{database}, one Herald sender",
            [ours.per_second, ours.cpu, ours.octets, ours.per_second / plain.per_second],
            aim=f"≥ {AIMS[database]:,}/s, ≤ {CPU_AIM:.0f} µs",
            reached=reached,
        )


def main() -> None:
    chosen = options(__doc__ or "", size=100_000, repeats=3)
    report(chosen.databases, chosen.size, chosen.repeats)


if __name__ == "__main__":
    main()
