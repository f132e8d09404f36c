"""K7 to K11 and K17: the database, the broker, schedulers, clocks, the disk and the network fail."""

import os
import random
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

from redis import Redis

from tests.faults.herald import kill
from tests.faults.registry import fault
from tests.faults.world import Verdict, World

WINDOW = 32  # messages that one connection may have on their way where the server offers CHUNKING


@fault("K7", "database restarted, fast and immediate", data_ms=5, chunking=0)
def database_restart(world: World) -> Verdict:
    world.populate(world.scale(600, 20_000), connections=2)
    for number in (signal.SIGINT, signal.SIGQUIT):
        world.call("cut")
        workers = [world.spawn("work") for _number in range(2)]
        world.wait_for_messages(20)
        world.servers.postgres.stop(number)
        time.sleep(1.0)
        accepted = len(world.copies())
        time.sleep(1.5)
        world.expect(len(world.copies()) <= accepted + WINDOW, "sending went on without a database")
        world.servers.postgres.start()
        for worker in workers:
            world.end(worker)
    world.settle()
    _refuses_loose_commits(world)
    return world.verdict(uncertain=0)


def _refuses_loose_commits(world: World) -> None:
    """`synchronous_commit=off` may forget what was committed: Herald says so before it starts."""
    environment = world.herald.environment()
    environment["DATABASE_URL"] += "?options=-c%20synchronous_commit%3Doff"
    command = [sys.executable, "manage.py", "check", "--database", "default"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=60)
    world.expect(done.returncode and "synchronous_commit" in done.stderr, "synchronous_commit=off is accepted")


