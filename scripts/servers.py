"""Throw-away servers for the tests: each on a free port, its data in a temporary folder, stopped by its process id."""

import ctypes
import fcntl
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psycopg

START_SECONDS = 60.0
LOWEST_PORT = 20_000
PACKAGES = {
    "PostgreSQL": ["postgresql"],
    "Redis": ["redis-server"],
    "Chromium": ["chromium", "fonts-dejavu-core"],
    "C compiler": ["gcc", "libc6-dev"],
    "Postfix": ["postfix"],
}
# Debian then writes no configuration, and a Postfix without one is never started, not even when the machine is.
ANSWERS = {"Postfix": "postfix postfix/main_mailer_type select No configuration\n"}


class Missing(Exception):
    """A server or browser that this machine lacks, with what would bring it."""


def find_program(name: str, *folders: str) -> str | None:
    """A program on the PATH or in one of `folders` (patterns), the newest version first."""
    if found := shutil.which(name):
        return found
    found_there = [path for folder in folders for path in Path("/").glob(f"{folder.lstrip('/')}/{name}")]
    return str(max(found_there)) if found_there else None


def find_postgres() -> str | None:
    return find_program("postgres", "/usr/lib/postgresql/*/bin", "/usr/local/pgsql/bin")


def find_redis() -> str | None:
    return find_program("redis-server", "/usr/sbin")


def find_chromium() -> str | None:
    return next(filter(None, map(shutil.which, ["chromium", "chromium-browser", "google-chrome"])), None)


def find_compiler() -> str | None:
    """A C compiler that also finds the headers of the C library."""
    program = next(filter(None, map(shutil.which, ["cc", "gcc", "clang"])), None)
    return program if program and Path("/usr/include/stdio.h").exists() else None


def find_postfix() -> str | None:
    return find_program("postfix", "/usr/sbin")


FINDERS: dict[str, Callable[[], str | None]] = {
    "PostgreSQL": find_postgres,
    "Redis": find_redis,
    "Chromium": find_chromium,
    "C compiler": find_compiler,
    "Postfix": find_postfix,
}


def install_missing(names: Sequence[str]) -> None:
    """Bring what is missing with apt-get where that is allowed. Raises Missing, which says what to install."""
    missing = [name for name in names if FINDERS[name]() is None]
    if not missing:
        return
    packages = [package for name in missing for package in PACKAGES[name]]
    if os.geteuid() == 0 and shutil.which("apt-get"):
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        with _one_at_a_time(), _no_services_started():
            if answers := "".join(ANSWERS.get(name, "") for name in missing):
                subprocess.run(["debconf-set-selections"], input=answers, text=True, check=False)
            for command in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", *packages]):
                subprocess.run(["apt-get", *command], env=environment, check=False, stdout=subprocess.DEVNULL)
    if still := [name for name in missing if FINDERS[name]() is None]:
        raise Missing(f"{' and '.join(still)} missing; as root: apt-get install {' '.join(packages)}")


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Two processes of tests may miss something at the same time; apt-get then refuses the second."""
    with (Path(tempfile.gettempdir()) / "herald-apt.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextmanager
def _no_services_started() -> Iterator[None]:
    """Debian's packages start their servers when they are installed, unless this file forbids it (exit code 101)."""
    policy = Path("/usr/sbin/policy-rc.d")
    if policy.exists():
        yield
        return
    policy.write_text("#!/bin/sh\nexit 101\n")
    policy.chmod(0o755)
    try:
        yield
    finally:
        policy.unlink()


def free_port() -> int:
    """Free, and none that the kernel gives to an outgoing connection before a server that starts slowly listens on it.

    Raises RuntimeError when none is found.
    """
    highest = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    for _try in range(200):
        # Not from the generator that tests set back to the same start in every process.
        port = LOWEST_PORT + secrets.randbelow(max(highest, LOWEST_PORT + 5_000) - LOWEST_PORT)
        with suppress(OSError), socket.socket() as probe:
            probe.bind(("127.0.0.1", port))
            return port
    raise RuntimeError("No port is free")


