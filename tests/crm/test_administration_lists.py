"""The lists of administration: chips with counts, sort, the filter builder, and what may be done with a selection."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from crm.audit import audit
from crm.models import AuditEntry, BackgroundTask, JobRun, Role, ScheduledJob, User
from tests.factories import EmailAccountFactory, UserFactory

pytestmark = pytest.mark.django_db
USERS = "/admin/users/"


def where(*conditions: Any) -> dict[str, str]:
    return {"where": json.dumps({"all": list(conditions)})}


def shown(client: Client, path: str, query: dict[str, Any] | None = None) -> list[Any]:
    return [line.row for line in client.get(path, query).context["list"].lines()]


def chips(client: Client, path: str) -> dict[str, int]:
    return {str(chip.label): chip.count for chip in client.get(path).context["list"].shown_chips()}


def test_the_audit_log_is_narrowed_by_who_what_and_when(as_administrator: Client, administrator: User) -> None:
    maya = UserFactory.create(username="maya")
    before = set(AuditEntry.objects.values_list("pk", flat=True))
    own, hers, nobodys = audit(administrator, "user.changed", maya), audit(maya, "job.changed"), audit(None, "job.run")
    path = "/admin/audit-log/"
    counts = chips(as_administrator, path)
    assert counts["Only My"] == AuditEntry.objects.filter(user=administrator).count()
    assert nobodys in shown(as_administrator, path, {"show": "herald"})
    assert shown(as_administrator, path, where(["user", "any", [str(maya.pk)]])) == [hers]
    assert shown(as_administrator, path, where(["object_type", "any", ["crm.user"]], ["at", "today"]))[0] == own
    newest = [entry for entry in shown(as_administrator, path, {"sort": "at"}) if entry.pk not in before]
    assert newest == [own, hers, nobodys]


def test_an_entry_about_a_type_that_there_is_no_more_is_shown(as_administrator: Client) -> None:
    AuditEntry.objects.create(action="thing.removed", object_type="gone.thing", object_label="Old")
    as_administrator.post(
        reverse("crm:list_settings", args=["audit-log"]), {"order": "object_type", "column": "object_type"}
    )
    assert "gone.thing" in as_administrator.get("/admin/audit-log/").content.decode()


def test_users_have_chips_by_role_with_counts(as_administrator: Client, marketer: User, viewer: User) -> None:
    UserFactory.create(role=Role.VIEWER, is_active=False)
    counts = chips(as_administrator, USERS)
    assert counts["All"] == User.objects.count()
    assert (counts["Marketer"], counts["Viewer"], counts["Inactive"]) == (
        User.objects.filter(role=Role.MARKETER).count(),
        User.objects.filter(role=Role.VIEWER).count(),
        User.objects.filter(is_active=False).count(),
    )
    assert viewer in shown(as_administrator, USERS, where(["role", "any", ["viewer"]], ["is_active", "yes"]))


def test_selected_users_are_signed_out_and_let_in_again(
    as_administrator: Client, as_viewer: Client, viewer: User
) -> None:
    assert as_viewer.get("/").status_code == 200
    answer = as_administrator.post(f"{USERS}deactivate/", {"selected": viewer.pk, "query": "show=viewer"})
    assert answer["Location"] == f"{USERS}?show=viewer"
    assert as_viewer.get("/").status_code == 302
    assert AuditEntry.objects.filter(action="user.changed", object_id=viewer.pk).count() == 1
    as_administrator.post(f"{USERS}activate/", {"selected": viewer.pk})
    assert User.objects.get(pk=viewer.pk).is_active
    told = as_administrator.post(f"{USERS}activate/", {"selected": viewer.pk}, follow=True).content.decode()
    assert "Nothing to change" in told


def test_nobody_shuts_the_door_behind_their_own_back(as_administrator: Client, administrator: User) -> None:
    UserFactory.create_batch(3)
    as_administrator.post(f"{USERS}deactivate/", {"scope": "all", "query": ""})
    assert list(User.objects.filter(is_active=True)) == [administrator]
    assert as_administrator.get(USERS).status_code == 200


@pytest.mark.parametrize("act", ["activate", "deactivate"])
def test_others_change_no_users(as_marketer: Client, viewer: User, act: str) -> None:
    assert as_marketer.post(f"{USERS}{act}/", {"selected": viewer.pk}).status_code == 403
    assert User.objects.get(pk=viewer.pk).is_active


@pytest.fixture
def job() -> ScheduledJob:
    return ScheduledJob.objects.get(key="send_mass_emails")


def test_runs_are_found_by_state_error_and_length(as_administrator: Client, job: ScheduledJob) -> None:
    now = timezone.now()
    quick, slow, broken = (
        JobRun.objects.create(
            job=job, status=status, error=error, started_at=now, finished_at=now + timedelta(seconds=s)
        )
        for status, error, s in (("success", "", 1), ("success", "", 9), ("failed", "No route to host", 5))
    )
    still = JobRun.objects.create(job=job, status="running", by_hand=True, started_at=now)
    path = job.get_absolute_url()
    counts = chips(as_administrator, path)
    assert (counts["All"], counts["Success"], counts["Failed"], counts["Running"]) == (4, 2, 1, 1)
    assert shown(as_administrator, path, {"q": "route"}) == [broken]
    assert shown(as_administrator, path, {"show": "by-hand"}) == [still]
    assert shown(as_administrator, path, {"sort": "-seconds"}) == [slow, broken, quick, still]


def test_jobs_are_listed_with_their_newest_run(as_administrator: Client, job: ScheduledJob) -> None:
    for status in ("success", "failed"):
        JobRun.objects.create(job=job, status=status, started_at=timezone.now())
    page = as_administrator.get("/admin/scheduled-jobs/", {"q": "send mass"}).content.decode()
    assert "Failed" in page and "Check Group Email Accounts" not in page
    assert shown(as_administrator, "/admin/scheduled-jobs/", {"show": "inactive"}) == []


def test_accounts_are_found_by_state_and_error(as_administrator: Client) -> None:
    broken = EmailAccountFactory.create(name="Broken", last_error="Connection refused")
    EmailAccountFactory.create(name="Fine", smtp_host="mail.acme.example.com", status="inactive")
    path = "/admin/email-accounts/"
    assert shown(as_administrator, path, {"show": "error"}) == [broken]
    assert shown(as_administrator, path, where(["last_error", "contains", "refused"])) == [broken]
    assert [str(row) for row in shown(as_administrator, path, {"q": "mail.acme"})] == ["Fine"]
    assert chips(as_administrator, path)["Inactive"] == 1


def begun(owner: User, title: str, status: str = "running") -> BackgroundTask:
    return BackgroundTask.objects.create(kind="export", title=title, owner=owner, status=status, total=9, done=3)


def test_everybody_sees_their_own_background_tasks(as_marketer: Client, marketer: User, viewer: User) -> None:
    own, _others = begun(marketer, "Mine"), begun(viewer, "Theirs")
    assert shown(as_marketer, "/tasks/") == [own]
    assert shown(as_marketer, "/tasks/", {"q": "Theirs"}) == []
    page = as_marketer.get("/tasks/").content.decode()
    assert own.get_absolute_url() in page and "3 of 9" in page
    assert as_marketer.get("/tasks/", where(["owner", "any", [str(viewer.pk)]])).context["list"].problems


def test_administrators_see_everybodys(as_administrator: Client, administrator: User, viewer: User) -> None:
    own, others = begun(administrator, "Mine"), begun(viewer, "Theirs", "failed")
    assert shown(as_administrator, "/tasks/") == [others, own]
    assert shown(as_administrator, "/tasks/", {"show": "mine"}) == [own]
    assert shown(as_administrator, "/tasks/", where(["owner", "any", [str(viewer.pk)]])) == [others]
    assert chips(as_administrator, "/tasks/")["Failed"] == 1
