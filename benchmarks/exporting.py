"""Runs inside a process of a Herald: exports everybody through the background task, and says what it took."""

import resource
import time
from pathlib import Path
from typing import Any

from django.db import connection

from benchmarks.population import make_people
from crm import background
from crm.entities.export import RECORDS
from crm.exports import open_table
from crm.exports.keeping import begin_export, forget, path_of
from crm.lists.posted import everything
from crm.models import ExportFile, Record, TaskStatus, User

VALUES = '{"city": "Lisbon", "country": "Portugal", "jobTitle": "Head of procurement"}'


def prepare(people: int) -> None:
    make_people(people)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE crm_record SET phone = '+351 600 100 200', \"values\" = %s", [VALUES])
    User.objects.create_user("bench", role="marketer")


def measure(format: str, columns: list[str]) -> dict[str, Any]:
    """rows, columns, seconds, MB of the process before and at most, MB of the file."""
    user = User.objects.get(username="bench")
    given = {"type": "Contact", "selection": everything("")}
    table = open_table(RECORDS, user, given)
    task = begin_export(user, RECORDS, given, {"format": format, "columns": columns}, table)
    before, began = resident(), time.perf_counter()
    background.run(task.pk)
    seconds = time.perf_counter() - began
    task.refresh_from_db()
    assert task.status == TaskStatus.SUCCESS, task.error
    file = ExportFile.objects.get(task=task)
    assert file.rows == Record.objects.filter(entity_type__key="Contact").count()
    told = {
        "rows": file.rows, "columns": len(table.chosen(columns)), "seconds": seconds, "before": before,
        "most": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "file": path_of(file).stat().st_size / 1024 / 1024,
    }  # fmt: skip
    forget(file)
    return told


def resident() -> float:
    """MB."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS"))
