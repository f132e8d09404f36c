"""The Log panel: filters, counts, *Create Target List*; and tracking URLs."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from campaigns import log_search
from campaigns.log_search import LogFilter, action_counts, event_counts, matching, people_who
from campaigns.models import Action, Campaign, LogRecord, TrackingUrl
from crm.lists.parts import ShownChip
from crm.models import AuditEntry, Record
from targets.models import Source, TargetList
from tests.factories import CampaignFactory, MassEmailFactory, RecordFactory, TemplateFactory, TrackingUrlFactory

CLICKED, SENT, OPENED, BOUNCED = Action.CLICKED, Action.SENT, Action.OPENED, Action.BOUNCED


def event(campaign: Campaign, record: Record, action: Action, **more: Any) -> LogRecord:
    number = LogRecord.objects.count()
    values = {"queue_item_id": number, "address": str(record.email_address), "at": timezone.now(), **more}
    return LogRecord.objects.create(campaign_id=campaign.pk, record_id=record.pk, action=action, **values)


@pytest.fixture
def campaign(db: None) -> Campaign:
    return CampaignFactory.create(name="Launch")


@pytest.fixture
def people(db: None) -> list[Record]:
    return [RecordFactory.create(first_name=name) for name in ("Ines", "Karim", "Siti")]


def shown(client: Client, campaign: Campaign, **query: Any) -> list[LogRecord]:
    answer = client.get(reverse("campaigns:log", args=[campaign.pk]), query)
    assert answer.status_code == 200
    return [line.row.event for line in answer.context["list"].lines()]


def test_filters_narrow_the_log(campaign: Campaign, people: list[Record], as_marketer: Client) -> None:
    ines, karim, siti = people
    email, url = MassEmailFactory.create(campaign=campaign), TrackingUrlFactory.create(campaign=campaign)
    sent = event(campaign, ines, SENT, mass_email_id=email.pk)
    clicked = event(campaign, karim, CLICKED, tracking_url_id=url.pk)
    bounced = event(campaign, siti, BOUNCED, bounce="hard", at=timezone.now() - timedelta(days=20))
    test = event(campaign, ines, OPENED, is_test=True)
    machine = event(campaign, ines, OPENED, is_machine=True)
    event(CampaignFactory.create(), ines, SENT)
    assert shown(as_marketer, campaign) == [bounced, clicked, sent]
    assert shown(as_marketer, campaign, action="clicked") == [clicked]
    assert shown(as_marketer, campaign, mass_email=email.pk) == [sent]
    assert shown(as_marketer, campaign, tracking_url=url.pk) == [clicked]
    assert shown(as_marketer, campaign, q="karim") == [clicked]
    assert shown(as_marketer, campaign, q=str(siti.email_address)) == [bounced]
    assert shown(as_marketer, campaign, date="last-7-days") == [clicked, sent]
    day = (timezone.now() - timedelta(days=20)).date().isoformat()
    assert shown(as_marketer, campaign, date="between", since=day, until=day) == [bounced]
    assert shown(as_marketer, campaign, action="bounced", bounce="soft") == []
    assert shown(as_marketer, campaign, tests="on") == [test]
    assert shown(as_marketer, campaign, machines="on") == [machine]


@pytest.mark.parametrize("junk", ["<script>", "9" * 40, "\x00", "%", "-1"])
def test_a_filter_that_makes_no_sense_is_left_out(junk: str, campaign: Campaign, as_marketer: Client) -> None:
    for name in ("action", "mass_email", "tracking_url", "date", "since", "bounce", "page", "q"):
        page = as_marketer.get(reverse("campaigns:log", args=[campaign.pk]), {name: junk})
        assert page.status_code == 200
        assert "<script>" not in page.content.decode().replace("<script src", "")


def test_the_ends_of_the_calendar_are_days_too(campaign: Campaign, people: list[Record], as_marketer: Client) -> None:
    """Filled in by whoever wants everything from or until a day."""
    sent = event(campaign, people[0], SENT)
    assert shown(as_marketer, campaign, date="between", since="0001-01-01", until="9999-12-31") == [sent]
    assert shown(as_marketer, campaign, date="between", until="0001-01-01") == []


def test_the_panel_comes_alone_when_htmx_asks_for_it(campaign: Campaign, as_marketer: Client) -> None:
    address = reverse("campaigns:log", args=[campaign.pk])
    part = as_marketer.get(address, headers={"HX-Request": "true", "HX-Target": "log"}).content.decode()
    assert part.strip().startswith("<section")
    assert "<!doctype" in as_marketer.get(address).content.decode()


def test_chips_count_within_the_other_filters_and_keep_them(
    campaign: Campaign, people: list[Record], as_marketer: Client
) -> None:
    for record in people:
        event(campaign, record, SENT)
    event(campaign, people[0], OPENED)
    event(campaign, people[0], OPENED, is_machine=True)
    answer = as_marketer.get(reverse("campaigns:log", args=[campaign.pk]), {"q": "ines", "page": "3"})
    chips = {str(chip.label): (chip.count, chip.url) for chip in answer.context["list"].shown_chips()}
    assert chips["Sent"][0] == 1
    assert chips["Opened"] == (1, "?q=ines&action=opened")
    assert chips["All"][0] == 2
    chips = {str(chip.label): chip.count for chip in log_chips(as_marketer, campaign)}
    assert (chips["Sent"], chips["All"]) == (3, 4)


def log_chips(client: Client, campaign: Campaign) -> list[ShownChip]:
    chips: list[ShownChip] = client.get(reverse("campaigns:log", args=[campaign.pk])).context["list"].shown_chips()
    return chips


def test_the_panel_of_the_campaign_counts_the_same(
    campaign: Campaign, people: list[Record], as_marketer: Client
) -> None:
    for record in people:
        event(campaign, record, SENT)
    event(campaign, people[0], OPENED)
    panel = {"HX-Request": "true", "HX-Target": "log"}
    answer = as_marketer.get(reverse("campaigns:log", args=[campaign.pk]), {"q": "ines"}, headers=panel)
    chips = {chip["label"]: (chip["count"], chip["url"]) for chip in answer.context["log_chips"]}
    assert chips["Opened"] == (1, f"/campaigns/{campaign.pk}/log/?q=ines&action=opened")
    assert (chips["Sent"][0], chips["All"][0]) == (1, 2)
    assert len(answer.context["log_page"].object_list) == 2


@pytest.fixture
def forgotten() -> Iterator[None]:
    """What a test makes Herald remember is forgotten after it: the next one has campaigns with the same ids."""
    cache.clear()
    yield
    cache.clear()


@pytest.mark.usefixtures("forgotten")
def test_old_events_are_counted_once_and_new_ones_added(
    campaign: Campaign, people: list[Record], monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Any
) -> None:
    monkeypatch.setattr(log_search, "CHEAP_COUNT", 0)
    monkeypatch.setattr(log_search, "SETTLED_AFTER", timedelta(0))
    event(campaign, people[0], SENT)
    assert action_counts(event_counts(campaign)) == {SENT: 1}
    LogRecord.objects.update(action=OPENED)  # never happens; here it shows what is not looked at again
    event(campaign, people[1], SENT)
    with django_assert_num_queries(2):
        assert action_counts(event_counts(campaign)) == {SENT: 2}
    event(campaign, people[2], OPENED)
    assert action_counts(event_counts(campaign)) == {SENT: 2, OPENED: 1}


@pytest.mark.usefixtures("forgotten")
def test_what_may_still_be_written_beside_is_counted_anew(
    campaign: Campaign, people: list[Record], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_search, "CHEAP_COUNT", 0)
    event(campaign, people[0], SENT)
    assert action_counts(event_counts(campaign)) == {SENT: 1}
    LogRecord.objects.update(action=OPENED)
    assert action_counts(event_counts(campaign)) == {OPENED: 1}


def test_people_by_what_they_did_and_did_not(campaign: Campaign, people: list[Record]) -> None:
    ines, karim, siti = people
    demo, price = TrackingUrlFactory.create(campaign=campaign), TrackingUrlFactory.create(campaign=campaign)
    for record in people:
        event(campaign, record, SENT)
    event(campaign, ines, CLICKED, tracking_url_id=demo.pk)
    event(campaign, karim, CLICKED, tracking_url_id=price.pk)
    event(campaign, siti, CLICKED, is_machine=True, tracking_url_id=demo.pk)
    event(campaign, siti, CLICKED, is_test=True, tracking_url_id=demo.pk)
    LogRecord.objects.create(campaign_id=campaign.pk, queue_item_id=99, action=CLICKED)  # an erased person
    assert set(people_who(campaign, [CLICKED])) == {ines, karim}
    assert set(people_who(campaign, [CLICKED], tracking_url_id=demo.pk)) == {ines}
    assert set(people_who(campaign, [SENT], [CLICKED])) == {siti}
    assert set(people_who(campaign, [SENT, CLICKED], tracking_url_id=demo.pk)) == set(people)
    assert set(people_who(campaign, [SENT], [CLICKED], tracking_url_id=demo.pk)) == {karim, siti}
    event(campaign, siti, BOUNCED, bounce="soft")
    event(campaign, ines, BOUNCED, bounce="hard")
    assert set(people_who(campaign, [SENT], [BOUNCED], bounce="hard")) == {karim, siti}


def test_who_did_not_click_on_one_url_becomes_a_target_list(
    campaign: Campaign, people: list[Record], as_marketer: Client
) -> None:
    url = TrackingUrlFactory.create(campaign=campaign)
    for record in people:
        event(campaign, record, SENT)
    event(campaign, people[0], CLICKED, tracking_url_id=url.pk)
    data = {"name": "Not clicked", "including": ["sent"], "excluding": ["clicked"], "tracking_url": url.pk}
    as_marketer.post(reverse("campaigns:log_target_list", args=[campaign.pk]), data)
    assert {member.record for member in TargetList.objects.get().memberships.all()} == set(people[1:])


def test_a_target_list_is_counted_first_and_then_created(
    campaign: Campaign, people: list[Record], as_marketer: Client
) -> None:
    ines, karim, siti = people
    url = TrackingUrlFactory.create(campaign=campaign)
    for record in people:
        event(campaign, record, SENT)
    event(campaign, ines, CLICKED, tracking_url_id=url.pk)
    address = reverse("campaigns:log_target_list", args=[campaign.pk])
    query: dict[str, Any] = {"action": "clicked", "tracking_url": url.pk}
    form = as_marketer.get(address, query).context["form"]
    assert form.initial["including"] == ["clicked"]
    data = {"name": "Not yet", "including": ["sent"], "excluding": ["clicked"]}
    counted = as_marketer.post(address, {**data, "count": "1"})
    assert "2 records will be on the list." in counted.content.decode()
    assert not TargetList.objects.exists()
    answer = as_marketer.post(address, data)
    made = TargetList.objects.get()
    assert answer["Location"] == made.get_absolute_url()
    assert made.is_internal
    assert {member.record for member in made.memberships.all()} == {karim, siti}
    assert set(made.memberships.values_list("source", flat=True)) == {Source.LOG}
    assert AuditEntry.objects.get(action="target_list.created").changes["records"] == 2


@pytest.mark.parametrize(
    ("query", "including"),
    [
        ({}, ["sent", "opened", "clicked", "opted-out", "opted-in", "bounced", "lead-created"]),
        ({"action": "sent"}, ["sent"]), ({"bounce": "hard"}, ["bounced"]), ({"tracking_url": "1"}, ["clicked"]),
        ({"action": "all", "date": "last-7-days"}, list(log_search.ACTIONS)),
    ],
)  # fmt: skip
def test_a_target_list_begins_with_what_the_log_shows(
    query: dict[str, str], including: list[str], campaign: Campaign, as_marketer: Client
) -> None:
    url = TrackingUrlFactory.create(campaign=campaign)
    query = {name: str(url.pk) if name == "tracking_url" else value for name, value in query.items()}
    page = as_marketer.get(reverse("campaigns:log_target_list", args=[campaign.pk]), query)
    assert page.context["form"].initial["including"] == including
    assert b"do not narrow the list" not in page.content


def test_days_and_kind_of_bounce_of_the_log_narrow_the_target_list(
    campaign: Campaign, people: list[Record], as_marketer: Client
) -> None:
    ines, karim, siti = people
    event(campaign, ines, BOUNCED, bounce="hard")
    event(campaign, karim, BOUNCED, bounce="soft")
    event(campaign, siti, BOUNCED, bounce="hard", at=timezone.now() - timedelta(days=20))
    address = reverse("campaigns:log_target_list", args=[campaign.pk])
    page = as_marketer.get(address, {"bounce": "hard", "date": "last-7-days", "q": "i", "since": "2026-02-30"})
    form, text = page.context["form"], page.content.decode()
    assert "do not narrow the list: From: Enter a valid date. · Name or email: i<" in text
    values = {name: form[name].value() for name in form.fields}
    week_ago = (timezone.localdate() - timedelta(days=7)).isoformat()
    assert f'name="since" value="{week_ago}"' in text
    as_marketer.post(address, {name: value for name, value in values.items() if value})
    made = TargetList.objects.get()
    assert {member.record for member in made.memberships.all()} == {ines}
    assert set(people_who(campaign, [BOUNCED], until=timezone.localdate() - timedelta(days=19))) == {siti}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"bounce": "hard"}, "bounce"),
        ({"since": "2026-02-30"}, "since"),
        ({"name": ""}, "name"),
        ({"including": []}, "including"),
        ({"excluding": ["sent"]}, "excluding"),
        ({"including": ["everything"]}, "including"),
        ({"tracking_url": "987"}, "tracking_url"),
    ],
)
def test_nonsense_makes_no_target_list(
    changes: dict[str, Any], field: str, campaign: Campaign, as_marketer: Client
) -> None:
    data = {"name": "List", "including": ["sent"], **changes}
    answer = as_marketer.post(reverse("campaigns:log_target_list", args=[campaign.pk]), data)
    assert answer.status_code == 422
    assert field in answer.context["form"].errors
    assert not TargetList.objects.exists()


def test_a_log_of_many_events_is_cheap(
    campaign: Campaign, as_marketer: Client, django_assert_max_num_queries: Any
) -> None:
    for number in range(40):
        email = MassEmailFactory.create(campaign=campaign, template=None)
        url = TrackingUrlFactory.create(campaign=campaign)
        event(campaign, RecordFactory.create(), CLICKED, mass_email_id=email.pk, tracking_url_id=url.pk, link_id=number)
    with django_assert_max_num_queries(22):
        as_marketer.get(reverse("campaigns:log", args=[campaign.pk]))


def test_the_log_is_leafed_through_only_so_far(
    campaign: Campaign, people: list[Record], as_marketer: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("campaigns.views.pages.MOST_COUNTED", 30)
    for number in range(40):
        event(campaign, people[0], SENT, queue_item_id=1000 + number)
    page = as_marketer.get(reverse("campaigns:log", args=[campaign.pk]))
    assert "of more than 30" in page.content.decode()


def test_filters_find_by_day_in_the_zone_of_the_person(campaign: Campaign, people: list[Record]) -> None:
    late = event(campaign, people[0], SENT, at=timezone.now().replace(hour=23, minute=30))
    with timezone.override("Asia/Jakarta"):
        tomorrow = timezone.localdate(late.at)
        assert list(matching(campaign, LogFilter(since=tomorrow, until=tomorrow))) == [late]


# ---- tracking URLs


def url_values(**changes: Any) -> dict[str, Any]:
    return {
        "name": "Demo",
        "action": "redirect",
        "url": "https://acme.example.com/?a=1&b=é#x",
        "message": "",
        **changes,
    }


def test_a_tracking_url_is_created_with_its_code(campaign: Campaign, as_marketer: Client) -> None:
    answer = as_marketer.post(reverse("campaigns:tracking_url_new", args=[campaign.pk]), url_values(), follow=True)
    made = TrackingUrl.objects.get()
    assert made.url == "https://acme.example.com/?a=1&b=é#x"
    assert made.placeholder in answer.content.decode()
    assert AuditEntry.objects.filter(action="tracking_url.created").exists()


def test_a_link_can_become_a_message(campaign: Campaign, as_marketer: Client) -> None:
    url = TrackingUrlFactory.create(campaign=campaign)
    data = url_values(action="show_message", message="**Thank you**")
    as_marketer.post(reverse("campaigns:tracking_url_edit", args=[url.pk]), data)
    url.refresh_from_db()
    assert url.action == "show_message"
    assert AuditEntry.objects.get(action="tracking_url.changed").changes["link_action"] == ["redirect", "show_message"]


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"name": ""}, "name", "required"),
        ({"name": "a\nb"}, "name", "Line breaks"),
        ({"url": ""}, "url", "Enter the URL."),
        ({"url": "javascript:alert(1)"}, "url", "http://"),
        ({"url": "data:text/html,x"}, "url", "http://"),
        ({"url": "//evil.example.com"}, "url", "http://"),
        ({"url": "https://a.example.com/\r\nSet-Cookie: x"}, "url", "http://"),
        ({"url": "https://a.example.com/" + "x" * 2000}, "url", "2000"),
        ({"action": "show_message", "message": "  "}, "message", "Write the message"),
        ({"action": "explode"}, "action", "valid choice"),
    ],
)
def test_a_bad_tracking_url_is_told_at_its_field(
    changes: dict[str, Any], field: str, words: str, campaign: Campaign, as_marketer: Client
) -> None:
    answer = as_marketer.post(reverse("campaigns:tracking_url_new", args=[campaign.pk]), url_values(**changes))
    assert answer.status_code == 422
    assert words in str(answer.context["form"].errors[field])
    assert not TrackingUrl.objects.exists()


def test_the_code_cannot_be_posted(campaign: Campaign, as_marketer: Client) -> None:
    data = url_values(code="0" * 17, click_count=99, campaign=CampaignFactory.create().pk)
    as_marketer.post(reverse("campaigns:tracking_url_new", args=[campaign.pk]), data)
    made = TrackingUrl.objects.get()
    assert (made.code != "0" * 17, made.click_count, made.campaign) == (True, 0, campaign)


def test_removing_says_who_still_names_the_code(campaign: Campaign, as_marketer: Client) -> None:
    url = TrackingUrlFactory.create(campaign=campaign)
    TemplateFactory.create(name="Spring letter", body=f"<a href='{url.placeholder}'>x</a>")
    address = reverse("campaigns:tracking_url_remove", args=[url.pk])
    page = as_marketer.get(address).content.decode()
    assert "Links in mails already sent keep working" in page
    assert "“Spring letter”" in page
    as_marketer.post(address)
    assert not TrackingUrl.objects.exists()
    assert AuditEntry.objects.filter(action="tracking_url.removed").exists()


def test_the_list_finds_by_pasted_code(campaign: Campaign, as_marketer: Client) -> None:
    url, other = TrackingUrlFactory.create(name="Wanted"), TrackingUrlFactory.create(name="Unwanted")
    page = as_marketer.get(reverse("campaigns:tracking_url_list"), {"q": url.placeholder}).content.decode()
    assert url.placeholder in page
    assert other.placeholder not in page
