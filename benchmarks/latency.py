"""A server that is 5 or 50 ms away, 20 and 100 connections: how much of connections / delay is reached.

    python -m benchmarks.latency [--repeats 1] [--databases postgresql]

Without CHUNKING a connection can deliver one message per round trip at best, so connections / delay is the limit. With
it (RFC 3030) several messages may be on their way at a time; that row shows what it gains. --size is how many seconds a
run takes at the limit.
"""

from benchmarks.end_to_end import measure
from benchmarks.rig import MakeHerald, heralds, options
from benchmarks.table import Table, median_by

CASES = [(5, 20, 0), (5, 100, 0), (50, 20, 0), (50, 100, 0), (5, 20, 1), (50, 20, 1)]  # ms, connections, chunking
FEWEST = 100  # people of a run
SHARE_AIM = 0.85
FAST_AIM = {(5, 100): 12_000}  # the CPU, not the delay, is the limit here


def report(make: MakeHerald, database: str, seconds: int, repeats: int) -> None:
    table = Table(f"Distant server, {database}", ["messages/s", "CPU µs", "% of limit"])
    for delay, connections, chunking in CASES:
        limit = connections / delay * 1000
        size, extra = max(FEWEST, int(limit * seconds)), {"rtt_ms": delay, "chunking": chunking}
        rounds = [measure(make, size, plain=0, connections=connections, **extra).herald for _repeat in range(repeats)]
        found = median_by(rounds, key=lambda one: one.per_second)
        aim = FAST_AIM.get((delay, connections), limit * SHARE_AIM)
        table.row(
            f"{delay} ms, {connections} connections{', CHUNKING' if chunking else ''}",
            [found.per_second, found.cpu, found.per_second / limit * 100],
            aim="" if chunking else f"≥ {aim:,.0f}/s",
            reached=None if chunking else found.per_second >= aim,
        )


def main() -> None:
    chosen = options(__doc__ or "", size=5, repeats=1)
    for database in chosen.databases[:1]:
        with heralds(database) as make:
            report(make, database, chosen.size, chosen.repeats)


if __name__ == "__main__":
    main()
