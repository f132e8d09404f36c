"""kill -9 in the middle of an import: what is committed stays, the rest is done by who takes it up, each row once."""

import signal
from pathlib import Path

import pytest

from tests.faults.herald import Herald

ROWS, PORTION = 50, 10
SETUP = """
from crm.imports import running
from tests.crm.imports.world import HEADING, draft
from tests.factories import UserFactory
user = UserFactory.create()
lines = [f"P,{n},p{n}@example.com," if n % 5 else f"P,{n},no address," for n in range(rows)]
batch = draft(user, HEADING + "\\n".join(lines) + "\\n", target_list="new", new_list="Fair")
answer = running.start(batch, user).pk
"""
# `deadly` dies in its third portion: before the commit, or right after it.
KILLED = """
import os, signal
from crm import background
from crm.imports import running
import {module} as place
running.PORTION = {portion}
usual = place.{owner}.{name}
calls = []
def deadly(self, *args, **kwargs):
    calls.append(args)
    if len(calls) == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return usual(self, *args, **kwargs)
place.{owner}.{name} = deadly
background.run({task})
"""
# What the sweeper does ten minutes later, and two workers that get the same message.
SWEEP = """
from datetime import timedelta
from django.utils import timezone
from crm import background
from crm.models import BackgroundTask
BackgroundTask.objects.update(seen_at=timezone.now() - timedelta(hours=1))
background.sweep()
answer = BackgroundTask.objects.get().status
"""
WORK = """
from crm import background
from crm.imports import running
running.PORTION = portion
background.run(task)
"""
FOUND = """
from crm.models import BackgroundTask, EmailAddress, Import, Record
from targets.models import Membership
batch = Import.objects.get()
answer = {
    "people": Record.objects.filter(entity_type__key="Contact").count(),
    "addresses": EmailAddress.objects.filter(normalized__startswith="p").count(),
    "members": Membership.objects.count(),
    "created": batch.created, "refused": batch.refused, "rows": batch.rows.count(),
    "refusals": batch.refusals.count(), "listed": batch.listed, "status": batch.status,
    "task": BackgroundTask.objects.get().status,
}
"""


def found(people: int, refused: int, status: str, task: str) -> dict[str, object]:
    once = dict.fromkeys(("people", "addresses", "members", "created", "rows", "listed"), people)
    return {**once, "refused": refused, "refusals": refused, "status": status, "task": task}


@pytest.mark.parametrize(
    ("module", "owner", "name", "portions"),
    [("crm.imports.writing", "Writer", "_move", 2), ("crm.background", "Progress", "tell", 3)],
    ids=["before the commit", "after the commit"],
)
def test_an_import_goes_on_where_it_was_killed(
    tmp_path: Path, module: str, owner: str, name: str, portions: int
) -> None:
    herald = Herald(tmp_path / "data")
    herald.folder.mkdir()
    herald.migrate()
    task = herald.ask(SETUP, rows=ROWS)
    killed = herald.start(KILLED.format(module=module, owner=owner, name=name, task=task, portion=PORTION))
    killed.communicate(timeout=240)
    assert killed.returncode == -signal.SIGKILL
    assert herald.ask(FOUND) == found(portions * 8, portions * 2, "running", "running")
    assert herald.ask(SWEEP) == "pending"
    workers = [herald.start(WORK, task=task, portion=PORTION) for _worker in range(2)]
    for worker in workers:
        _out, errors = worker.communicate(timeout=240)
        assert worker.returncode == 0, errors
    assert herald.ask(FOUND) == found(40, 10, "finished", "success")
