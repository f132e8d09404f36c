"""Inside a Herald: builds the queue of many people, and a small part of it in the obvious way."""

import resource
from time import perf_counter

from benchmarks.world import empty, mass_email, people
from campaigns.models import FrozenMassEmail, QueueItem, QueueStatus
from campaigns.sending.queue import fill_queue
from crm.models import Record
from targets.models import Membership

SAMPLE = 1500


def measure(count: int, repeats: int) -> dict[str, object]:
    """Seconds of each whole build, rows and people of one, rows per second of a plain loop, memory in MB."""
    people(count)
    frozen = mass_email(count)
    seconds = [_build(frozen) for _repeat in range(repeats)]
    rows = QueueItem.objects.filter(mass_email_id=frozen.pk)
    return {
        "memberships": Membership.objects.count(),
        "seconds": seconds,
        "rows": rows.count(),
        "people": rows.filter(status=QueueStatus.PENDING).count(),
        "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "plain": _plain(frozen),
    }


def _build(frozen: FrozenMassEmail) -> float:
    empty("campaigns_queueitem")
    begin = perf_counter()
    fill_queue(frozen)
    return perf_counter() - begin


def _plain(frozen: FrozenMassEmail) -> float:
    """Rows per second of one record after the other."""
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
    return len(sample) / (perf_counter() - begin)
