"""The pages of Sync with Reports: choose, look, sync now."""

import pytest
from django.test import Client
from django.utils import timezone

from crm import background
from crm.models import AuditEntry, BackgroundTask, User
from targets.models import ReportKind, ReportSync, SyncMode, TargetList
from tests.factories import RecordFactory, ReportFactory, TargetListFactory, UserFactory

pytestmark = pytest.mark.django_db
WITH_PHONE = {"all": [["phone", "not_empty"]]}


def text(client: Client, url: str) -> str:
    return client.get(url, follow=True).content.decode().split("<main")[1]


def following(target_list: TargetList, mode: SyncMode = SyncMode.EXACT) -> ReportSync:
    row = ReportSync.objects.create(target_list=target_list, mode=mode)
    row.reports.add(ReportFactory.create(name="With a phone", criteria=WITH_PHONE))
    return row


def test_reports_are_chosen_with_mode_and_audit(as_marketer: Client) -> None:
    target_list, report = TargetListFactory.create(), ReportFactory.create(name="Everybody")
    url = f"/target-lists/{target_list.pk}/sync/"
    assert "This list follows no report" in text(as_marketer, url)
    body = {"reports": [report.pk], "mode": "follow", "is_automatic": "on"}
    assert as_marketer.post(f"{url}edit/", body)["Location"] == url
    row = ReportSync.objects.get()
    assert (row.mode, row.is_automatic, list(row.reports.all())) == ("follow", True, [report])
    assert AuditEntry.objects.get().action == "target_list.sync_changed"
    page = text(as_marketer, url)
    assert "Everybody" in page and "finds 0 records" in page
    shown = text(as_marketer, f"/target-lists/{target_list.pk}/contacts/")
    assert "Everybody</a>, not synced yet" in shown and "Synced with" not in shown
    ReportSync.objects.update(last_run_at=timezone.now())
    assert "Synced with Everybody" in text(as_marketer, f"/target-lists/{target_list.pk}/contacts/")


def test_only_list_reports_that_the_person_may_see_are_offered(as_marketer: Client) -> None:
    ReportFactory.create(name="Somebody's own", is_shared=False, owner=UserFactory.create())
    ReportFactory.create(name="A grid", kind=ReportKind.GRID)
    ReportFactory.create(name="Shared one")
    target_list = TargetListFactory.create()
    page = text(as_marketer, f"/target-lists/{target_list.pk}/sync/edit/")
    assert "Shared one" in page and "A grid" not in page and "Somebody&#x27;s own" not in page
    hidden = ReportFactory.create(is_shared=False, owner=UserFactory.create())
    answer = as_marketer.post(f"/target-lists/{target_list.pk}/sync/edit/", {"reports": [hidden.pk], "mode": "add"})
    assert answer.status_code == 422 and not ReportSync.objects.exists()


def test_the_preview_says_how_many_and_who_and_changes_nothing(as_marketer: Client) -> None:
    RecordFactory.create(first_name="", last_name="Anna", phone="1")
    ben = RecordFactory.create(first_name="", last_name="Ben")
    target_list = TargetListFactory.create(records=[ben])
    following(target_list)
    url = f"/target-lists/{target_list.pk}/sync/preview/"
    page = text(as_marketer, url)
    assert "1</b> to add" in page and "1</b> to take off" in page and "Anna" in page and "Ben" not in page
    assert "Ben" in text(as_marketer, f"{url}?show=going")
    assert "Anna" not in text(as_marketer, f"{url}?q=zoe")
    assert list(target_list.memberships.values_list("record_id", flat=True)) == [ben.pk]


def test_sync_now_does_it_and_tells(as_marketer: Client, marketer: User) -> None:
    RecordFactory.create_batch(2, phone="1")
    row = following(TargetListFactory.create(records=[RecordFactory.create()]))
    page = as_marketer.post(f"/target-lists/{row.target_list_id}/sync/now/", follow=True).content.decode()
    assert "2 records were added. 1 record was taken off." in page
    row.refresh_from_db()
    assert (row.last_added, row.last_removed, row.last_user) == (2, 1, marketer)
    page = as_marketer.post(f"/target-lists/{row.target_list_id}/sync/now/", follow=True).content.decode()
    assert "Nothing had to be changed." in page


def test_a_large_difference_is_done_in_the_background(as_marketer: Client) -> None:
    RecordFactory.create_batch(101, phone="1", email="")
    row = following(TargetListFactory.create())
    answer = as_marketer.post(f"/target-lists/{row.target_list_id}/sync/now/")
    task = BackgroundTask.objects.get()
    assert answer["Location"] == task.get_absolute_url() and task.total == 101
    background.run(task.pk)
    task.refresh_from_db()
    assert (task.status, task.done) == ("success", 101)
    assert row.target_list.memberships.count() == 101


def test_a_broken_report_is_shown_with_its_reason(as_viewer: Client) -> None:
    row = following(TargetListFactory.create())
    row.reports.add(ReportFactory.create(name="Sizes", criteria={"all": [["f_size", "is", "XL"]]}))
    page = text(as_viewer, f"/target-lists/{row.target_list_id}/sync/")
    assert "Sizes" in page and "Cannot be used" in page and "f_size" in page


def test_viewers_look_and_change_nothing(as_viewer: Client) -> None:
    row = following(TargetListFactory.create())
    url = f"/target-lists/{row.target_list_id}/sync/"
    assert "Sync now" not in text(as_viewer, url)
    assert as_viewer.post(f"{url}now/").status_code == 403
    assert as_viewer.get(f"{url}edit/").status_code == 403
