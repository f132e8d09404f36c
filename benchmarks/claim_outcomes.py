"""Claim, read and record: the database side of sending, without the sending.

    python benchmarks/claim_outcomes.py [people] [workers]     DATABASE_URL decides between PostgreSQL and SQLite

Worker processes claim portions, take their people as `deliver` does, and record that all of them, or 95 %, were sent:
queue rows, log rows, counters. Whether anybody was taken twice or left out is told by sets of ids. Beside it, in the
same run, a loop that saves and logs one object after the other, on a sample.
"""

import multiprocessing
import secrets
import sys
from collections import Counter
from time import perf_counter, process_time

from world import database, mass_email, people, run, say  # isort: skip

from django.db import connection
from django.db.models import Count

from campaigns.models import FrozenMassEmail, LogRecord, MassEmail, Portion, PortionStatus, QueueItem, QueueStatus
from campaigns.sending.deliver import claim, finish
from campaigns.sending.outcomes import Outcome, write_outcomes
from campaigns.sending.portions import cut_portions
from campaigns.sending.queue import fill_queue
from crm.mail.smtp import Attempt, Phase, Reply
from crm.models import Settings

SAMPLE = 1000
ACCEPTED = [Attempt(Phase.ACCEPTED, Reply(250, (f"2.0.0 Ok: queued as {number:X}",))) for number in range(97)]
REFUSED = Attempt(Phase.RCPT, Reply(550, ("5.7.1 not here",)))
LATER = Attempt(Phase.RCPT, Reply(451, ("4.7.1 greylisted",)))

Result = tuple[float, float, float, set[int]]  # seconds, CPU for the rows, CPU for making outcomes, ids


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 400_000
    workers = int(sys.argv[2]) if len(sys.argv) > 2 else 4
    with database() as name:
        people(count)
        frozen = mass_email(count)
        Settings.objects.update(max_per_hour=10_000_000, max_per_batch=10_000_000)
        say(f"{name}, {workers} workers")
        rate = _round(frozen, workers, every=0)
        _round(frozen, workers, every=20)
        loop = _loop(frozen)
        say(f"an ORM loop, {SAMPLE} rows, one process: {loop:,.0f} rows/s; ratio {rate / loop:,.0f}x")


def _round(frozen: FrozenMassEmail, workers: int, every: int) -> float:
    """One mass email from the queue to the log; every `every`-th is refused or deferred. Rows per second."""
    for table in ("campaigns_portion", "campaigns_logrecord", "campaigns_try", "campaigns_queueitem"):
        run(f"DELETE FROM {table}" if connection.vendor == "sqlite" else f"TRUNCATE {table}")
    MassEmail.objects.update(sent_count=0, failed_count=0)
    total = fill_queue(frozen)
    begin = perf_counter()
    portions = cut_portions()
    seconds = perf_counter() - begin
    say(f"  cut: {total:,} people into {len(portions):,} portions in {seconds:.1f} s, {total / seconds:,.0f} rows/s")
    results, seconds = _work(portions, workers, every)
    rows, making = (sum(result[place] for result in results) / total * 1e6 for place in (1, 2))
    say(
        f"  {'all sent' if not every else f'1 of {every} not sent'}: {total / seconds:,.0f} rows/s in all; Python CPU "
        f"{rows:.1f} µs per row for reading and recording, {making:.1f} µs for making outcomes"
    )
    _prove(frozen, [result[3] for result in results], total)
    return total / seconds


def _work(portions: list[int], workers: int, every: int) -> tuple[list[Result], float]:
    connection.close()
    with multiprocessing.get_context("fork").Pool(workers) as pool:
        pool.map(_warm, range(workers))
        begin = perf_counter()
        # Every worker is offered every portion, as if each message of the broker came to all of them.
        results = pool.starmap(
            _worker, [(portions[number:] + portions[:number], every) for number in range(workers)], 1
        )
        return results, perf_counter() - begin


def _warm(_number: int) -> None:
    run("SELECT 1")


def _worker(portions: list[int], every: int) -> Result:
    begin, cpu, making, done = perf_counter(), process_time(), 0.0, set()
    for pk in portions:
        portion = claim(pk, secrets.token_hex(12))
        if portion is None:
            continue
        items = list(
            QueueItem.objects.filter(portion_id=pk, status=QueueStatus.CLAIMED)
            .order_by("pk").values_list("pk", "record_id", "email_address_id")
        )  # fmt: skip
        done.update(item[0] for item in items)
        made = process_time()
        outcomes = [Outcome.of(item[0], _attempt(item[0], every)) for item in items]
        making += process_time() - made
        write_outcomes(portion, outcomes)
        finish(portion, len(items))
    return perf_counter() - begin, process_time() - cpu - making, making, done


def _attempt(item: int, every: int) -> Attempt:
    if every and item % every == 0:
        return REFUSED if item % (2 * every) else LATER
    return ACCEPTED[item % 97]


def _prove(frozen: FrozenMassEmail, taken: list[set[int]], total: int) -> None:
    """Nobody twice, nobody left out, and the counters, the log and the queue tell the same."""
    states = Counter(dict(QueueItem.objects.values_list("status").annotate(n=Count("id")).order_by()))
    together = set().union(*taken)
    twice = sum(map(len, taken)) - len(together)
    missed = total - len(together) + sum(states[status] for status in (0, 1, 2))
    logged = LogRecord.objects.filter(action=1).count()
    sent = MassEmail.objects.get(pk=frozen.pk).sent_count
    agree = logged == sent == states[QueueStatus.SENT] and not Portion.objects.exclude(status=PortionStatus.DONE)
    say(f"  twice {twice}, missed {missed}; queue, log and counters {'agree' if agree else 'DIFFER'}: {sent:,} sent")


def _loop(frozen: FrozenMassEmail) -> float:
    """Rows per second of the obvious way: get, save, log, count."""
    begin = perf_counter()
    for item in QueueItem.objects.filter(status=QueueStatus.SENT)[:SAMPLE]:
        item.status, item.reply = QueueStatus.SENT, "250 ok"
        item.save()
        LogRecord.objects.create(
            campaign_id=frozen.campaign_id, mass_email_id=frozen.pk, queue_item_id=-item.pk,
            record_id=item.record_id, email_address_id=item.email_address_id, action=1,
        )  # fmt: skip
        mass = MassEmail.objects.get(pk=frozen.pk)
        mass.sent_count += 1
        mass.save()
    return SAMPLE / (perf_counter() - begin)


if __name__ == "__main__":
    main()
