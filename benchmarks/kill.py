"""kill -9 of the sender at full speed, round after round: nobody twice, nobody lost, the doubtful named.

    python -m benchmarks.kill [--size 200000] [--repeats 10] [--databases postgresql sqlite]

--repeats is the number of kills. The sink fsyncs every message to its log before it answers, so the log is the truth:
somebody is lost who has no copy in it at the end and is not Uncertain; who is Sent without a copy is lost too.
"Unanswered" is how many messages the sink had taken of which the sender did not know it when it died.
"""

import random
import time
from collections import Counter
from typing import NamedTuple

from benchmarks.rig import MakeHerald, call, heralds, options, spawn
from benchmarks.sink import Sink, sink
from benchmarks.table import Table
from tests.faults.herald import Herald, kill

CONNECTIONS = 4
AFTER = (0.2, 1.5)  # seconds of sending, after which it is killed


class Killed(NamedTuple):
    """What one kill left behind."""

    unanswered: int
    uncertain: int


class End(NamedTuple):
    twice: int
    lost: int
    uncertain: int


def one_round(herald: Herald, mass_email: int, server: Sink, chance: random.Random) -> Killed | None:
    """None when everything was sent before the kill."""
    before, doubtful = server.totals()["messages"], states(herald)["UNCERTAIN"]
    worker = spawn(herald, "benchmarks.sending.send_on", mass_email)
    while server.totals()["messages"] == before and worker.poll() is None:
        time.sleep(0.01)
    time.sleep(chance.uniform(*AFTER))
    alive = worker.poll() is None
    kill([worker])
    time.sleep(0.2)  # the sink takes what is still in its sockets
    call(herald, "benchmarks.sending.take_over")
    after = states(herald)
    unanswered = server.totals()["messages"] - after["SENT"] - doubtful
    return Killed(max(0, unanswered), after["UNCERTAIN"] - doubtful) if alive else None


def states(herald: Herald) -> Counter[str]:
    return Counter(call(herald, "benchmarks.sending.states"))


def finish(herald: Herald, mass_email: int, server: Sink) -> End:
    """Send the rest undisturbed and count the copies of everybody."""
    call(herald, "benchmarks.sending.send_on", mass_email)
    copies = Counter(server.copies())
    ended: dict[str, list[str]] = call(herald, "benchmarks.sending.people_by_state")
    uncertain = ended.pop("UNCERTAIN", [])
    lost = sum(address not in copies for people in ended.values() for address in people)
    return End(sum(count > 1 for count in copies.values()), lost, len(uncertain))


def measure(make: MakeHerald, size: int, kills: int) -> tuple[list[Killed], End]:
    chance = random.Random(20261121)
    with sink(log=True, fsync=1) as server:
        herald = make()
        mass_email = call(
            herald, "benchmarks.population.populate", size, smtp_port=server.port, connections=CONNECTIONS
        )
        call(herald, "benchmarks.sending.queue_up", mass_email)
        rounds = [one_round(herald, mass_email, server, chance) for _kill in range(kills)]
        return [one for one in rounds if one], finish(herald, mass_email, server)


def report(make: MakeHerald, database: str, size: int, kills: int) -> None:
    table = Table(
        f"kill -9 at full speed, {database}", ["kills", "twice", "lost", "uncertain", "most by one", "unanswered"]
    )
    rounds, end = measure(make, size, kills)
    worst = max((one.uncertain for one in rounds), default=0)
    unanswered = sum(one.unanswered for one in rounds)
    # Every doubt is one message of a connection's window; what the sink took unanswered must be among the doubtful.
    table.row(
        f"{size:,} people, {CONNECTIONS} connections",
        [len(rounds), end.twice, end.lost, end.uncertain, worst, unanswered],
        aim="0 twice, 0 lost, uncertain in flight only",
        reached=end.twice == end.lost == 0 and unanswered <= end.uncertain,
    )


def main() -> None:
    chosen = options(__doc__ or "", size=200_000, repeats=10)
    for database in chosen.databases:
        with heralds(database) as make:
            report(make, database, chosen.size, chosen.repeats)


if __name__ == "__main__":
    main()
