"""Inside a Herald: worker processes claim portions, take their people and record what came of them, without sending."""

import multiprocessing
import secrets
from collections import Counter
from time import perf_counter, process_time

from django.db import connection
from django.db.models import Count

from benchmarks.world import empty, mass_email, people, run
from campaigns.models import FrozenMassEmail, LogRecord, MassEmail, Portion, PortionStatus, QueueItem, QueueStatus
from campaigns.sending.claims import claim, finish
from campaigns.sending.outcomes import Outcome, write_outcomes
from campaigns.sending.portions import cut_portions
from campaigns.sending.queue import fill_queue
from crm.mail.smtp import Attempt, Phase, Reply
from crm.models import Settings

SAMPLE = 1000
ACCEPTED = [Attempt(Phase.ACCEPTED, Reply(250, (f"2.0.0 Ok: queued as {number:X}",))) for number in range(97)]
REFUSED = Attempt(Phase.RCPT, Reply(550, ("5.7.1 not here",)))
LATER = Attempt(Phase.RCPT, Reply(451, ("4.7.1 greylisted",)))

Told = dict[str, float]
Result = tuple[float, float, set[int]]  # CPU for the rows, CPU for making outcomes, ids


def measure(count: int, workers: int) -> dict[str, Told | float]:
    """A round in which all were sent, one in which every 20th was not, and rows per second of a plain loop."""
    people(count)
    frozen = mass_email(count)
    Settings.objects.update(max_per_hour=10_000_000, max_per_batch=10_000_000)
    return {"all sent": _round(frozen, workers, 0), "1 of 20 not": _round(frozen, workers, 20), "plain": _plain(frozen)}


def _round(frozen: FrozenMassEmail, workers: int, every: int) -> Told:
    """One mass email from the queue to the log; every `every`-th is refused or deferred."""
    empty("campaigns_portion", "campaigns_logrecord", "campaigns_try", "campaigns_queueitem")
    MassEmail.objects.update(sent_count=0, failed_count=0)
    total = fill_queue(frozen)
    begin = perf_counter()
    portions = cut_portions()
    cut = total / (perf_counter() - begin)
    results, seconds = _work(portions, workers, every)
    rows, making = (sum(result[place] for result in results) / total * 1e6 for place in (0, 1))
    told = {"rows": total / seconds, "cut": cut, "cpu": rows, "making": making}
    return told | _proof(frozen, [result[2] for result in results], total)


def _work(portions: list[int], workers: int, every: int) -> tuple[list[Result], float]:
    connection.close()
    with multiprocessing.get_context("fork").Pool(workers) as pool:
        pool.map(run, ["SELECT 1"] * workers)
        begin = perf_counter()
        # Every worker is offered every portion, as if each message of the broker came to all of them.
        results = pool.starmap(
            _worker, [(portions[number:] + portions[:number], every) for number in range(workers)], 1
        )
        return results, perf_counter() - begin


def _worker(portions: list[int], every: int) -> Result:
    cpu, making, done = process_time(), 0.0, set[int]()
    for pk in portions:
        portion = claim(pk, secrets.token_hex(12))
        if portion is None:
            continue
        items = list(
            QueueItem.in_hand_of(portion)
            .order_by("pk").values_list("pk", "record_id", "email_address_id")
        )  # fmt: skip
        done.update(item[0] for item in items)
        made = process_time()
        outcomes = [Outcome.of(item[0], _attempt(item[0], every)) for item in items]
        making += process_time() - made
        write_outcomes(portion, outcomes)
        finish(portion, len(items))
    return process_time() - cpu - making, making, done


def _attempt(item: int, every: int) -> Attempt:
    if every and item % every == 0:
        return REFUSED if item % (2 * every) else LATER
    return ACCEPTED[item % 97]


def _proof(frozen: FrozenMassEmail, taken: list[set[int]], total: int) -> Told:
    """Nobody twice, nobody left out, by sets of ids. Raises AssertionError when queue, log and counters differ."""
    states = Counter(dict(QueueItem.objects.values_list("status").annotate(n=Count("id")).order_by()))
    together = set[int]().union(*taken)
    logged = LogRecord.objects.filter(action=1).count()
    assert logged == MassEmail.objects.get(pk=frozen.pk).sent_count == states[QueueStatus.SENT]
    assert not Portion.objects.exclude(status=PortionStatus.DONE).exists()
    left = sum(states[status] for status in (QueueStatus.PENDING, QueueStatus.CLAIMED, QueueStatus.SENDING))
    return {"twice": sum(map(len, taken)) - len(together), "missed": total - len(together) + left}


def _plain(frozen: FrozenMassEmail) -> float:
    """Rows per second of the obvious way, one process: get, save, log, count."""
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
