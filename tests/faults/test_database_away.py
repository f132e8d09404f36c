"""The database goes away in mid-portion: sending stops, what went out is remembered, the rest goes out once (R6)."""

import sqlite3
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from scripts.servers import Missing, postgres
from tests.faults.herald import SETUP, STATES, SWEEP, WORK, Herald, kill
from tests.missing import lacking
from tests.smtp_server import Act, SmtpServer

PEOPLE = 300
CONNECTIONS = 3
IMPATIENT = """
from django.db import connections
connections["default"].settings_dict["OPTIONS"]["timeout"] = 1
"""


@pytest.fixture
def server() -> Iterator[SmtpServer]:
    with SmtpServer() as running:
        running.on("DOT", Act(delay=0.02))
        yield running


def made(folder: Path, database_url: str = "") -> Herald:
    herald = Herald(folder, database_url)
    herald.folder.mkdir()
    herald.migrate()
    return herald


@pytest.fixture
def on_sqlite(tmp_path: Path) -> Herald:
    return made(tmp_path / "data")


@pytest.fixture(scope="module")
def postgresql() -> Iterator[str]:
    try:
        with postgres() as url:
            yield url
    except Missing as missing:
        lacking(missing)


@pytest.fixture
def on_postgresql(tmp_path: Path, postgresql: str) -> Herald:
    with closing(psycopg.connect(postgresql, autocommit=True)) as administrator:
        administrator.execute("DROP DATABASE IF EXISTS herald WITH (FORCE)")
        administrator.execute("CREATE DATABASE herald")
    return made(tmp_path / "data", postgresql.removesuffix("/postgres") + "/herald")


def wait_for(condition: Callable[[], bool], seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come to that in time"
        time.sleep(0.02)


def settled(server: SmtpServer, seconds: float = 60) -> int:
    """How many have gone out once no more does: a busy machine may keep a worker from going on for a moment."""
    deadline = time.monotonic() + seconds
    before, calm = -1, 0
    while calm < 3:
        assert time.monotonic() < deadline, "sending did not stop"
        calm = calm + 1 if len(server.messages) == before else 0
        before = len(server.messages)
        time.sleep(1.0)
    return before


def ended(worker: "subprocess.Popen[str]") -> None:
    _out, errors = worker.communicate(timeout=240)
    assert worker.returncode == 0, errors


def all_got_it_once(herald: Herald, server: SmtpServer, uncertain: int = 0) -> None:
    herald.ask(SWEEP)
    herald.ask(WORK)
    answer = herald.ask(STATES)
    got = Counter(message.recipient for message in server.messages)
    assert set(got.values()) == {1}, "somebody got it twice"
    assert len(got) == PEOPLE, "somebody was lost"
    assert answer["states"].get("UNCERTAIN", 0) <= uncertain
    assert answer["states"]["SENT"] + answer["states"].get("UNCERTAIN", 0) == PEOPLE
    assert answer["sent"] == answer["states"]["SENT"] and answer["status"] == "complete"


def test_sqlite_is_locked_for_longer_than_a_worker_waits(on_sqlite: Herald, server: SmtpServer) -> None:
    on_sqlite.ask(SETUP, people=PEOPLE, port=server.port, connections=CONNECTIONS)
    worker = on_sqlite.start(IMPATIENT + WORK)
    wait_for(lambda: len(server.messages) >= 60)
    with closing(sqlite3.connect(on_sqlite.folder / "herald.sqlite3", timeout=20, isolation_level=None)) as locker:
        locker.execute("BEGIN EXCLUSIVE")
        went_out = settled(server)
        assert went_out < PEOPLE, "it went on without a database"
        time.sleep(3)
        assert len(server.messages) == went_out and worker.poll() is None, "it waits, and sends nothing"
        locker.execute("ROLLBACK")
    ended(worker)
    answer = on_sqlite.ask(STATES)
    assert answer["states"] == {"SENT": went_out, "PENDING": PEOPLE - went_out}, "everything that went out is known"
    all_got_it_once(on_sqlite, server)


def test_a_worker_killed_while_the_database_is_away_left_its_memory_on_disk(
    on_sqlite: Herald, server: SmtpServer
) -> None:
    on_sqlite.ask(SETUP, people=PEOPLE, port=server.port, connections=CONNECTIONS)
    worker = on_sqlite.start(IMPATIENT + WORK)
    wait_for(lambda: len(server.messages) >= 60)
    with closing(sqlite3.connect(on_sqlite.folder / "herald.sqlite3", timeout=20, isolation_level=None)) as locker:
        locker.execute("BEGIN EXCLUSIVE")
        went_out = settled(server)
        kill([worker])
        locker.execute("ROLLBACK")
    on_sqlite.ask(SWEEP)
    assert on_sqlite.ask(STATES)["states"] == {"SENT": went_out, "PENDING": PEOPLE - went_out}
    all_got_it_once(on_sqlite, server)


def test_postgresql_drops_every_connection_again_and_again(
    on_postgresql: Herald, server: SmtpServer, postgresql: str
) -> None:
    """As at a restart: the workers come back by themselves, whatever they were doing at that moment."""
    on_postgresql.ask(SETUP, people=PEOPLE, port=server.port, connections=CONNECTIONS)
    drops = 0
    with closing(psycopg.connect(postgresql, autocommit=True)) as administrator:
        for _round in range(4):
            worker = on_postgresql.start(WORK)
            before = len(server.messages)
            wait_for(lambda before=before: len(server.messages) >= min(before + 20, PEOPLE))  # type: ignore[misc]
            drops += drop_connections(administrator)
            _out, errors = worker.communicate(timeout=240)
            assert worker.returncode == 0 or "terminating connection" in errors or "closed" in errors, errors
    assert drops > 0
    all_got_it_once(on_postgresql, server)


def test_postgresql_is_away_for_some_seconds(on_postgresql: Herald, server: SmtpServer, postgresql: str) -> None:
    on_postgresql.ask(SETUP, people=PEOPLE, port=server.port, connections=CONNECTIONS)
    worker = on_postgresql.start(WORK)
    wait_for(lambda: len(server.messages) >= 60)
    with closing(psycopg.connect(postgresql, autocommit=True)) as administrator:
        administrator.execute("ALTER DATABASE herald ALLOW_CONNECTIONS false")
        drop_connections(administrator)
        went_out = settled(server)
        assert went_out < PEOPLE, "it went on without a database"
        assert worker.poll() is None
        administrator.execute("ALTER DATABASE herald ALLOW_CONNECTIONS true")
    ended(worker)
    assert on_postgresql.ask(STATES)["states"] == {"SENT": went_out, "PENDING": PEOPLE - went_out}
    all_got_it_once(on_postgresql, server)


def drop_connections(administrator: "psycopg.Connection[tuple[object, ...]]") -> int:
    told = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'herald'"
    return len(administrator.execute(told).fetchall())
