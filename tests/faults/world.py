"""The world of one fault: a Herald on a PostgreSQL and a Redis that can be broken, and a sink that tells the truth.

The sink fsyncs every message to its log before it answers. The database's clock can be moved: a schema in front of
PostgreSQL's own on the search path has functions that add a shift to the time, so an hour takes no hour.
"""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import psycopg

from benchmarks.rig import call, spawn
from benchmarks.sink import Sink, compiled, sink
from scripts.servers import Server, die_with_parent, install_missing, postgres_server, redis_server
from tests.faults.herald import ROOT, Herald, kill

CLOCK = """
CREATE SCHEMA faults;
CREATE TABLE faults.clock (shift interval NOT NULL);
INSERT INTO faults.clock VALUES ('0');
CREATE FUNCTION faults.clock_timestamp() RETURNS timestamptz LANGUAGE sql
    AS 'SELECT pg_catalog.clock_timestamp() + shift FROM faults.clock';
CREATE FUNCTION faults.statement_timestamp() RETURNS timestamptz LANGUAGE sql
    AS 'SELECT pg_catalog.statement_timestamp() + shift FROM faults.clock';
CREATE FUNCTION faults.now() RETURNS timestamptz LANGUAGE sql
    AS 'SELECT pg_catalog.now() + shift FROM faults.clock';
"""
TEMPLATE = "herald_template"
PATIENCE = 90.0  # seconds for anything to come about on a busy machine
_numbers = count()


@dataclass(frozen=True)
class Verdict:
    """What came of it. `totals` by state; `problems` are sentences, none when the fault was borne."""

    copies: int
    lost: int
    uncertain: int
    totals: dict[str, int]
    problems: list[str]


@dataclass
class Servers:
    """Shared by all worlds of one run; a world that breaks one mends it."""

    postgres: Server
    redis: Server

    def execute(self, command: str) -> None:
        with closing(psycopg.connect(self.postgres.url, autocommit=True)) as administrator:
            administrator.execute(command.encode())


