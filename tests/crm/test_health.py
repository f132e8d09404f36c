"""Health: what each check says of a good and of a bad state, who sees the page, what monitoring is told."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings as DjangoSettings

from crm import health, health_checks
from crm.health import Finding, State, Topic, answers, forget_hint, worst
from crm.jobs import note_alive
from crm.models import Beat, EmailAccount, JobRun, RunStatus, ScheduledJob, Settings
from tests.factories import EmailAccountFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _started_long_ago(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health_checks, "STARTED_AT", timezone.now() - timedelta(hours=1))
    forget_hint()


def states(found: object) -> list[State]:
    return [finding.state for finding in found]  # type: ignore[attr-defined]


def test_the_worst_finding_counts_and_information_is_no_trouble() -> None:
    assert worst([]) == worst([Finding(State.INFO, "i"), Finding(State.OK, "o")]) == State.OK
    assert worst([Finding(State.WARNING, "w"), Finding(State.OK, "o")]) == State.WARNING
    assert worst([Finding(State.WARNING, "w"), Finding(State.ERROR, "e")]) == State.ERROR


def test_a_silent_worker_is_an_error_with_a_command() -> None:
    [finding] = health_checks.worker()
    assert finding.state == State.ERROR and finding.command
    note_alive("worker")
    assert states(health_checks.worker()) == [State.OK]
    Beat.objects.update(seen_at=timezone.now() - timedelta(minutes=4))
    assert states(health_checks.worker()) == [State.ERROR]


def test_the_first_minutes_are_no_alarm(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health_checks, "STARTED_AT", timezone.now())
    assert states(health_checks.worker()) == [State.INFO]
    assert states(health_checks.beat()) == []


def test_cron_may_stand_in_for_beat() -> None:
    assert states(health_checks.beat()) == [State.ERROR]
    note_alive("worker")
    assert states(health_checks.beat()) == [State.INFO]
    note_alive("beat")
    assert states(health_checks.beat()) == [State.OK]


def test_a_job_is_inactive_failed_or_well() -> None:
    job = ScheduledJob.objects.get(key="send_mass_emails")
    ScheduledJob.objects.exclude(pk=job.pk).delete()
    assert states(health_checks.jobs()) == [State.OK]
    JobRun.objects.create(job=job, status=RunStatus.FAILED, started_at=timezone.now(), error="OSError: disk full")
    [failed] = health_checks.jobs()
    assert (failed.state, failed.evidence) == (State.ERROR, "OSError: disk full")
    ScheduledJob.objects.update(status="inactive")
    [inactive] = health_checks.jobs()
    assert inactive.state == State.ERROR and inactive.fix_url.endswith("/edit/")


def test_accounts_say_what_the_server_said() -> None:
    assert states(health_checks.accounts()) == [State.INFO]  # the sandbox
    soon = timezone.now() + timedelta(minutes=5)
    EmailAccount.objects.update(last_error="CONNECT: nobody is there", retry_at=soon)
    [sandbox] = health_checks.accounts()
    assert sandbox.state == State.ERROR and "nobody is there Asked again in " in str(sandbox.evidence)
    EmailAccount.objects.update(is_system=False, status="inactive")
    assert states(health_checks.accounts()) == [State.ERROR]
    EmailAccountFactory.create(name="Main", is_system=True, last_error="CONNECT: refused", retry_at=soon)
    [finding] = health_checks.accounts()
    assert finding.state == State.ERROR and "refused" in str(finding.evidence)
    EmailAccount.objects.filter(name="Main").update(retry_at=None, last_error="", last_ok_at=timezone.now())
    assert states(health_checks.accounts()) == [State.OK]


@pytest.mark.parametrize(
    ("host", "is_private"),
    [
        ("localhost", True), ("127.0.0.1", True), ("10.0.4.2", True), ("::1", True), ("crm.acme.local", True),
        ("herald", True), ("mail.example.com", False), ("8.8.8.8", False),
    ],
)  # fmt: skip
def test_private_hosts_are_told_by_their_form(host: str, is_private: bool) -> None:
    assert health_checks.is_private(host) is is_private


def test_the_site_url_matters_more_once_real_mail_goes_out(settings: DjangoSettings) -> None:
    settings.SITE_URL = ""
    assert states(health_checks.site_url()) == [State.WARNING]
    row = Settings.load()
    for url, with_sandbox, with_real in (
        ("http://127.0.0.1:8000", State.WARNING, State.ERROR),
        ("http://mail.example.com", State.WARNING, State.WARNING),
        ("https://mail.example.com", State.OK, State.OK),
    ):
        Settings.objects.filter(pk=row.pk).update(site_url=url)
        EmailAccount.objects.update(is_system=False)
        assert states(health_checks.site_url()) == [with_sandbox]
        EmailAccountFactory.create(is_system=True)
        assert states(health_checks.site_url()) == [with_real]


def test_the_machine_is_looked_at() -> None:
    for check in (health_checks.broker, health_checks.disk, health_checks.migrations):
        assert worst(check()) in {State.OK, State.WARNING}


def test_a_database_that_may_forget_is_an_error() -> None:
    (finding,) = health_checks.database()
    forgets = "fsync = off" in finding.evidence  # as the PostgreSQL of the tests does, to be quick
    assert finding.state == (State.ERROR if forgets else State.OK)


def test_a_broker_that_is_away_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    away = health_checks.app.connection_for_write("redis://127.0.0.1:1/0")
    monkeypatch.setattr(health_checks.app, "connection_for_write", lambda **_options: away)
    assert states(health_checks.broker()) == [State.ERROR]


def test_every_check_is_registered_and_answers() -> None:
    found = {answer.topic: answer for answer in answers()}
    assert {Topic.SENDING, Topic.LINKS, Topic.MACHINE} <= set(found)
    assert all(finding.sentence for answer in found.values() for finding in answer.findings)


def test_administrators_see_the_page_and_a_dot_while_something_is_red(
    as_administrator: Client, as_marketer: Client
) -> None:
    page = as_administrator.get("/health/").content.decode()
    assert "The worker is not running" in page and "manage.py run_due_jobs" in page
    assert 'class="alarm"' in as_administrator.get("/profile/").content.decode()
    assert as_marketer.get("/health/").status_code == 403
    assert 'href="/health/"' not in as_marketer.get("/").content.decode()


def test_the_dot_is_remembered_and_goes_after_a_look(as_administrator: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    assert health.has_problem()
    monkeypatch.setattr(health, "_checks", {})
    assert health.has_problem()
    forget_hint()
    assert not health.has_problem()


def test_monitoring_is_told_states_and_no_detail(client: Client) -> None:
    EmailAccountFactory.create(name="Secret account", last_error="AUTH: wrong password")
    told = client.get("/health.json")
    assert told.status_code == 200
    assert told.json()["status"] == "ok" and told.json()["health"] == "error"
    assert told.json()["topics"]["sending"] == "error"
    assert "Secret" not in told.content.decode() and "AUTH" not in told.content.decode()
