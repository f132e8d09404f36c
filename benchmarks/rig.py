"""Fresh Heralds for measurements: SQLite as it is set up by default, or a PostgreSQL of its own with its defaults."""

import sys
import tempfile
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import psycopg

from scripts.servers import install_missing, postgres_server
from tests.faults.herald import Herald

DATABASES = ("postgresql", "sqlite")
SECONDS = 3600.0  # longer than anything here takes
MakeHerald = Callable[[], Herald]


# What PostgreSQL's manual advises for such disks, and docker-compose.yml sets.
SOLID_STATE = {"random_page_cost": "1.1", "jit": "off"}


@contextmanager
def heralds(database: str, **settings: str) -> Iterator[MakeHerald]:
    """Gives a function that makes one Herald after the other, each empty and migrated. Raises Missing."""
    with tempfile.TemporaryDirectory(prefix="herald-bench-", ignore_cleanup_errors=True) as folder:
        if database == "sqlite":
            yield lambda: _made(Path(tempfile.mkdtemp(dir=folder)))
            return
        install_missing(["PostgreSQL"])
        with postgres_server(**settings) as server:
            numbers = count()

            def make() -> Herald:
                name = f"bench{next(numbers)}"
                with closing(psycopg.connect(server.url, autocommit=True)) as administrator:
                    administrator.execute(f"CREATE DATABASE {name}")
                return _made(Path(tempfile.mkdtemp(dir=folder)), server.url.removesuffix("postgres") + name)

            yield make


def _made(folder: Path, database_url: str = "") -> Herald:
    herald = Herald(folder, database_url)
    herald.migrate()
    return herald


@contextmanager
def herald_of(database: str, at: str = "") -> Iterator[Herald]:
    """One Herald, or with `at` that of a database that stays. PostgreSQL as it is set up for solid-state disks."""
    if at:
        with tempfile.TemporaryDirectory(prefix="herald-bench-", ignore_cleanup_errors=True) as folder:
            yield _made(Path(folder), at)
        return
    with heralds(database, **SOLID_STATE) as make:
        yield make()


def call(herald: Herald, function: str, *arguments: object, **named: object) -> Any:
    """`call(herald, "benchmarks.sending.queue_up", 1)` in a process of that Herald; what it answers."""
    return herald.ask(_code(function), seconds=SECONDS, arguments=arguments, named=named)


def spawn(herald: Herald, function: str, *arguments: object, **named: object) -> Any:
    """The same without waiting: the process, which prints its answer as JSON."""
    return herald.start(_code(function), arguments=arguments, named=named)


def _code(function: str) -> str:
    module, _dot, name = function.rpartition(".")
    return f"from {module} import {name}\nanswer = {name}(*arguments, **named)"


def options(title: str, *, size: int, repeats: int) -> Namespace:
    """What every benchmark takes: --size, --repeats, --databases."""
    return parser(title, size=size, repeats=repeats).parse_args(sys.argv[1:])


def parser(title: str, *, size: int, repeats: int) -> ArgumentParser:
    made = ArgumentParser(description=title.split("\n")[0])
    made.add_argument("--size", type=int, default=size, help=f"people of a run, {size:,} unless told")
    made.add_argument("--repeats", type=int, default=repeats, help=f"runs, of which the median counts, {repeats}")
    made.add_argument("--databases", nargs="+", choices=DATABASES, default=list(DATABASES))
    return made