@fault("K8", "Redis: FLUSHALL, restart, pause, memory full", data_ms=4, chunking=0)
def broker(world: World) -> Verdict:
    people = world.scale(400, 20_000)
    world.populate(people, connections=2)
    world.sql("UPDATE crm_settings SET max_per_batch = %s", people // 10)
    workers = [world.celery_worker("one"), world.celery_worker("two")]
    redis = world.servers.redis
    with Redis.from_url(redis.url) as client:
        # A broker without memory keeps the job trying for minutes: only in the long form.
        for harm in ("flush", "restart", "pause", *(["memory"] if world.long else [])):
            _harm(world, client, harm)
            world.call("tidy_up_late")
            world.wait(lambda: not world.sql("SELECT 1 FROM campaigns_portion WHERE status <> 2"))
    world.expect(len(world.copies()) >= 3 * people // 10, "portions whose messages were lost did not go out")
    for worker in workers:
        world.end(worker)
    world.settle()
    return world.verdict(uncertain=0)


def _harm(world: World, client: "Redis", harm: str) -> None:
    """The job hands portions to a broker that forgets them, takes none, dies or sleeps."""
    server = world.servers.redis
    if harm == "memory":
        client.config_set("maxmemory", "1mb")
        client.config_set("maxmemory-policy", "noeviction")
    try:
        _hand_out(world, may_fail=harm == "memory")
    finally:
        client.config_set("maxmemory", "0")
    if harm == "flush":
        client.flushall()
    elif harm == "restart":
        server.stop(signal.SIGKILL)
        time.sleep(0.5)
        server.start()
    elif harm == "pause" and server.process is not None:
        server.process.send_signal(signal.SIGSTOP)
        time.sleep(world.scale(2, 60))
        server.process.send_signal(signal.SIGCONT)


def _hand_out(world: World, *, may_fail: bool) -> None:
    try:
        world.call("hand_out")
    except AssertionError as error:
        if not may_fail or "maxmemory" not in str(error):
            raise


@fault("K9", "the same task five times, visibility timeout 5 s", data_ms=10, chunking=0)
def repeated_tasks(world: World) -> Verdict:
    world.populate(world.scale(300, 10_000), connections=2)
    workers = [world.celery_worker(f"worker{number}") for number in range(3)]
    world.call("hand_out", times=5)
    world.wait(lambda: len(world.copies()) >= len(world.states()), 300)
    for worker in workers:
        world.end(worker)
    world.settle()
    return world.verdict()


@fault("K10", "two schedulers, send now ten times, overlapping runs")
def schedulers(world: World) -> Verdict:
    """At most `limit` messages in any 60 minutes of the database's time."""
    limit = world.scale(100, 1_000)
    world.populate(limit * 2 + limit // 2, connections=2)
    world.call("limit", limit)
    for _beat in range(2):
        world.celery("beat", "--pidfile=", "--schedule", str(world.herald.folder / f"beat{random.random()}"))
    world.celery_worker("core", "celery")
    world.celery_worker("sender")
    for hour in (1, 2, 3):
        now = [world.spawn("hand_out") for _time in range(world.scale(4, 10))]
        for process in now:
            process.communicate(timeout=120)
        goal = min(limit * hour, len(world.states()))
        world.wait(lambda goal=goal: len(world.copies()) >= goal)  # type: ignore[misc]
        time.sleep(1.0)
        world.expect(len(world.copies()) <= limit * hour, f"{len(world.copies())} in hour {hour}, limit {limit}")
        world.shift(minutes=61)
    world.settle()
    return world.verdict()


@fault("K11", "clocks of single workers are wrong, daylight saving ends", data_ms=4, chunking=0)
def clocks(world: World) -> Verdict:
    world.populate(world.scale(600, 10_000), connections=1)
    world.sql("UPDATE crm_settings SET max_per_batch = 60")
    for hours in (2, -2, 400 * 24):
        world.spawn("work", clock=hours)
        world.spawn("schedule_and_sweep", clock=hours)
    world.spawn("work")
    world.wait(lambda: len(world.copies()) >= len(world.states()), 300)
    world.settle()
    ((workers,),) = world.sql("SELECT COUNT(DISTINCT worker) FROM campaigns_portion")
    world.expect(workers > 1, "only one worker sent")
    runs = world.call("runs_over_the_end_of_summer")
    world.expect(all(len(set(one)) == len(one) and one == sorted(one) for one in runs), "a run comes twice")
    return world.verdict()


@fault("K17", "disk full, worker out of memory, database unreachable", data_ms=5, chunking=0)
def resources(world: World) -> Verdict:
    world.populate(world.scale(600, 10_000), connections=2)
    world.call("cut")
    _on_a_full_disk(world)
    world.call("resume", world.mass_email)
    _out_of_memory(world)
    _behind_a_wall(world)
    world.settle()
    return world.verdict(uncertain=2 * 2 * WINDOW)


def _on_a_full_disk(world: World) -> None:
    """The journal's disk holds 4 kB: no final dot is written that cannot be remembered."""
    journal = world.herald.folder / "journal"
    journal.mkdir(exist_ok=True)
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=4k", "herald-full", str(journal)], check=False, capture_output=True
    )
    if mounted.returncode:  # not root here: the longest file is the limit instead
        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, before[1]))
    worker = world.spawn("work")
    paused = world.wait(lambda: world.call("state_of", world.mass_email)["paused"])
    world.expect(paused, "a full disk does not pause the mass email")
    world.end(worker)
    if mounted.returncode:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        return
    kept = {path.name: path.read_bytes() for path in journal.iterdir()}
    subprocess.run(["umount", str(journal)], check=True)
    for name, octets in kept.items():  # the administrator makes room: what was remembered is still there
        (journal / name).write_bytes(octets)


def _out_of_memory(world: World) -> None:
    """The kernel's OOM killer sends SIGKILL."""
    worker = world.spawn("work")
    world.call("cut")
    world.wait_for_messages(10)
    kill([worker])
    world.call("expire", worker.pid)
    world.call("sweep_now")


def _behind_a_wall(world: World) -> None:
    """Nothing comes back from the database: every process of it stands still."""
    worker = world.spawn("work")
    world.call("cut")
    world.wait_for_messages(10)
    asleep = _process_tree(world)
    for pid in asleep:
        os.kill(pid, signal.SIGSTOP)
    time.sleep(1.0)
    before = len(world.copies())
    time.sleep(world.scale(2, 60))
    world.expect(len(world.copies()) <= before + 200, "a whole portion went out without a database")
    for pid in asleep:
        os.kill(pid, signal.SIGCONT)
    world.end(worker)


def _process_tree(world: World) -> list[int]:
    process = world.servers.postgres.process
    assert process is not None
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    return [process.pid, *map(int, children)]
