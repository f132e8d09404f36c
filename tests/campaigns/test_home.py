"""Home of somebody who sends: the week with its change, what is in process and upcoming, and what needs them."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from campaigns.home import first_since
from campaigns.models import Action, LogRecord, MassEmail, Portion, PortionStatus, QueueItem, QueueStatus
from crm.jobs import note_alive
from crm.models import Settings
from tests.campaigns.pages_world import make_world
from tests.factories import CampaignFactory, EmailAccountFactory, MassEmailFactory

pytestmark = pytest.mark.django_db


def log(action: Action, days_ago: int, count: int = 1, **values: object) -> None:
    at = timezone.now() - timedelta(days=days_ago)
    LogRecord.objects.bulk_create(LogRecord(campaign_id=1, action=action, at=at, **values) for _number in range(count))


def figures(client: Client) -> dict[str, object]:
    return {str(figure.label): figure for figure in client.get("/").context["figures"]}


def test_the_week_is_compared_with_the_one_before(as_marketer: Client) -> None:
    log(Action.SENT, 40, 100)
    log(Action.SENT, 9, 4)
    log(Action.SENT, 2, 5)
    log(Action.OPENED, 1, 2)
    log(Action.OPENED, 1, 7, is_machine=True)
    log(Action.SENT, 1, 7, is_test=True)
    found = figures(as_marketer)
    sent, opened = found["Sent"], found["Opened"]
    assert (sent.value, sent.before, sent.change) == (5, 4, 25)  # type: ignore[attr-defined]
    assert (opened.value, opened.share, opened.change) == (2, "40.0%", None)  # type: ignore[attr-defined]
    assert sum(sent.trend) == 5  # type: ignore[attr-defined]


def test_health_counts_what_was_sent_and_no_attempts(as_administrator: Client) -> None:
    log(Action.SENT, 0, 3)
    log(Action.BOUNCED, 0, 2)
    log(Action.SENT, 0, 4, is_test=True)
    log(Action.SENT, 2, 5)
    now = timezone.now()
    Portion.objects.create(
        mass_email_id=1, account_id=1, size=5, attempted=5, status=PortionStatus.DONE, created_at=now, finished_at=now
    )
    assert '<p class="total">3</p>' in as_administrator.get(reverse("crm:health")).content.decode()


def test_who_follows_many_links_is_one_who_clicked(as_marketer: Client) -> None:
    log(Action.SENT, 9, 8)
    for link, person, days_ago in (
        (1, 1, 9),
        (2, 1, 8),
        (3, 1, 2),
        (4, 1, 1),
        (1, 2, 1),
        (2, 2, 1),
        (1, 3, 20),
        (2, 3, 0),
    ):
        log(Action.CLICKED, days_ago, queue_item_id=person, mass_email_id=1, link_id=link)
    clicked = figures(as_marketer)["Clicked"]
    assert (clicked.value, clicked.before) == (3, 1)  # type: ignore[attr-defined]
    assert clicked.trend == (0, 0, 0, 0, 1, 1, 1)  # type: ignore[attr-defined]


def test_opened_is_no_zero_where_nobody_looked(as_marketer: Client) -> None:
    log(Action.SENT, 1, 4)
    MassEmailFactory.create(name="Unmeasured", status="complete", sent_count=4)
    page = as_marketer.get("/")
    opened = {str(figure.label): figure for figure in page.context["figures"]}["Opened"]
    assert (opened.value, opened.share, str(opened.note)) == (None, "", "Email Open Tracking is off")
    assert page.content.decode().count("0.0%") == 3, "of Clicked and Opted Out, in figures and results"
    Settings.objects.filter(pk=1).update(open_tracking=True)
    assert as_marketer.get("/").content.decode().count("0.0%") == 5


def test_there_are_no_figures_before_the_first_mail(as_marketer: Client) -> None:
    assert figures(as_marketer) == {}
    assert "No campaigns yet" in as_marketer.get("/").content.decode()


def test_the_place_in_the_log_is_found_whatever_is_missing() -> None:
    assert first_since(timezone.now()) == 0
    for days in (30, 20, 10, 5, 1):
        log(Action.SENT, days, 3)
    LogRecord.objects.filter(pk__in=list(LogRecord.objects.values_list("pk", flat=True)[3:5])).delete()
    for days in (40, 15, 7, 0):
        since = timezone.now() - timedelta(days=days)
        wanted = LogRecord.objects.filter(at__gte=since)
        assert set(LogRecord.objects.filter(pk__gte=first_since(since), at__gte=since)) == set(wanted)


def test_what_is_sent_now_is_live_and_answers_alone(as_marketer: Client) -> None:
    world = make_world()
    page = as_marketer.get("/").content.decode()
    assert 'id="live-in-process"' in page and "Launch day" in page
    part = as_marketer.get("/", headers={"HX-Request": "true", "HX-Target": "live-in-process"}).content.decode()
    assert "Launch day" in part and "<html" not in part
    MassEmail.objects.filter(pk=world.sending.pk).update(status="complete")
    gone = as_marketer.get("/", headers={"HX-Request": "true", "HX-Target": "live-in-process"})
    assert gone.content.strip() == b""


def test_what_is_scheduled_is_upcoming(as_marketer: Client) -> None:
    MassEmailFactory.create(name="Soon", status="pending", start_at=timezone.now() + timedelta(days=2))
    MassEmailFactory.create(name="Much later", status="pending", start_at=timezone.now() + timedelta(days=20))
    [upcoming] = [panel for panel in as_marketer.get("/").context["asides"] if panel.name == "upcoming"]
    assert [row.name for row in upcoming.context["mass_emails"]] == ["Soon"]


def test_what_needs_somebody_is_said_with_its_reason(as_marketer: Client, as_administrator: Client) -> None:
    MassEmailFactory.create(name="Broken", status="failed", failure="The template is gone.")
    MassEmailFactory.create(
        name="Stopped", status="in_process", paused_at=timezone.now(), pause_reason="The account was removed."
    )
    MassEmailFactory.create(name="Held", status="pending", campaign=CampaignFactory.create(status="inactive"))
    doubtful = MassEmailFactory.create(name="Doubtful", status="complete")
    QueueItem.objects.create(mass_email_id=doubtful.pk, status=QueueStatus.UNCERTAIN)
    EmailAccountFactory.create(name="Main", retry_at=timezone.now() + timedelta(minutes=5))
    note_alive("worker")
    found = {str(need.sentence): str(need.evidence) for need in as_marketer.get("/").context["needs"]}
    assert found["“Broken” failed"] == "The template is gone."
    assert found["“Stopped” was paused"] == "The account was removed."
    assert "“Held” is held back" in found
    assert "1 message of “Doubtful” is Uncertain" in found
    assert "Tell an administrator" in found["The server of Main does not answer"]
    assert list(found)[0] == "“Broken” failed"
    assert [need.fix_url for need in as_administrator.get("/").context["needs"] if "Main" in str(need.sentence)]


def test_a_busy_home_asks_a_bounded_number_of_questions(
    as_administrator: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    make_world()
    MassEmailFactory.create_batch(5, status="in_process")
    MassEmailFactory.create_batch(5, status="failed")
    log(Action.SENT, 1, 50)
    as_administrator.get("/")
    with django_assert_max_num_queries(120):
        as_administrator.get("/")
