"""Sync with Reports: modes, opt-outs, broken reports, the night's job, two at once, killed in the middle."""

from datetime import timedelta
from unittest.mock import Mock

import pytest
from django.utils import timezone

from crm.jobs import run_job_now
from crm.models import AuditEntry, EntityField, EntityType, Record, RunStatus, ScheduledJob, User
from targets import matching, sync
from targets.membership import opt_out, unlink
from targets.models import Report, ReportSync, Source, SyncMode, TargetList
from targets.reports.keeping import remove
from targets.sync import SyncRunning, plan, run, save_sync, sync_all
from tests.factories import RecordFactory, ReportFactory, TargetListFactory, UserFactory

pytestmark = pytest.mark.django_db
WITH_PHONE = {"all": [["phone", "not_empty"]]}


def follow(*reports: Report, mode: SyncMode = SyncMode.EXACT, records: list[Record] | None = None) -> ReportSync:
    made = ReportSync(target_list=TargetListFactory.create(records=records or []), mode=mode)
    save_sync(made, reports, UserFactory.create())
    return made


def people(number: int, **values: object) -> list[Record]:
    return RecordFactory.create_batch(number, **values)


def on(target_list: TargetList) -> set[int]:
    return set(target_list.memberships.values_list("record_id", flat=True))


def pks(records: list[Record]) -> set[int]:
    return {record.pk for record in records}


def broken() -> Report:
    """A report that was right until its field was removed."""
    field = EntityField.objects.create(entity_type=EntityType.objects.get(key="Contact"), name="size", label="Size")
    report = ReportFactory.create(name="Sizes", criteria={"all": [["f_size", "is", "XL"]]})
    field.delete()
    return report


def test_several_reports_over_several_types_fill_one_list() -> None:
    contacts, leads = people(2, phone="1"), people(2, kind="Lead")
    people(1)
    row = follow(ReportFactory.create(criteria=WITH_PHONE), ReportFactory.create(of="Lead"))
    made = plan(row)
    assert (made.added, made.removed) == (4, 0)
    done = run(row)
    assert (done.added, done.removed, done.problems) == (4, 0, [])
    assert on(row.target_list) == pks(contacts + leads)
    assert set(row.target_list.memberships.values_list("source", flat=True)) == {Source.REPORT}


@pytest.mark.parametrize(
    ("mode", "left"), [(SyncMode.ADD, {0, 1, 2}), (SyncMode.FOLLOW, {0, 1}), (SyncMode.EXACT, {0})]
)
def test_each_mode_takes_off_whom_it_says(mode: SyncMode, left: set[int]) -> None:
    found, by_hand, brought = people(1, phone="1") + people(2)
    row = follow(ReportFactory.create(criteria=WITH_PHONE), mode=mode, records=[by_hand, brought])
    row.target_list.memberships.filter(record=brought).update(source=Source.REPORT)
    run(row)
    assert on(row.target_list) == {[found, by_hand, brought][number].pk for number in left}


def test_opted_out_members_stay_opted_out_through_any_sync() -> None:
    found, lost = people(1, phone="1") + people(1)
    row = follow(ReportFactory.create(criteria=WITH_PHONE), records=[found, lost])
    for member in row.target_list.memberships.all():
        opt_out(member, 7)
    run(row)
    assert row.target_list.memberships.opted_out().filter(opted_out_mass_email=7).count() == 2


def test_a_broken_report_is_named_and_takes_nobody_off() -> None:
    found, member = people(1, phone="1") + people(1)
    row = follow(broken(), ReportFactory.create(criteria=WITH_PHONE), records=[member])
    done = run(row)
    assert on(row.target_list) == {found.pk, member.pk}
    assert done.problems[0][0] == "Sizes" and "f_size" in done.problems[0][1]
    row.refresh_from_db()
    assert row.problems == done.problems and (row.last_added, row.last_removed) == (1, 0)


def test_a_list_with_broken_reports_only_is_left_alone() -> None:
    row = follow(broken(), records=people(2))
    assert run(row).removed == 0
    assert row.target_list.memberships.count() == 2


def test_an_automatic_sync_empties_no_list_but_one_by_hand_does(marketer: User) -> None:
    row = follow(ReportFactory.create(criteria=WITH_PHONE), records=people(2))
    assert run(row).removed == 0
    row.refresh_from_db()
    assert "find nobody" in row.problems[0][1]
    assert run(row, marketer).removed == 2
    row.refresh_from_db()
    assert (row.last_user, row.problems) == (marketer, [])


