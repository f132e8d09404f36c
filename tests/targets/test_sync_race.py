"""Two syncs of one list, somebody who opts out and somebody who is unlinked, all at the same moment."""

import pytest
from django.db import OperationalError

from crm.models import Record
from targets import matching
from targets.membership import opt_out, unlink
from targets.models import Membership, ReportSync, SyncMode, TargetList
from targets.sync import SyncRunning, run
from tests.campaigns.test_send_now_race import at_once
from tests.factories import RecordFactory, ReportFactory, TargetListFactory

ROUNDS = 2


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_nobody_is_lost_and_no_opt_out_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(matching, "PORTION", 3)
    for _round in range(ROUNDS):
        found, others = RecordFactory.create_batch(6, phone="1"), RecordFactory.create_batch(6)
        target_list = TargetListFactory.create(records=others)
        row = ReportSync.objects.create(target_list=target_list, mode=SyncMode.EXACT)
        criteria = {"all": [["phone", "not_empty"], ["name", "not_empty"]]}
        row.reports.add(ReportFactory.create(criteria=criteria))
        wish = target_list.memberships.get(record=others[0])
        told: list[str] = []

        def sync(row: ReportSync = row, told: list[str] = told) -> None:
            try:
                told.append(f"+{run(row).added}")
            except (SyncRunning, OperationalError):  # the other one is at it, or holds the only writer of SQLite
                told.append("refused")

        def leave(wish: Membership = wish, told: list[str] = told) -> None:
            try:
                told.append("out" if opt_out(wish) else "was gone")
            except (OperationalError, Record.DoesNotExist):
                told.append("refused")

        def part(target_list: TargetList = target_list, pk: int = others[1].pk, told: list[str] = told) -> None:
            try:
                unlink(target_list, Record.objects.filter(pk=pk))
            except OperationalError:
                told.append("refused")

        at_once(sync, sync, leave, part)
        ReportSync.objects.filter(pk=row.pk).update(claimed_at=None)
        run(row)
        kept = {record.pk for record in found} | ({others[0].pk} if "out" in told else set())
        assert set(target_list.memberships.values_list("record_id", flat=True)) == kept, told
        assert target_list.memberships.opted_out().count() == ("out" in told)
        Record.objects.filter(pk__in=[record.pk for record in found]).update(phone="")