@dataclass
class World:
    servers: Servers
    herald: Herald
    sink: Sink
    long: bool
    mass_email: int = 0
    processes: list[Any] = field(default_factory=list)
    copies: Callable[[], list[str]] = list
    problems: list[str] = field(default_factory=list)

    def scale(self, short: int, long: int) -> int:
        return long if self.long else short

    def expect(self, holds: object, problem: str) -> None:
        """Note a problem unless it holds: a fault test tells all that is wrong, not only the first."""
        if not holds:
            self.problems.append(problem)

    # -- the Herald ---------------------------------------------------------------------------------------------------

    def populate(self, people: int, **account: Any) -> None:
        """A mass email to so many, started: everybody is in the queue."""
        account = {"smtp_port": self.sink.port, **account}
        self.mass_email = self.call("populate", people, **account)

    def populate_more(self, people: int, **account: Any) -> None:
        """Another mass email, which is looked at from now on."""
        self.mass_email = self.call("populate_more", people, **account)

    def call(self, actor: str, *arguments: object, **named: object) -> Any:
        return call(self.herald, f"tests.faults.actors.{actor}", *arguments, **named)

    def spawn(self, actor: str, *arguments: object, **named: object) -> "subprocess.Popen[str]":
        """An actor in a process of its own, which ends with this world."""
        process: subprocess.Popen[str] = spawn(self.herald, f"tests.faults.actors.{actor}", *arguments, **named)
        self.processes.append(process)
        return process

    def celery(self, *words: str, app: str = "tests.faults.impatient") -> "subprocess.Popen[bytes]":
        """A Celery process as `manage.py up` starts it."""
        command = [sys.executable, "-m", "celery", "--quiet", "-A", app, *words, "--loglevel", "WARNING"]
        with (self.herald.folder / "celery.log").open("ab") as log:
            process = subprocess.Popen(
                command, cwd=ROOT, env=self.herald.environment(), stdout=log, stderr=log,
                start_new_session=True, preexec_fn=die_with_parent,
            )  # fmt: skip
        self.processes.append(process)
        return process

    def celery_worker(self, name: str, queue: str = "portions") -> "subprocess.Popen[bytes]":
        options = ("--pool", "solo", "--without-gossip", "--without-mingle", "--without-heartbeat")
        return self.celery("worker", "--hostname", f"{name}@%h", "--queues", queue, *options)

    def end(self, process: Any, seconds: float = 60.0) -> float:
        """SIGTERM; how long it took to end. A problem when it did not."""
        began = time.monotonic()
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        try:
            process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            self.problems.append("a worker did not end when asked")
            kill([process])
        return time.monotonic() - began

    def end_all(self) -> None:
        for process in self.processes:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        for process in self.processes:
            self.end(process)
        self.processes.clear()

    # -- the database -------------------------------------------------------------------------------------------------

    def sql(self, query: str, *parameters: object) -> list[Any]:
        with closing(psycopg.connect(self.herald.database_url, autocommit=True)) as connection:
            cursor = connection.execute(query.encode(), parameters or None)
            return cursor.fetchall() if cursor.description else []

    def shift(self, *, minutes: float) -> None:
        """Move the database's clock, for everybody at once."""
        self.sql("UPDATE faults.clock SET shift = shift + make_interval(secs => %s)", minutes * 60.0)

    def states(self) -> dict[str, str]:
        """Address → name of the state."""
        names = ("PENDING", "CLAIMED", "SENDING", "SENT", "DEFERRED", "FAILED", "UNCERTAIN", "SKIPPED")
        rows = self.sql(
            "SELECT a.address, q.status FROM campaigns_queueitem q JOIN crm_emailaddress a ON a.id = q.email_address_id"
            " WHERE q.mass_email_id = %s AND NOT (q.status = 7 AND q.reason = 'duplicate')",
            self.mass_email,
        )
        return {address: names[status] for address, status in rows}

    # -- waiting and judging ------------------------------------------------------------------------------------------

    def wait(self, condition: Callable[[], object], seconds: float = PATIENCE) -> bool:
        """False, and a problem, when it did not come to that."""
        deadline = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > deadline:
                self.problems.append("it did not come to that in time")
                return False
            time.sleep(0.03)
        return True

    def wait_for_messages(self, more: int) -> bool:
        """Until so many more have been accepted, or all."""
        goal = min(len(self.copies()) + more, len(self.states()))
        return self.wait(lambda: len(self.copies()) >= goal)

    def settle(self, *, resuming: bool = True) -> None:
        """The fault is over: everybody ends, dead workers' leases pass, what is left goes out."""
        self.end_all()
        left = self.call("settle", self.mass_email, resuming)
        self.expect(left == 0, f"{left} are still open")

    def verdict(self, *, uncertain: int = 0, copies: int = 1) -> Verdict:
        """`uncertain` is how many may be, at most. Notes what R11 demands and does not find."""
        states, got = self.states(), Counter(self.copies())
        totals = Counter(states.values())
        without = {"UNCERTAIN", "FAILED", "SKIPPED"}
        lost = sum(address not in got and state not in without for address, state in states.items())
        lost += sum(state != "SENT" and state != "UNCERTAIN" for address, state in states.items() if address in got)
        most = max(got.values(), default=0)
        self.expect(most <= copies, f"somebody got {most} copies")
        self.expect(lost == 0, f"{lost} lost")
        self.expect(totals["UNCERTAIN"] <= uncertain, f"{totals['UNCERTAIN']} uncertain, {uncertain} may be")
        self._books(totals)
        return Verdict(most, lost, totals["UNCERTAIN"], dict(totals), self.problems)

    def _books(self, totals: Counter[str]) -> None:
        ((status, total, sent, failed),) = self.sql(
            "SELECT status, total_count, sent_count, failed_count FROM campaigns_massemail WHERE id = %s",
            self.mass_email,
        )
        ((logged,),) = self.sql(
            "SELECT count(*) FROM campaigns_logrecord WHERE mass_email_id = %s AND action = 1", self.mass_email
        )
        still_open = sum(totals[name] for name in ("PENDING", "CLAIMED", "SENDING", "DEFERRED"))
        self.expect(totals.total() >= total, f"{total} people at the start, {totals.total()} in the queue")
        self.expect(sent == logged == totals["SENT"], f"counter {sent}, log {logged}, rows {totals['SENT']}")
        self.expect(failed == totals["FAILED"], f"counter of failed {failed}, rows {totals['FAILED']}")
        self.expect(not (status == "complete" and still_open), f"complete with {still_open} open")


@contextmanager
def environment(**values: str) -> Iterator[None]:
    """For the processes that are started within."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name)
            if value is not None:
                os.environ[name] = value


@contextmanager
def servers() -> Iterator[Servers]:
    """PostgreSQL and Redis for all scenarios of one run, and a migrated database to copy. Raises Missing."""
    install_missing(["PostgreSQL", "Redis"])
    compiled()
    with postgres_server(fsync="off") as postgres, redis_server() as redis, tempfile.TemporaryDirectory() as folder:
        both = Servers(postgres, redis)
        both.execute(f"CREATE DATABASE {TEMPLATE}")
        template = Herald(Path(folder), _url_of(postgres, TEMPLATE))
        template.migrate()
        with closing(psycopg.connect(template.database_url, autocommit=True)) as connection:
            connection.execute(CLOCK)
        yield both


def _url_of(postgres: Server, database: str) -> str:
    return postgres.url.removesuffix("postgres") + database


@contextmanager
def world(both: Servers, *, long: bool = False, **sink_options: float) -> Iterator[World]:
    """A fresh one. The sink's options are those of benchmarks.sink."""
    name = f"world{os.getpid()}_{next(_numbers)}"
    both.execute(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
    both.execute(f"ALTER DATABASE {name} SET search_path = faults, pg_catalog, public")
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="herald-fault-", ignore_cleanup_errors=True))
        running = stack.enter_context(sink(log=True, fsync=1, **sink_options))
        redis = both.redis.url.removesuffix("/0") + f"/{next(_numbers) % 15 + 1}"
        made = World(both, Herald(Path(folder), _url_of(both.postgres, name), redis), running, long)
        made.copies = running.copies
        try:
            yield made
        finally:
            for process in made.processes:
                if process.poll() is None:
                    process.send_signal(signal.SIGCONT)
            kill(made.processes)
    both.execute(f"DROP DATABASE {name} WITH (FORCE)")
