"""What `sync_million` measures, inside a process of the Herald that it measures."""

import time
from typing import Any

from django.db import connection
from django.db.models import F
from django.utils import timezone

from benchmarks.population import make_people
from crm.models import Record
from targets.membership import add_records
from targets.models import Membership, ReportSync, Source, SyncMode, TargetList
from targets.sync import plan, run
from tests.factories import ReportFactory, TargetListFactory

PLAIN = 500  # records of the plain loop


def measure(size: int) -> dict[str, Any]:
    """Seconds of each step. At first the reports find `size` records, one in ten more is not found yet."""
    make_people(size * 10 // 9 + 1)
    Record.objects.annotate(rest=F("id") % 10).filter(rest=1).update(phone="1")
    sync = _sync()
    told: dict[str, Any] = {"preview": _seconds(lambda: plan(sync).added)}
    told["fill"], told["members"] = _timed(lambda: run(sync).added)
    told["again"], _nothing = _timed(lambda: run(sync))
    Membership.objects.filter(target_list=sync.target_list, pk__in=_one_in(100)).update(opted_out_at=timezone.now())
    Record.objects.annotate(rest=F("id") % 10).filter(rest=2).update(phone="1")
    Record.objects.annotate(rest=F("id") % 10).filter(rest=1).update(phone="")
    told["change"], done = _timed(lambda: run(sync))
    told |= {"added": done.added, "removed": done.removed, "plain": _plain(sync)}
    return told


def _sync() -> ReportSync:
    """Two reports that overlap, in the mode that has most to do."""
    sync = ReportSync.objects.create(target_list=TargetListFactory.create(), mode=SyncMode.EXACT)
    for names in (["Anna", "Bob"], ["Bob", "Carol Ann", "Dmitri"]):
        chosen = {"any": [["first_name", "is", name] for name in names]}
        sync.reports.add(ReportFactory.create(criteria={"all": [["phone", "empty"], chosen]}))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return sync


def _one_in(number: int) -> Any:
    return Membership.objects.annotate(rest=F("id") % number).filter(rest=0).values("pk")


def _plain(sync: ReportSync) -> float:
    """Seconds per record of a loop that asks for each one."""
    target_list = TargetList.objects.create(name="plain")
    began = time.monotonic()
    for pk in plan(sync).match.queries[0][:PLAIN].values_list("pk", flat=True):  # type: ignore[union-attr]
        if not Membership.objects.filter(target_list=target_list, record=pk).exists():
            add_records(target_list, Record.objects.filter(pk=pk), Source.REPORT)
    return (time.monotonic() - began) / PLAIN


def _timed(work: Any) -> tuple[float, Any]:
    began = time.monotonic()
    answer = work()
    return time.monotonic() - began, answer


def _seconds(work: Any) -> float:
    return _timed(work)[0]
