"""Inside a Herald: imports a file of people, and a small part of one in the obvious way."""

import csv
import os
import resource
from pathlib import Path
from time import perf_counter, process_time

from django.db import connection

from crm import background
from crm.entities.forms import RecordForm
from crm.entities.saving import save_record
from crm.imports import running, taking
from crm.imports.plan import Plan, folder, plan_of
from crm.models import EntityType, Import, Record, User
from targets.models import Membership, Source, TargetList
from tests.factories import UserFactory

SAMPLE = 500
HEADING = ["First name", "Last name", "Email", "Phone", "Job title", "City", "Country", "Language"]
FORM = ["first_name", "last_name", "email", "phone", "f_jobTitle", "f_city", "f_country", "language"]

Told = dict[str, float]


def measure(count: int) -> dict[str, Told | float]:
    """An empty Herald gets `count` people, then the same file again, then with another city for every other one."""
    user = UserFactory.create()
    _write(folder() / "people.file", count, 0)
    told = {"create": _import(user, "people.file", "new"), "again": _import(user, "people.file", "")}
    _write(folder() / "changed.file", count, 2)
    told["update"] = _import(user, "changed.file", "")
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    assert Record.objects.exclude(entity_type__key="User").count() == Membership.objects.count() == count
    return {**told, "memory": megabytes, "plain": _plain(user)}


def _write(path: Path, count: int, changed: int) -> None:
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADING)
        writer.writerows(_person(number, changed) for number in range(count))


def _person(number: int, changed: int) -> list[str]:
    city = f"Town {number % 300}" if changed and number % changed == 0 else f"City {number % 300}"
    address = f"Ines.Rocha{number}@example{number % 97}.com"
    return ["Ines", f"Rocha{number}", address, f"+351 21 {number}", "Buyer", city, "Portugal", "fr"]


def _import(user: User, stored_as: str, target_list: str) -> Told:
    """Matched by email, created and updated, onto a target list: rows per second, and µs of CPU per row."""
    batch = Import(
        entity_type=EntityType.objects.get(key="Contact"), owner=user, file_name="p.csv", stored_as=stored_as
    )
    plan = taking.guessed(batch, Plan())
    batch.plan = {**plan.as_json(), "target_list": target_list, "new_list": "Imported"}
    batch.save()
    taking.keep_plan(batch, plan_of(batch))
    task = running.start(batch, user)
    begin, cpu, server = perf_counter(), process_time(), _server_cpu()
    background.run(task.pk)
    seconds, cpu, server = perf_counter() - begin, process_time() - cpu, _server_cpu() - server
    batch.refresh_from_db()
    assert batch.created + batch.updated + batch.unchanged == batch.row_count, batch.refused
    told = {"rate": batch.row_count / seconds, "cpu": cpu / batch.row_count * 1e6, "updated": batch.updated}
    return {**told, "server": server / batch.row_count * 1e6}


def _server_cpu() -> float:
    """Seconds that PostgreSQL has worked for this connection; SQLite works in this very process."""
    if connection.vendor != "postgresql":
        return 0.0
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        statistics = Path(f"/proc/{cursor.fetchone()[0]}/schedstat").read_text()
    return int(statistics.split()[0]) / 1e9


def _plain(user: User) -> float:
    """Rows per second of the form of each record, saved, with its membership."""
    contacts = EntityType.objects.prefetch_related("fields").get(key="Contact")
    target_list = TargetList.objects.create(name=f"Plain {os.getpid()}")
    begin = perf_counter()
    for number in range(SAMPLE):
        cells = _person(10**9 + number, 0)
        data = dict(zip(FORM, cells, strict=True))
        known = Record.objects.filter(entity_type=contacts, email_address__normalized=cells[2].lower()).first()
        form = RecordForm(data, instance=known or Record(entity_type=contacts), entity_type=contacts)
        if form.is_valid():
            record = save_record(form, user)
            Membership.objects.get_or_create(target_list=target_list, record=record, defaults={"source": Source.IMPORT})
    return SAMPLE / (perf_counter() - begin)
