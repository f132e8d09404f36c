"""A Herald of its own for one fault test: real processes on a real database file, killed without mercy."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from scripts.servers import die_with_parent

ROOT = Path(__file__).resolve().parents[2]

SETUP = """
from campaigns.models import MassEmailStatus
from crm.models import EmailAddress, EntityType, Record
from targets.models import Membership
from tests.factories import EmailAccountFactory, MassEmailFactory, TargetListFactory
kind = EntityType.objects.get(key="Contact")
addresses = EmailAddress.objects.bulk_create(
    EmailAddress(address=f"p{n}@example.com", normalized=f"p{n}@example.com") for n in range(people))
records = Record.objects.bulk_create(
    Record(entity_type=kind, name=f"P {n}", first_name="P", email_address=a) for n, a in enumerate(addresses))
target_list = TargetListFactory.create()
Membership.objects.bulk_create(Membership(target_list=target_list, record=r) for r in records)
account = EmailAccountFactory.create(smtp_port=port, connections=connections)
made = MassEmailFactory.create(account=account, status=MassEmailStatus.PENDING, lists=[target_list])
answer = made.pk
"""
CUT = """
from campaigns.sending.portions import cut_portions
from campaigns.sending.queue import start_due
start_due()
cut_portions()
"""
WORK = f"""{CUT}
from campaigns.models import Portion
from campaigns.sending.deliver import send_portion
for pk in Portion.objects.filter(status=0).values_list("pk", flat=True):
    send_portion(pk)
"""
SWEEP = """
from datetime import timedelta
from django.utils import timezone
from campaigns.models import Portion, PortionStatus
from campaigns.sending.sweep import sweep
Portion.objects.filter(status=PortionStatus.RUNNING).update(lease_until=timezone.now() - timedelta(seconds=1))
answer = sweep()
"""
STATES = """
from collections import Counter
from campaigns.models import MassEmail, QueueItem, QueueStatus
found = Counter(QueueStatus(s).name for s in QueueItem.objects.values_list("status", flat=True))
mass_email = MassEmail.objects.get()
answer = {"states": found, "status": mass_email.status, "sent": mass_email.sent_count}
"""


@dataclass
class Herald:
    folder: Path
    database_url: str = ""
    redis_url: str = ""

    def environment(self) -> dict[str, str]:
        extra = {"HERALD_DATA_DIR": str(self.folder), "DJANGO_SETTINGS_MODULE": "crm.settings", "LOG_LEVEL": "WARNING"}
        servers = {"DATABASE_URL": self.database_url, "REDIS_URL": self.redis_url}
        extra |= {name: url for name, url in servers.items() if url}
        inherited = {k: v for k, v in os.environ.items() if k not in servers}
        return {**inherited, **extra, "PYTHONPATH": str(ROOT)}

    def migrate(self) -> None:
        """All migrations on an empty database; on SQLite by copying the one that this run has migrated."""
        if self.database_url:
            self._run_migrations()
        else:
            _copy(_migrated(), self.folder / "herald.sqlite3")

    def _run_migrations(self) -> None:
        subprocess.run(
            [sys.executable, "manage.py", "migrate", "-v0"], cwd=ROOT, env=self.environment(), check=True, timeout=600
        )

    def start(self, code: str, **values: object) -> "subprocess.Popen[str]":
        """Run `code` in a process of its own; what it leaves in `answer` is printed as JSON."""
        lines = ["import django, json", "django.setup()", "answer = None"]
        lines += [f"{name} = {value!r}" for name, value in values.items()]
        program = "\n".join([*lines, code, "print(json.dumps(answer))"])
        return subprocess.Popen(
            [sys.executable, "-c", program], cwd=ROOT, env=self.environment(), text=True, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, start_new_session=True, preexec_fn=die_with_parent,
        )  # fmt: skip

    def ask(self, code: str, *, seconds: float = 120, **values: object) -> Any:
        process = self.start(code, **values)
        out, errors = process.communicate(timeout=seconds)
        assert process.returncode == 0, errors
        return json.loads(out.splitlines()[-1])


@cache
def _migrated() -> Path:
    """An empty SQLite database with every migration: seconds of work, done once in a run of tests or benchmarks."""
    kept = Path(os.environ.get("HERALD_KEPT") or _own_folder().name)
    database = kept / "migrated.sqlite3"
    if not database.exists():
        with tempfile.TemporaryDirectory(dir=kept) as folder:
            Herald(Path(folder))._run_migrations()
            _copy(Path(folder) / "herald.sqlite3", Path(folder) / "whole")
            (Path(folder) / "whole").replace(database)  # at once: two processes may make it at the same time
    return database


@cache
def _own_folder() -> "tempfile.TemporaryDirectory[str]":
    """Of a process that no run has told where to keep things. It ends with the process."""
    return tempfile.TemporaryDirectory(prefix="herald-kept-", ignore_cleanup_errors=True)


def _copy(database: Path, to: Path) -> None:
    """With what still stands in the write-ahead log."""
    with closing(sqlite3.connect(database)) as source, closing(sqlite3.connect(to)) as target:
        source.backup(target)


def kill(processes: Sequence["subprocess.Popen[str]"]) -> None:
    """kill -9, and wait until they are gone."""
    for process in processes:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
