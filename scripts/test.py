"""Runs every linter and every test: `make test`; with --fast the linters and the tests on SQLite: `make check`.

A stage that cannot run for want of a server says what is missing, and counts as failed when CI is set.
"""

import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from scripts.servers import Missing, find_chromium, install_missing, postgres, redis

ROOT = Path(__file__).resolve().parent.parent
PYTHON = sys.executable
BIN = Path(PYTHON).parent
APPS = ["crm", "targets", "campaigns"]
# One process more than two cores can run, because tests also wait. Not so with browsers and faults, which are processes
# enough by themselves.
PARALLEL = ["-n", "3", "--dist", "worksteal"]
# Files of browser tests side by side, but no test beside another of its own file: they share what a file has made.
# The order is that of their conftest.py: the longest first.
BY_FILE = ["-n", "2", "--dist", "loadfile", "--no-loadscope-reorder"]
# Each fault has a world of its own; one after the other is handed out.
BY_TEST = ["-n", "2", "--dist", "load", "--maxschedchunk", "1"]
# A test that hangs fails, with what every thread was doing; the longest takes a minute and a half.
NO_HANGING = ["-o", "faulthandler_timeout=600", "-o", "faulthandler_exit_on_timeout=true"]
NO_TESTS = 5  # pytest's exit code
IN_CI = os.environ.get("CI", "") not in {"", "0", "false"}
LINTERS = {
    "ruff": [f"{BIN}/ruff", "check", "."],
    "ruff format": [f"{BIN}/ruff", "format", "--check", "--quiet", "."],
    "mypy": [f"{BIN}/mypy", *APPS, "scripts"],
    "import-linter": [f"{BIN}/lint-imports"],
    "djlint": [f"{BIN}/djlint", "templates", "--lint", "--quiet"],
    "migrations": [PYTHON, "manage.py", "makemigrations", "--check", "--dry-run"],
}
UNSET = {
    "DATABASE_URL",
    "REDIS_URL",
    "SITE_URL",
    "HOST",
    "PORT",
    "DEBUG",
    "HERALD_TESTS",
    "TIME_ZONE",
    "PYTHONDONTWRITEBYTECODE",  # some hundred processes are started: each would compile all of Herald again
}  # each stage gives what it needs
PRODUCTION = {
    "SITE_URL": "https://herald.example.com",
    "SECRET_KEY": "a-key-only-for-this-check-0123456789-abcdefghijklmnopqrstuvwxyz",
}


@dataclass
class Stage:
    name: str
    seconds: float
    ok: bool
    note: str = ""


@dataclass
class Run:
    """The stages so far and the environment that they run in."""

    environment: dict[str, str]
    stages: list[Stage] = field(default_factory=list)

    def stage(self, name: str, work: Callable[[], tuple[bool, str]]) -> None:
        say(f"── {name}")
        began = time.monotonic()
        try:
            ok, note = work()
        except Missing as missing:
            ok, note = not IN_CI, f"SKIPPED: {missing}"
        except (OSError, RuntimeError, subprocess.SubprocessError) as error:  # a server did not start: the others run
            ok, note = False, f"{type(error).__name__}: {error}"
        stage = Stage(name, time.monotonic() - began, ok, note)
        self.stages.append(stage)
        say(line_of(stage))

    def command(self, command: list[str], **environment: str) -> tuple[bool, str]:
        done = subprocess.run(command, cwd=ROOT, env={**self.environment, **environment}, check=False)
        return done.returncode == 0, ""

    def pytest(self, *arguments: str, **environment: str) -> tuple[bool, str]:
        """Run pytest, showing its output as it comes; its own summary is the note."""
        command = [PYTHON, "-m", "pytest", "-p", "no:cacheprovider", *NO_HANGING, *arguments]
        summary = "no summary"
        where = {**self.environment, **environment}
        with subprocess.Popen(command, cwd=ROOT, env=where, stdout=subprocess.PIPE, text=True) as process:
            for line in process.stdout or ():
                say(line.rstrip("\n"))
                if re.search(r"(passed|failed|error|no tests ran|skipped).* in [\d.]+s", line):
                    summary = line.strip(" =\n")
        if process.returncode == NO_TESTS:
            return not IN_CI, "no tests"
        return process.returncode == 0, summary


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def line_of(stage: Stage) -> str:
    return f"{'ok    ' if stage.ok else 'FAILED'} {stage.name:<28}{stage.seconds:>7.1f} s  {stage.note}".rstrip()


def linters(run: Run) -> None:
    for name, command in LINTERS.items():
        run.stage(name, partial(run.command, command))
    deploy = [PYTHON, "manage.py", "check", "--deploy", "--fail-level", "WARNING"]
    run.stage("check --deploy", partial(run.command, deploy, **PRODUCTION))


def on_servers(run: Run) -> tuple[bool, str]:
    install_missing(["PostgreSQL", "Redis"])
    with postgres() as database_url, redis() as redis_url:
        # Tests that use no database have just run.
        return run.pytest(*PARALLEL, DATABASE_URL=database_url, REDIS_URL=redis_url, HERALD_TESTS="database")


def in_browser(run: Run) -> tuple[bool, str]:
    install_missing(["Chromium"])
    # Each process starts a Herald of its own, with a database and ports of its own.
    return run.pytest("tests/e2e", *BY_FILE, "--screenshot", "only-on-failure", HERALD_CHROMIUM=find_chromium() or "")


def run_all(run: Run, *, fast: bool) -> None:
    linters(run)
    chosen = ["-m", "not slow"] if fast else []
    less = {"HERALD_TESTS": "fast"} if fast else {}  # properties with a tenth of their examples: tests/examples.py
    run.stage("tests on SQLite", partial(run.pytest, *PARALLEL, *chosen, **less))
    if not fast:
        run.stage("tests on PostgreSQL, Redis", partial(on_servers, run))
        run.stage("fault tests", partial(run.pytest, "tests/faults", *BY_TEST))
        run.stage("benchmarks, short", partial(run.command, [PYTHON, "-m", "benchmarks", "--short"]))
        run.stage("front end", partial(run.command, [PYTHON, "-m", "scripts.frontend", "--strict"]))
        run.stage("browser tests", partial(in_browser, run))


def main() -> int:
    kept = {name: value for name, value in os.environ.items() if name not in UNSET}
    with tempfile.TemporaryDirectory(prefix="herald-test-", ignore_cleanup_errors=True) as folder:
        run = Run({**kept, "HERALD_DATA_DIR": folder, "HERALD_KEPT": folder, "LOG_LEVEL": "WARNING"})
        run_all(run, fast="--fast" in sys.argv)
    say("")
    for stage in run.stages:
        say(line_of(stage))
    failed = [stage.name for stage in run.stages if not stage.ok]
    say(f"FAILED: {', '.join(failed)}" if failed else "All is well.")
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main())