def test_the_job_syncs_what_is_automatic_and_logs_it() -> None:
    people(3, phone="1")
    report = ReportFactory.create(criteria=WITH_PHONE)
    row, off = follow(report), follow(report)
    ReportSync.objects.filter(pk=off.pk).update(is_automatic=False)
    job = ScheduledJob.objects.get(key="sync_target_lists")
    done = run_job_now(job, UserFactory.create())
    assert (done.status, done.counts) == (
        RunStatus.SUCCESS, {"lists": 1, "added": 3, "removed": 0, "with_problems": 0},
    )  # fmt: skip
    assert row.target_list.memberships.count() == 3 and off.target_list.memberships.count() == 0
    entry = AuditEntry.objects.get(action="target_list.synced")
    assert entry.user is None and entry.changes["added"] == 3


def test_one_list_that_fails_keeps_no_other_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    people(1, phone="1")
    report = ReportFactory.create(criteria=WITH_PHONE)
    first, second = follow(report), follow(report)
    whole = sync.plan

    def breaks(row: ReportSync, *, by_hand: bool = True) -> sync.Plan:
        if row.pk == first.pk:
            raise RuntimeError("the disk is full")
        return whole(row, by_hand=by_hand)

    monkeypatch.setattr(sync, "plan", breaks)
    night = sync_all()
    assert (night.lists, night.added, night.failed) == (1, 1, [str(first.target_list)])
    first.refresh_from_db()
    assert first.claimed_at is None and "the disk is full" in first.problems[0][1]
    assert second.target_list.memberships.count() == 1


def test_two_at_once_are_one_after_the_other_and_a_dead_one_is_taken_over() -> None:
    people(1, phone="1")
    row = follow(ReportFactory.create(criteria=WITH_PHONE))
    ReportSync.objects.filter(pk=row.pk).update(claimed_at=timezone.now())
    with pytest.raises(SyncRunning):
        run(row)
    ReportSync.objects.filter(pk=row.pk).update(claimed_at=timezone.now() - timedelta(minutes=11))
    assert run(row).added == 1


class Killed(BaseException):
    """As SIGKILL: nothing behind it runs."""


def test_killed_in_the_middle_it_is_simply_run_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(matching, "PORTION", 2)
    found, others = people(5, phone="1"), people(5)
    row = follow(ReportFactory.create(criteria=WITH_PHONE), records=others)
    with pytest.raises(Killed):
        run(row, tell=Mock(side_effect=Killed))
    assert 0 < len(on(row.target_list) & pks(found)) < 5
    ReportSync.objects.update(claimed_at=timezone.now() - timedelta(minutes=11))
    run(row)
    assert on(row.target_list) == pks(found)


def test_somebody_who_is_unlinked_or_opts_out_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(matching, "PORTION", 1)
    found, others = people(1, phone="1"), people(3)
    row = follow(ReportFactory.create(criteria=WITH_PHONE), records=others)

    def meanwhile(changed: int) -> None:
        if changed == 1:
            unlink(row.target_list, Record.objects.filter(pk=others[0].pk))
            opt_out(row.target_list.memberships.get(record=others[1]))

    done = run(row, tell=meanwhile)
    assert (done.added, done.removed) == (1, 1)
    assert on(row.target_list) == {found[0].pk, others[1].pk}


def test_a_report_of_several_that_is_removed_takes_its_people_off_no_list(marketer: User) -> None:
    people(1, phone="1"), people(1, kind="Lead")
    phones, leads = ReportFactory.create(name="Phones", criteria=WITH_PHONE), ReportFactory.create(of="Lead")
    row, adding, other = follow(phones, leads), follow(phones, leads, mode=SyncMode.ADD), follow(leads)
    run(row)
    remove(phones, marketer)
    assert row.target_list.memberships.count() == 2
    sync_all()
    assert row.target_list.memberships.count() == 2
    row.refresh_from_db()
    assert (row.is_automatic, row.problems[0][0]) == (False, "Phones") and "its people stay" in row.problems[0][1]
    assert set(ReportSync.objects.filter(is_automatic=True)) == {adding, other}
