"""The queue of a million: who gets a mass email and why the others do not, written by one statement.

    python benchmarks/queue_build.py [people]          DATABASE_URL decides between PostgreSQL and SQLite

Three target lists that overlap, two excluding lists, 10 % of the records with somebody else's address, 2 % invalid,
3 % opted out. Beside it, in the same run, a loop that asks the ORM about each record, on a sample.
"""

import resource
import sys
from statistics import median
from time import perf_counter, process_time

from world import database, mass_email, people, run, say  # isort: skip

from django.db import connection

from campaigns.audience import frozen_audience
from campaigns.models import FrozenMassEmail, QueueItem, QueueStatus
from campaigns.sending.queue import fill_queue
from crm.models import Record
from targets.models import Membership

ROUNDS = 3
SAMPLE = 1500


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_200_000
    with database() as name:
        begin = perf_counter()
        people(count)
        frozen = mass_email(count)
        say(f"{name}: {count:,} records, {Membership.objects.count():,} memberships ({perf_counter() - begin:.0f} s)")
        seconds = sorted(_build(frozen) for _round in range(ROUNDS))
        rows = QueueItem.objects.filter(mass_email_id=frozen.pk)
        mailed = rows.filter(status=QueueStatus.PENDING).count()
        say(f"queue: {rows.count():,} rows with their reasons, {mailed:,} people")
        begin = perf_counter()
        frozen_audience(frozen).counts()
        say(f"the arithmetic alone, without writing: {perf_counter() - begin:.2f} s")
        rate, loop = rows.count() / median(seconds), _loop(frozen)
        say(f"fill_queue: {seconds[0]:.2f} / {median(seconds):.2f} / {seconds[-1]:.2f} s, {rate:,.0f} rows/s")
        say(f"an ORM loop, {SAMPLE} records: {loop:,.0f} rows/s; ratio {rate / loop:,.0f}x")
        say(f"memory of this process: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB")


def _build(frozen: FrozenMassEmail) -> float:
    """Seconds for a whole queue, into a table that was emptied before."""
    run("TRUNCATE campaigns_queueitem" if connection.vendor == "postgresql" else "DELETE FROM campaigns_queueitem")
    begin, cpu = perf_counter(), process_time()
    fill_queue(frozen)
    seconds = perf_counter() - begin
    say(f"  {seconds:.2f} s, Python {process_time() - cpu:.2f} s")
    return seconds


def _loop(frozen: FrozenMassEmail) -> float:
    """Rows per second of the obvious way, one record after the other."""
    lists = [int(pk) for pk in frozen.target_lists]
    excluding = [int(pk) for pk in frozen.excluding_target_lists]
    sample = list(Record.objects.order_by("pk").values_list("pk", flat=True)[:SAMPLE])
    QueueItem.objects.filter(record_id__in=sample).delete()
    begin = perf_counter()
    for record in Record.objects.filter(pk__in=sample, memberships__target_list__in=lists).distinct():
        address = record.email_address
        if address is None or address.opted_out_at or address.invalid_at:
            continue
        if Membership.objects.filter(record__email_address=address, target_list__in=excluding).exists():
            continue
        QueueItem.objects.get_or_create(
            mass_email_id=frozen.pk, email_address_id=address.pk, is_test=False, defaults={"record_id": record.pk}
        )
    return SAMPLE / (perf_counter() - begin)


if __name__ == "__main__":
    main()
