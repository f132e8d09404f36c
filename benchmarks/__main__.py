"""`make bench`: every benchmark, one after the other, each in a process of its own.

    python -m benchmarks [--short] [names…]

--short is the form of `make test`: a few people, one run each; it shows that everything runs, and no figure of it
counts.
"""

import os
import platform
import subprocess
import sys
from argparse import ArgumentParser
from importlib.util import find_spec
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
    "web": ["--size", "20000", "--repeats", "5", "--databases", "sqlite"],
    "list_million": ["--size", "2000", "--repeats", "1", "--databases", "sqlite"],
    "pages_million": ["--size", "2000", "--repeats", "1", "--databases", "sqlite"],
    "reports_million": ["--size", "2000", "--repeats", "1", "--databases", "sqlite"],
    "export_million": ["--size", "3000", "--databases", "sqlite"],
    "import_people": ["--size", "2000", "--databases", "sqlite"],
    "bounces": ["--examples"],
    "sync_million": ["--size", "3000", "--databases", "sqlite"],
}
ON_EITHER = {"queue_build", "claim_outcomes"}  # these take the database that DATABASE_URL names


def main() -> int:
    parser = ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("names", nargs="*", help=f"of {', '.join(ALL)}; all when none is named")
    parser.add_argument("--short", action="store_true")
    chosen = parser.parse_args()
    say(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    failed = [name for name in chosen.names or ALL if not run(name, short=chosen.short)]
    say(f"\nFailed: {', '.join(failed)}" if failed else "")
    return int(bool(failed))


def run(name: str, *, short: bool) -> bool:
    if find_spec(f"benchmarks.{name}") is None or (short and not ALL[name]):
        return True
    command = [sys.executable, "-m", f"benchmarks.{name}", *(ALL[name] if short else [])]
    if name not in ON_EITHER:
        return _ends_well(command)
    say(f"\n{name}, SQLite")
    well = _ends_well(command)
    if short:
        return well
    say(f"\n{name}, PostgreSQL")
    with postgres_server() as server:
        return _ends_well(command, DATABASE_URL=server.url) and well


def _ends_well(command: list[str], **environment: str) -> bool:
    where = {**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'benchmarks'}", **environment}
    return subprocess.run(command, cwd=ROOT, env=where, check=False).returncode == 0


if __name__ == "__main__":
    sys.exit(main())
