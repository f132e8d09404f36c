"""The log and the queue as lists: sort, page size, columns, saved filters, and counts that stay bounded."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from campaigns.models import Action, Campaign, LogRecord, MassEmail, MassEmailStatus, QueueItem, QueueStatus
from crm.models import Record, SavedFilter, User
from tests.factories import CampaignFactory, MassEmailFactory, RecordFactory, TargetListFactory, TrackingUrlFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def campaign() -> Campaign:
    return CampaignFactory.create()


@pytest.fixture
def log(campaign: Campaign) -> str:
    return reverse("campaigns:log", args=[campaign.pk])


@pytest.fixture
def mass_email(campaign: Campaign) -> MassEmail:
    return MassEmailFactory.create(campaign=campaign, status=MassEmailStatus.COMPLETE)


@pytest.fixture
def queue(mass_email: MassEmail) -> str:
    return reverse("campaigns:mass_email_queue", args=[mass_email.pk])


def happened(campaign: Campaign, record: Record, action: Action = Action.SENT, **more: Any) -> LogRecord:
    number = LogRecord.objects.count()
    return LogRecord.objects.create(
        campaign_id=campaign.pk, record_id=record.pk, action=action, queue_item_id=number,
        address=str(record.email_address), **more,
    )  # fmt: skip


def queued(mass_email: MassEmail, number: int, **more: Any) -> list[QueueItem]:
    return [
        QueueItem.objects.create(
            mass_email_id=mass_email.pk, record_id=record.pk, email_address_id=record.email_address_id, **more
        )
        for record in RecordFactory.create_batch(number)
    ]


def events(client: Client, path: str, **query: Any) -> list[LogRecord]:
    return [line.row.event for line in client.get(path, query).context["list"].lines()]


def test_the_log_is_turned_round_and_paged_as_chosen(campaign: Campaign, log: str, as_viewer: Client) -> None:
    ines = RecordFactory.create()
    rows = [happened(campaign, ines) for _number in range(25)]
    assert events(as_viewer, log) == rows[:4:-1]
    assert events(as_viewer, log, sort="at", page="2") == rows[20:]
    chosen = {"size": "50", "order": "address", "column": "address"}
    as_viewer.post(reverse("crm:list_settings", args=["campaign-log"]), chosen)
    assert len(events(as_viewer, log)) == 25
    headings = [str(one.column.label) for one in as_viewer.get(log).context["list"].headings()]
    assert headings == ["Target", "Email Address"]


def test_what_is_done_with_the_log_follows_its_filter(campaign: Campaign, log: str, as_marketer: Client) -> None:
    happened(campaign, RecordFactory.create(), Action.CLICKED)
    headers = {"HX-Request": "true", "HX-Target": "log-results"}
    part = as_marketer.get(log, {"action": "clicked"}, headers=headers).content.decode()
    assert f"{log}target-list/?action=clicked" in part and 'id="log-acts" hx-swap-oob="true"' in part
    assert f"{log}export/?action=clicked&amp;format=csv" in part


def test_a_day_is_enough_of_a_filter(campaign: Campaign, log: str, as_viewer: Client) -> None:
    row = happened(campaign, RecordFactory.create())
    day = row.at.date().isoformat()
    assert events(as_viewer, log, since=day) == [row]
    assert events(as_viewer, log, until="2001-01-01") == []


def test_filters_of_log_and_queue_are_saved_and_counted(
    campaign: Campaign, mass_email: MassEmail, log: str, queue: str, as_viewer: Client, viewer: User
) -> None:
    for action in (Action.SENT, Action.SENT, Action.CLICKED):
        happened(campaign, RecordFactory.create(), action)
    queued(mass_email, 3, status=QueueStatus.FAILED)
    queued(mass_email, 1, status=QueueStatus.SENT)
    for key, query in (("campaign-log", "action=sent"), ("queue", "state=failed")):
        SavedFilter.objects.create(owner=viewer, list_key=key, name="Mine", query=query)
    for path, name, number in ((log, "log", 2), (queue, "queue", 3)):
        headers = {"HX-Request": "true", "HX-Target": f"{name}-saved"}
        assert f'<span class="n">{number}</span>' in as_viewer.get(path, headers=headers).content.decode()


def test_a_saved_filter_of_another_campaigns_link_shows_nothing_rather_than_all(
    campaign: Campaign, log: str, as_viewer: Client, viewer: User
) -> None:
    happened(campaign, RecordFactory.create())
    elsewhere = MassEmailFactory.create()
    saved = SavedFilter.objects.create(
        owner=viewer, list_key="campaign-log", name="Of another", query=f"mass_email={elsewhere.pk}"
    )
    assert events(as_viewer, f"{log}?{saved.query}&saved={saved.pk}") == []


def test_the_queue_shows_tests_when_they_are_asked_for(mass_email: MassEmail, queue: str, as_viewer: Client) -> None:
    [test] = queued(mass_email, 1, is_test=True, status=QueueStatus.SENT)
    assert as_viewer.get(queue).context["list"].lines() == []
    page = as_viewer.get(queue, {"state": "tests"}).context["list"]
    assert [line.row.item for line in page.lines()] == [test]
    assert [str(chip.label) for chip in page.shown_chips() if chip.is_current] == ["Test sends"]


def test_send_again_is_offered_where_the_uncertain_ones_stand(
    mass_email: MassEmail, queue: str, as_marketer: Client, as_viewer: Client
) -> None:
    queued(mass_email, 1, status=QueueStatus.UNCERTAIN)
    again = reverse("campaigns:mass_email_resend_uncertain", args=[mass_email.pk])
    assert again in as_marketer.get(queue, {"state": "uncertain"}).content.decode()
    assert again not in as_marketer.get(queue).content.decode()
    assert again not in as_viewer.get(queue, {"state": "uncertain"}).content.decode()


@pytest.mark.parametrize("name", ["log", "queue"])
def test_no_more_is_counted_than_the_bound(
    name: str, request: pytest.FixtureRequest, campaign: Campaign, mass_email: MassEmail, as_viewer: Client,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    path: str = request.getfixturevalue(name)
    monkeypatch.setattr("campaigns.views.pages.MOST_COUNTED", 5)
    ines = RecordFactory.create()
    for _number in range(8):
        happened(campaign, ines)
    queued(mass_email, 8)
    assert "of more than 5" in as_viewer.get(path).content.decode()
    assert "1–8 of 8" in as_viewer.get(path, {"count": "exact"}).content.decode()


@pytest.mark.parametrize("name", ["log", "queue"])
def test_many_rows_take_as_many_queries_as_few(
    name: str, request: pytest.FixtureRequest, campaign: Campaign, mass_email: MassEmail, as_viewer: Client
) -> None:
    path: str = request.getfixturevalue(name)

    def asked(number: int) -> int:
        for record in RecordFactory.create_batch(number):
            happened(campaign, record, mass_email_id=mass_email.pk)
        queued(mass_email, number)
        with CaptureQueriesContext(connection) as queries:
            assert as_viewer.get(path).status_code == 200
        return len(queries)

    as_viewer.get(path)
    few = asked(2)
    assert few == asked(18) <= 22


def test_who_clicked_is_searched_narrowed_and_leads_to_a_target_list(
    campaign: Campaign, mass_email: MassEmail, as_marketer: Client
) -> None:
    url = TrackingUrlFactory.create(campaign=campaign, people_count=2)
    ines, karim = RecordFactory.create(first_name="Ines"), RecordFactory.create(first_name="Karim")
    first = happened(campaign, ines, Action.CLICKED, tracking_url_id=url.pk, mass_email_id=mass_email.pk)
    second = happened(campaign, karim, Action.CLICKED, tracking_url_id=url.pk)
    happened(campaign, karim, Action.CLICKED)
    path = url.get_absolute_url()
    assert events(as_marketer, path) == [second, first]
    assert events(as_marketer, path, q="ines") == [first]
    assert events(as_marketer, path, mass_email=mass_email.pk) == [first]
    assert events(as_marketer, path, mass_email="987654", sort="at") == [first, second]
    part = as_marketer.get(path, headers={"HX-Request": "true", "HX-Target": "people-results"})
    assert "machine_clicks" not in part.context and "Karim" in part.content.decode()
    assert "log/target-list/?action=clicked" in as_marketer.get(path).content.decode()


def test_the_people_behind_a_reason_have_a_chip_even_when_there_are_none(
    mass_email: MassEmail, as_viewer: Client
) -> None:
    ines = RecordFactory.create(first_name="Ines")
    mass_email.target_lists.add(TargetListFactory.create(records=[ines]))
    path = reverse("campaigns:mass_email_audience", args=[mass_email.pk])
    page = as_viewer.get(path).context["list"]
    assert [line.row for line in page.lines()] == [ines]
    assert [(str(chip.label), chip.count) for chip in page.shown_chips()] == [("People who get it", 1)]
    left_out = as_viewer.get(path, {"reason": "opted_out"}).context["list"]
    assert left_out.lines() == [] and [chip.count for chip in left_out.shown_chips()] == [1, 0]
    assert as_viewer.get(path, {"q": "nobody"}).context["list"].lines() == []
    dialog = as_viewer.get(path, headers={"HX-Request": "true", "HX-Target": "dialog"}).content.decode()
    assert "dialog-heading" in dialog and "Ines" in dialog
