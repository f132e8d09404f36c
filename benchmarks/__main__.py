"""`make bench`: every benchmark, one after the other, each in a process of its own.

    python -m benchmarks [--short] [names…]

--short is the form of `make test`: a few people, one run each, two benchmarks side by side; it shows that everything
runs, and no figure of it counts.
"""

import os
import platform
import subprocess
import sys
import tempfile
from argparse import ArgumentParser
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from benchmarks.table import say
from scripts.servers import postgres_server

ROOT = Path(__file__).resolve().parent.parent
# Name → what its short form is called with.
ALL: dict[str, list[str]] = {
    "message_build": [],
    "smtp_client": ["--seconds", "0.2", "--repeats", "1"],
    "end_to_end": ["--size", "300", "--repeats", "1", "--databases", "sqlite"],
    "latency": ["--size", "0", "--repeats", "1", "--databases", "sqlite"],
    "queue_build": ["--size", "3000", "--repeats", "1", "--databases", "sqlite"],
    "claim_outcomes": ["--size", "3000", "--databases", "sqlite"],
    "memory": ["--size", "300", "--databases", "sqlite"],
    "kill": ["--size", "3000", "--repeats", "1", "--databases", "sqlite"],
    "web": ["--size", "80000", "--repeats", "5", "--databases", "sqlite"],
    "list_million": ["--size", "2000", "--repeats", "1", "--databases", "sqlite"],
    "pages_million": ["--size", "2000", "--repeats", "1", "--databases", "sqlite"],
    "reports_million": ["--size", "2000", "--repeats", "1", "--databases", "sqlite"],
    "export_million": ["--size", "3000", "--databases", "sqlite"],
    "import_people": ["--size", "2000", "--databases", "sqlite"],
    "bounces": ["--examples"],
    "sync_million": ["--size", "3000", "--databases", "sqlite"],
}
AT_ONCE = 2  # short ones
ON_EITHER = {"queue_build", "claim_outcomes"}  # these take the database that DATABASE_URL names


def main() -> int:
    parser = ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("names", nargs="*", help=f"of {', '.join(ALL)}; all when none is named")
    parser.add_argument("--short", action="store_true")
    chosen = parser.parse_args()
    say(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    names = chosen.names or list(ALL)
    failed = run_short(names) if chosen.short else [name for name in names if not run(name)]
    say(f"\nFailed: {', '.join(failed)}" if failed else "")
    return int(bool(failed))


def run(name: str) -> bool:
    command = [sys.executable, "-m", f"benchmarks.{name}"]
    if name not in ON_EITHER:
        return _ends_well(command)
    say(f"\n{name}, SQLite")
    well = _ends_well(command)
    say(f"\n{name}, PostgreSQL")
    with postgres_server() as server:
        return _ends_well(command, DATABASE_URL=server.url) and well


def run_short(names: Sequence[str]) -> list[str]:
    """Those that failed. What each has written is shown when it has ended, in one piece."""
    failed = []
    with tempfile.TemporaryDirectory(prefix="herald-kept-") as kept, ThreadPoolExecutor(AT_ONCE) as pool:
        os.environ.setdefault("HERALD_KEPT", kept)
        short = [name for name in names if ALL[name]]
        for name, (well, written) in zip(short, pool.map(_run_short, short), strict=True):
            say(written)
            failed += [] if well else [name]
    return failed


def _run_short(name: str) -> tuple[bool, str]:
    command = [sys.executable, "-m", f"benchmarks.{name}", *ALL[name]]
    done = subprocess.run(
        command, cwd=ROOT, env=_environment(), check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    return done.returncode == 0, done.stdout


def _ends_well(command: list[str], **environment: str) -> bool:
    return subprocess.run(command, cwd=ROOT, env={**_environment(), **environment}, check=False).returncode == 0


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'benchmarks'}"}


if __name__ == "__main__":
    sys.exit(main())
