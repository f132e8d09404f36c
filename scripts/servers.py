"""Throw-away servers for the tests: each on a free port, its data in a temporary folder, stopped by its process id."""

import ctypes
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

START_SECONDS = 60.0
PACKAGES = {
    "PostgreSQL": ["postgresql"],
    "Redis": ["redis-server"],
    "Chromium": ["chromium", "fonts-dejavu-core"],
    "C compiler": ["gcc", "libc6-dev"],
}


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


FINDERS: dict[str, Callable[[], str | None]] = {
    "PostgreSQL": find_postgres,
    "Redis": find_redis,
    "Chromium": find_chromium,
    "C compiler": find_compiler,
}


def install_missing(names: Sequence[str]) -> None:
    """Bring what is missing with apt-get where that is allowed. Raises Missing, which says what to install."""
    missing = [name for name in names if FINDERS[name]() is None]
    if not missing:
        return
    packages = [package for name in missing for package in PACKAGES[name]]
    if os.geteuid() == 0 and shutil.which("apt-get"):
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        with _no_services_started():
            for command in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", *packages]):
                subprocess.run(["apt-get", *command], env=environment, check=False, stdout=subprocess.DEVNULL)
    if still := [name for name in missing if FINDERS[name]() is None]:
        raise Missing(f"{' and '.join(still)} missing; as root: apt-get install {' '.join(packages)}")


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
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _die_with_parent() -> None:
    """PR_SET_PDEATHSIG: no server outlives a test run that was killed."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)


def _answers(port: int) -> bool:
    with suppress(OSError):
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
        return True
    return False


@contextmanager
def _running(command: Sequence[str], port: int, user: str | None, stop: int) -> Iterator[None]:
    process = subprocess.Popen(
        command,
        user=user,
        extra_groups=[] if user else None,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        preexec_fn=_die_with_parent,
    )
    try:
        deadline = time.monotonic() + START_SECONDS
        while not _answers(port):
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{command[0]} did not start")
            time.sleep(0.05)
        yield
    finally:
        process.send_signal(stop)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _unprivileged() -> str | None:
    """PostgreSQL refuses to run as root: the account that its package made, else nobody. None: we are not root."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


@contextmanager
def postgres() -> Iterator[str]:
    """A PostgreSQL of its own, without fsync; its URL, of database `postgres`. Raises Missing."""
    program = find_postgres()
    if program is None:
        raise Missing("PostgreSQL")
    user, port = _unprivileged(), free_port()
    with tempfile.TemporaryDirectory(prefix="herald-pg-", dir="/tmp", ignore_cleanup_errors=True) as folder:
        if user:
            shutil.chown(folder, user)
        initdb = [
            str(Path(program).resolve().parent / "initdb"),
            "-D",
            f"{folder}/data",
            "-U",
            "postgres",
            "-A",
            "trust",
        ]
        more = ["-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]
        groups: list[str] | None = [] if user else None
        subprocess.run([*initdb, *more], user=user, extra_groups=groups, check=True, stdout=subprocess.DEVNULL, cwd="/")
        settings = {"port": port, "listen_addresses": "127.0.0.1", "unix_socket_directories": folder, "fsync": "off"}
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        with _running([program, "-D", f"{folder}/data", *options], port, user, signal.SIGINT):
            yield f"postgres://postgres@127.0.0.1:{port}/postgres"


@contextmanager
def redis() -> Iterator[str]:
    """A Redis of its own, without persistence; its URL. Raises Missing."""
    program = find_redis()
    if program is None:
        raise Missing("Redis")
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="herald-redis-", dir="/tmp") as folder:
        options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", folder]
        with _running([program, *options], port, None, signal.SIGTERM):
            yield f"redis://127.0.0.1:{port}/0"
