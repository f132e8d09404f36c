"""K16 and K18 to K20: what people do while mails go out, from rolling restarts to an old backup."""

import signal
import subprocess
import time
from collections import Counter
from pathlib import Path

from scripts.servers import find_postgres
from tests.faults.registry import fault
from tests.faults.world import Verdict, World


@fault("K16", "SIGTERM, a rolling restart of the workers", data_ms=20, chunking=0)
def rolling_restart(world: World) -> Verdict:
    times = world.scale(3, 10)
    world.populate(times * world.scale(250, 2_000), connections=1)
    workers = [world.celery_worker("one"), world.celery_worker("two")]
    world.call("hand_out")  # before anybody else cuts portions: only who cuts them hands them out
    world.spawn("schedule")
    for number in range(times):
        world.wait_for_messages(20)
        old = workers.pop(0)
        workers.append(world.celery_worker(f"next{number}"))
        took = world.end(old)
        world.expect(took < 30 and old.returncode == 0, f"a worker took {took:.0f} s to end, code {old.returncode}")
        world.call("tidy_up_late")
    for worker in workers:
        world.end(worker)
    world.expect("UNCERTAIN" not in world.states().values(), "a restart left somebody in doubt")
    world.settle()
    return world.verdict()


@fault("K18", "opt-out, erasure, list change, exclusion in mid-run", data_ms=20, chunking=0)
def changes_of_mind(world: World) -> Verdict:
    people, each = world.scale(800, 5_000), 10
    world.mass_email = world.call("populate_with_exclusion", people, smtp_port=world.sink.port, connections=1)
    world.call("cut")
    worker = world.spawn("work")
    world.wait_for_messages(5)
    worker.send_signal(signal.SIGSTOP)  # it sleeps, with some people in hand, while the others change their minds
    groups = world.call("turn_away", world.mass_email, each)
    worker.send_signal(signal.SIGCONT)
    world.settle()
    got, states = set(world.copies()), world.states()
    for name, addresses in groups.items():
        mailed = [address for address in addresses if address in got]
        world.expect(not mailed, f"{len(mailed)} of {len(addresses)} {name} were mailed")
        wrong = {states.get(address, "") for address in addresses} - {"SKIPPED", ""}
        world.expect(not wrong, f"{name}: {wrong}")
    return world.verdict()


@fault("K19", "an old backup is restored", data_ms=5, chunking=0)
def old_backup(world: World) -> Verdict:
    """Nothing is sent from a restored database before a person has confirmed it."""
    world.populate(world.scale(300, 5_000), connections=2)
    dump = world.herald.folder / "dump"
    worker = world.celery_worker("one")
    world.call("hand_out")
    world.wait_for_messages(50)
    _postgres_tool("pg_dump", "--format=custom", f"--file={dump}", world.herald.database_url)
    world.end(worker)
    world.settle()
    before = len(world.copies())
    name = world.herald.database_url.rpartition("/")[2]
    world.servers.execute(f"DROP DATABASE {name} WITH (FORCE)")
    world.servers.execute(f"CREATE DATABASE {name}")
    world.servers.execute(f"ALTER DATABASE {name} SET search_path = faults, pg_catalog, public")
    _postgres_tool("pg_restore", f"--dbname={world.herald.database_url}", str(dump))
    worker = world.celery_worker("one")
    for _minute in range(3):
        world.call("tidy_up_late")
        world.call("hand_out")
    time.sleep(2)
    world.end(worker)
    again = len(world.copies()) - before
    world.expect(again == 0, f"{again} were sent again from the restored database")
    held = world.call("state_of", world.mass_email)
    world.expect(held["paused"], "the restored mass email is not held")
    copies = Counter(world.copies())
    totals = Counter(world.states().values())
    return Verdict(max(copies.values()), 0, totals["UNCERTAIN"], dict(totals), world.problems)


def _postgres_tool(name: str, *words: str) -> None:
    program = Path(find_postgres() or "").resolve().parent / name
    subprocess.run([str(program), *words], check=True)


@fault("K20", "pause and resume, edit, delete the account while running", data_ms=5, chunking=0)
def restless_people(world: World) -> Verdict:
    times = world.scale(8, 50)
    world.populate(world.scale(600, 10_000), connections=2)
    restless = world.spawn("be_restless", world.mass_email, times, 0.1, world.sink.port)
    world.spawn("schedule_and_sweep")
    world.spawn("work")
    world.spawn("work")
    said = restless.communicate(timeout=300)[0]
    world.expect(said.strip() not in {"", "0"}, "it was over before the first pause")
    world.wait(lambda: world.call("state_of", world.mass_email)["reason"] or _is_over(world))
    world.settle()
    state = world.call("state_of", world.mass_email)
    world.expect(state["status"] == "complete", f"it ends as {state}")
    subjects = world.sql("SELECT count(DISTINCT content::text) FROM campaigns_frozenmassemail")[0][0]
    world.expect(subjects == 1, "an edit changed what is sent")
    return world.verdict()


def _is_over(world: World) -> bool:
    return set(world.states().values()) <= {"SENT"}