def die_with_parent() -> None:
    """PR_SET_PDEATHSIG: nothing that a test run started outlives it when it is killed."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)


def _answers(port: int) -> bool:
    with suppress(OSError):
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
        return True
    return False


def _takes_queries(port: int) -> bool:
    """PostgreSQL listens before it lets anybody in."""
    with suppress(psycopg.OperationalError):
        psycopg.connect(f"postgres://postgres@127.0.0.1:{port}/postgres", connect_timeout=5).close()
        return True
    return False


@dataclass
class Server:
    """One server: it can be stopped in any way and started again on the same port with the same data."""

    url: str
    port: int
    command: Sequence[str]
    stop_signal: int
    user: str | None = None
    is_ready: Callable[[int], bool] = _answers
    process: "subprocess.Popen[bytes] | None" = None

    def start(self) -> None:
        """Returns when it answers. Raises RuntimeError when it does not start."""
        self.process = subprocess.Popen(
            self.command,
            user=self.user,
            extra_groups=[] if self.user else None,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            preexec_fn=die_with_parent,
        )
        deadline = time.monotonic() + START_SECONDS
        while not self.is_ready(self.port):
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{self.command[0]} did not start")
            time.sleep(0.05)

    def stop(self, number: int | None = None) -> None:
        """Ask it to end, by another signal than the usual one if need be, and wait until it has."""
        if self.process is None or self.process.poll() is not None:
            return
        self.process.send_signal(self.stop_signal if number is None else number)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


@contextmanager
def _running(server: Server) -> Iterator[Server]:
    try:
        server.start()
        yield server
    finally:
        server.stop()


def _unprivileged() -> str | None:
    """PostgreSQL refuses to run as root: the account that its package made, else nobody. None: we are not root."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


@contextmanager
def postgres() -> Iterator[str]:
    """A PostgreSQL of its own, without fsync; its URL, of database `postgres`. Raises Missing."""
    with postgres_server(fsync="off") as server:
        yield server.url


@contextmanager
def postgres_server(**settings: str) -> Iterator[Server]:
    """A PostgreSQL of its own with its usual settings and these, for who wants to restart it. Raises Missing.

    SIGINT stops it fast, SIGQUIT immediately: what was not committed is then recovered from its log.
    """
    program = find_postgres()
    if program is None:
        raise Missing("PostgreSQL")
    user, port = _unprivileged(), free_port()
    with tempfile.TemporaryDirectory(prefix="herald-pg-", dir="/tmp", ignore_cleanup_errors=True) as folder:
        if user:
            shutil.chown(folder, user)
        _make_cluster(program, f"{folder}/data", user)
        given = {"port": port, "listen_addresses": "127.0.0.1", "unix_socket_directories": folder, **settings}
        options = [part for name, value in given.items() for part in ("-c", f"{name}={value}")]
        url = f"postgres://postgres@127.0.0.1:{port}/postgres"
        command = [program, "-D", f"{folder}/data", *options]
        with _running(Server(url, port, command, signal.SIGINT, user, _takes_queries)) as server:
            yield server


def _make_cluster(program: str, data: str, user: str | None) -> None:
    initdb = [str(Path(program).resolve().parent / "initdb"), "-D", data, "-U", "postgres", "-A", "trust"]
    more = ["-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]
    groups: list[str] | None = [] if user else None
    subprocess.run([*initdb, *more], user=user, extra_groups=groups, check=True, stdout=subprocess.DEVNULL, cwd="/")


@contextmanager
def redis() -> Iterator[str]:
    """A Redis of its own, without persistence; its URL. Raises Missing."""
    with redis_server() as server:
        yield server.url


@contextmanager
def redis_server() -> Iterator[Server]:
    """The same for who wants to stop and restart it: it then has forgotten everything."""
    program = find_redis()
    if program is None:
        raise Missing("Redis")
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="herald-redis-", dir="/tmp") as folder:
        options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", folder]
        with _running(Server(f"redis://127.0.0.1:{port}/0", port, [program, *options], signal.SIGTERM)) as server:
            yield server
