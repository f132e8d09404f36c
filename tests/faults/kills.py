"""K1 to K6: kill -9 at chosen points and at any moment."""

import random
import time
from contextlib import closing

import psycopg

from tests.faults.herald import kill
from tests.faults.registry import fault
from tests.faults.world import Verdict, World
from tests.smtp_server import Act, SmtpServer

POINTS = (0.15, 0.5, 0.85)  # of the time that the building of the queue takes


@fault("K1", "kill -9 while the queue is built")
def queue_building(world: World) -> Verdict:
    people = world.scale(4_000, 100_000)
    world.mass_email = world.call("populate", people, start_it=False, smtp_port=world.sink.port)
    for point in POINTS:
        builder = world.spawn("build_queue", world.mass_email)
        world.wait(lambda: _is_filling(world) or _rows(world))
        time.sleep(point * people / 40_000)
        kill([builder])
        world.expect(_rows(world) in {0, people}, "half a queue is left")
    world.call("build_queue", world.mass_email)
    world.expect(_rows(world) == people, f"{_rows(world)} rows for {people} people")
    if world.long:
        world.settle()
        return world.verdict()
    totals = {"PENDING": _rows(world)}
    return Verdict(0, people - _rows(world), 0, totals, world.problems)


def _is_filling(world: World) -> bool:
    query = "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE %s"
    return bool(world.sql(query, "%INSERT INTO campaigns_queueitem%FROM (%")[0][0] > 1)


def _rows(world: World) -> int:
    query = "SELECT count(*) FROM campaigns_queueitem WHERE mass_email_id = %s"
    return int(world.sql(query, world.mass_email)[0][0])


@fault("K2", "kill -9 after the claim, before MAIL")
def before_mail(world: World) -> Verdict:
    return _hung_at(world, "EHLO", "EHLO", uncertain=0)


@fault("K3", "kill -9 before DATA")
def before_data(world: World) -> Verdict:
    return _hung_at(world, "RCPT", "RCPT TO:<p2@example.com>", uncertain=1)


@fault("K4", "kill -9 while the content is written")
def in_content(world: World) -> Verdict:
    return _hung_at(world, "BODY", "DATA", uncertain=1)


@fault("K5", "kill -9 after the final dot, before and after 250")
def after_dot(world: World) -> Verdict:
    first = _hung_at(world, "DOT", "RCPT TO:<p2@example.com>", uncertain=1)
    world.expect(first.uncertain == 1, f"{first.uncertain} uncertain, exactly 1 expected")
    with SmtpServer() as server:
        world.copies = lambda: [message.recipient for message in server.messages]
        world.populate_more(40, smtp_port=server.port, connections=1)
        worker = world.spawn("work")
        with closing(psycopg.connect(world.herald.database_url)) as locker:
            world.call("cut")
            world.wait_for_messages(1)
            locker.execute("LOCK TABLE campaigns_queueitem IN ACCESS EXCLUSIVE MODE")  # no outcome can be written
            time.sleep(1)
            kill([worker])
            locker.rollback()
        world.settle()
        return world.verdict(uncertain=1)  # the one whose reply nobody was there to read


def _hung_at(world: World, step: str, seen: str, *, uncertain: int) -> Verdict:
    """The server hangs at this step of one of five; the worker is killed there."""
    with SmtpServer() as server:
        act = Act(None, hangs=True, accepts=True if step == "DOT" else None)
        recipient = "" if step == "EHLO" else "p2@example.com"
        server.on(step, act, recipient=recipient, times=1)
        world.copies = lambda: [message.recipient for message in server.messages]
        world.populate(5, smtp_port=server.port, connections=1)
        world.call("cut")
        worker = world.spawn("work")
        world.wait(lambda: any(seen in line for line in server.commands))
        time.sleep(0.5)
        kill([worker])
        world.settle()
        return world.verdict(uncertain=uncertain)


@fault("K6", "kill -9 of a random worker again and again", data_ms=2)
def at_any_moment(world: World) -> Verdict:
    """Four workers, one dies every two seconds (every second in the short form) and is replaced."""
    workers, connections, window = 4, 2, 32
    seconds, pause = world.scale(6, 300), world.scale(1, 2)
    world.populate(world.scale(4_000, 300_000), connections=connections)
    world.spawn("schedule_and_sweep")
    team = [world.spawn("work") for _number in range(workers)]
    chance, kills, until = random.Random(6), 0, time.monotonic() + seconds
    world.wait_for_messages(1)
    while time.monotonic() < until:
        time.sleep(pause)
        victim = chance.choice(team)
        kill([victim])
        kills += 1
        team[team.index(victim)] = world.spawn("work")
        world.call("expire", victim.pid)
    world.settle()
    return world.verdict(uncertain=kills * connections * window)
