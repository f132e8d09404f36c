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
    assert part.count(f'href="{log}export/') == 1 and f'href="{log}export/?action=clicked"' in part


def test_a_day_is_enough_of_a_filter(campaign: Campaign, log: str, as_viewer: Client) -> None:
    row = happened(campaign, RecordFactory.create())
    day = row.at.date().isoformat()
    assert events(as_viewer, log, since=day) == [row]
    assert events(as_viewer, log, until="2001-01-01") == []
    assert events(as_viewer, log, date="today") == events(as_viewer, log, date="today", since="2001-01-01") == [row]
    assert events(as_viewer, log, date="today", until="2001-01-01") == []
    assert events(as_viewer, log, date="today", since="9999-12-31") == []


def words(client: Client, path: str, **query: str) -> list[str]:
    return [one.words for one in client.get(path, query).context["list"].applied]


def test_no_filter_is_shown_that_does_not_filter(campaign: Campaign, log: str, as_viewer: Client) -> None:
    happened(campaign, RecordFactory.create())
    assert words(as_viewer, log, date="between") == []
    both = {"since": "2026-01-01", "until": "2026-12-31"}
    assert words(as_viewer, log, date="between", **both) == ["From: 2026-01-01", "Until: 2026-12-31"]
    assert words(as_viewer, log, date="today", since="2026-01-01") == ["Date: Today", "From: 2026-01-01"]


@pytest.mark.parametrize("name", ["since", "until"])
def test_a_day_that_is_none_is_told_and_shows_nothing(
    name: str, campaign: Campaign, log: str, as_viewer: Client
) -> None:
    happened(campaign, RecordFactory.create())
    page = as_viewer.get(log, {name: "2026-02-30"})
    assert "Enter a valid date." in page.content.decode() and page.context["list"].lines() == []
    assert {chip.count for chip in page.context["list"].shown_chips()} == {0}
    panel = as_viewer.get(log, {name: "2026-02-30"}, headers={"HX-Request": "true", "HX-Target": "log"})
    assert "Enter a valid date." in panel.content.decode()
    assert not panel.context["log_page"].object_list and {chip["count"] for chip in panel.context["log_chips"]} == {0}
    file = as_viewer.get(f"{log}export/", {name: "2026-02-30", "format": "csv"}, follow=True)
    assert b"There is nothing to export." in file.content


def test_of_a_long_text_the_beginning_is_searched_for(campaign: Campaign, log: str, as_viewer: Client) -> None:
    ines = RecordFactory.create(first_name="I" * 120, last_name="R" * 120)
    row = happened(campaign, ines)
    assert events(as_viewer, log, q=f"{'I' * 120} {'R' * 79}\0 and more that nobody is called") == [row]
    assert events(as_viewer, log, q="x" * 150) == events(as_viewer, log, q="x" * 300) == []


def test_a_named_date_takes_the_place_of_the_days_in_the_panel(campaign: Campaign, log: str, as_viewer: Client) -> None:
    happened(campaign, RecordFactory.create())
    headers = {"HX-Request": "true", "HX-Target": "log"}
    query = {"date": "today", "since": "2001-01-01", "until": "2001-01-02", "q": ""}
    panel = as_viewer.get(log, query, headers=headers)
    assert len(panel.context["log_page"].object_list) == 1 and panel["HX-Push-Url"] == f"{log}?date=today&q="
    assert 'name="since"' not in panel.content.decode() and "2001-01" not in panel.content.decode()
    kept = as_viewer.get(log, {**query, "date": "between"}, headers=headers)
    assert not kept.context["log_page"].object_list and not kept.has_header("HX-Push-Url")
    assert 'value="2001-01-02"' in kept.content.decode()


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
    path = f"{log}?{saved.query}&saved={saved.pk}"
    assert events(as_viewer, path) == []
    page = as_viewer.get(path)
    assert b"no longer one of the choices" in page.content
    assert {chip.count for chip in page.context["list"].shown_chips()} == {0}
    file = as_viewer.get(f"{log}export/?{saved.query}&saved={saved.pk}&format=csv", follow=True)
    assert b"There is nothing to export." in file.content


def test_what_only_one_campaign_has_is_not_part_of_a_saved_filter(
    campaign: Campaign, mass_email: MassEmail, log: str, as_viewer: Client
) -> None:
    """They are shared by the logs of all campaigns, and by the clicks of all tracking URLs."""
    url = TrackingUrlFactory.create(campaign=campaign)
    of_mail: dict[str, Any] = {"mass_email": mass_email.pk}
    page = as_viewer.get(log, {**of_mail, "tracking_url": url.pk, "action": "clicked"})
    assert page.context["list"].kept.state == "action=clicked" and b"Save filter" in page.content
    for path in (log, url.get_absolute_url()):
        page = as_viewer.get(path, of_mail)
        assert page.context["list"].kept.state == "" and page.context["list"].is_narrowed
        assert b"Save filter" not in page.content
    made = reverse("crm:saved_filter_new", args=["campaign-log"])
    as_viewer.post(made, {"name": "Clicks", "query": "action=clicked", "next": log})
    chosen = f"saved={SavedFilter.objects.get().pk}&action=clicked&mass_email={mass_email.pk}"
    assert not as_viewer.get(f"{log}?{chosen}").context["list"].kept.is_changed


def test_the_queue_shows_tests_when_they_are_asked_for(mass_email: MassEmail, queue: str, as_viewer: Client) -> None:
    [test] = queued(mass_email, 1, is_test=True, status=QueueStatus.SENT)
    assert as_viewer.get(queue).context["list"].lines() == []
    page = as_viewer.get(queue, {"state": "tests"}).context["list"]
    assert [line.row.item for line in page.lines()] == [test]
    assert [(str(chip.label), chip.count) for chip in page.shown_chips() if chip.is_current] == [("Test sends", 1)]
    assert not page.counts_late, "nothing is left for another request"


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
