"""The page of a campaign in full swing: numbers, chart, what next, and its details changed in place."""

import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from campaigns import timeline
from campaigns.comparison import usual_rates
from campaigns.models import Action, Campaign, CampaignStatus, LogRecord, MassEmail, MassEmailStatus
from crm.models import AuditEntry
from tests.busy_campaign import BusyCampaign, make_busy_campaign
from tests.factories import CampaignFactory, MassEmailFactory, TargetListFactory

PART = {"HX-Request": "true", "HX-Target": "details"}


@pytest.fixture
def busy(db: None) -> BusyCampaign:
    return make_busy_campaign(60)


def test_numbers_are_those_of_the_log(busy: BusyCampaign, as_viewer: Client) -> None:
    page = as_viewer.get(busy.campaign.get_absolute_url())
    shown = {number.key: number.value for number in page.context["numbers"]}
    rows = LogRecord.objects.filter(campaign_id=busy.campaign.pk, is_test=False, is_machine=False)
    for key, action in (("sent", Action.SENT), ("opened", Action.OPENED), ("bounced", Action.BOUNCED)):
        assert shown[key] == rows.filter(action=action).count()
    clickers = rows.filter(action=Action.CLICKED).values("queue_item_id").distinct()
    assert shown["clicked"] == clickers.count()
    assert shown["machines"] == LogRecord.objects.filter(campaign_id=busy.campaign.pk, is_machine=True).count()


def test_the_chart_is_a_table_with_the_same_numbers(busy: BusyCampaign, as_viewer: Client) -> None:
    page = as_viewer.get(busy.campaign.get_absolute_url())
    chart = page.context["chart"]
    opened = LogRecord.objects.filter(campaign_id=busy.campaign.pk, action=Action.OPENED, is_machine=False).count()
    assert sum(dict(row["values"])["Opened"] for row in chart["rows"]) == opened
    assert sum(chart["data"]["series"][0]["values"]) == opened
    assert chart["summary"] in page.content.decode()
    assert "“Teaser” starts" in page.content.decode()


def test_the_chart_comes_by_hour_or_day_alone_or_as_a_page(busy: BusyCampaign, as_viewer: Client) -> None:
    url = reverse("campaigns:chart", args=[busy.campaign.pk])
    by_day = as_viewer.get(url, {"unit": "day"})
    assert not by_day.context["chart"]["is_hourly"]
    assert "<!doctype" in by_day.content.decode()
    part = as_viewer.get(url, {"unit": "hour"}, headers={"HX-Request": "true", "HX-Target": "engagement"})
    assert part.content.decode().strip().startswith("<section")
    for odd in ({"unit": "x"}, {"back": "-1"}, {"back": "9" * 40}, {"back": "99999"}):
        assert as_viewer.get(url, odd).status_code == 200


def test_rates_are_compared_with_the_campaigns_before(busy: BusyCampaign, as_viewer: Client) -> None:
    usual = usual_rates(busy.campaign)
    assert usual is not None
    earlier = MassEmail.objects.get(name="Summer sale")
    assert usual.opened == pytest.approx(100 * earlier.opened_count / earlier.sent_count)
    assert "pts vs your last campaign" in as_viewer.get(busy.campaign.get_absolute_url()).content.decode()
    Campaign.objects.exclude(pk=busy.campaign.pk).delete()
    assert usual_rates(busy.campaign) is None


def test_a_lead_has_its_price_where_there_is_a_budget(as_viewer: Client) -> None:
    campaign = CampaignFactory.create(type="radio", budget="600")
    for _number in range(3):
        LogRecord.objects.create(campaign_id=campaign.pk, action=Action.LEAD_CREATED)
    assert "200.00 EUR per lead" in as_viewer.get(campaign.get_absolute_url()).content.decode()


def test_what_next_names_what_there_is_to_do(busy: BusyCampaign, as_marketer: Client, as_viewer: Client) -> None:
    page = as_marketer.get(busy.campaign.get_absolute_url())
    links = [step.url for step in page.context["next_steps"]]
    assert reverse("campaigns:mass_email_resend", args=[busy.complete.pk]) in links
    assert any(url.endswith("/schedule/") for url in links)
    assert "What next" in page.content.decode()
    assert "What next" not in as_viewer.get(busy.campaign.get_absolute_url()).content.decode()


def test_a_new_campaign_begins_with_a_mass_email(as_marketer: Client) -> None:
    campaign = CampaignFactory.create()
    page = as_marketer.get(campaign.get_absolute_url())
    assert [step.title for step in page.context["next_steps"]] == ["Write the first mass email"]
    assert page.context["chart"] is None


@pytest.mark.parametrize(
    ("field", "values", "stored"),
    [
        ("status", {"status": "inactive"}, {"status": "inactive"}),
        ("budget", {"budget": "12.50", "currency": "USD"}, {"currency": "USD"}),
        ("description", {"description": "New words"}, {"description": "New words"}),
        ("dates", {"start_date": "2026-01-02", "end_date": ""}, {"end_date": None}),
        ("assigned-user", {"assigned_user": ""}, {"assigned_user": None}),
    ],
)
def test_one_field_is_changed_in_its_place(
    field: str, values: dict[str, str], stored: dict[str, Any], busy: BusyCampaign, as_marketer: Client
) -> None:
    url = reverse("campaigns:change", args=[busy.campaign.pk, field])
    assert "<form" in as_marketer.get(url, headers=PART).content.decode()
    answer = as_marketer.post(url, values, headers=PART)
    assert answer.status_code == 200
    toast = json.loads(answer["HX-Trigger"])["toast"]
    assert toast["text"] == "Saved." and ("undo" in toast) == (field == "status")
    assert 'id="campaign-meta"' in answer.content.decode()
    changed = Campaign.objects.get(pk=busy.campaign.pk)
    assert {name: getattr(changed, name) for name in stored} == stored
    assert changed.name == busy.campaign.name


def test_lists_are_changed_in_their_place(busy: BusyCampaign, as_marketer: Client) -> None:
    other = TargetListFactory.create()
    url = reverse("campaigns:change", args=[busy.campaign.pk, "target-lists"])
    as_marketer.post(url, {"target_lists": [other.pk]}, headers=PART)
    assert list(busy.campaign.target_lists.all()) == [other]
    assert busy.campaign.excluding_target_lists.exists()


@pytest.mark.parametrize(
    ("field", "values", "words"),
    [
        ("dates", {"start_date": "2026-05-02", "end_date": "2026-05-01"}, "before the start date"),
        ("budget", {"budget": "-1", "currency": "EUR"}, "below zero"),
        ("status", {"status": "x"}, "valid choice"),
        ("type", {"type": "informational"}, ""),
    ],
)
def test_what_is_wrong_is_said_at_the_field_and_nothing_is_saved(
    field: str, values: dict[str, str], words: str, busy: BusyCampaign, as_marketer: Client
) -> None:
    before = Campaign.objects.values().get(pk=busy.campaign.pk)
    answer = as_marketer.post(reverse("campaigns:change", args=[busy.campaign.pk, field]), values, headers=PART)
    after = Campaign.objects.values().get(pk=busy.campaign.pk)
    assert after | {"modified_at": None} == before | {"modified_at": None}
    if words:
        assert answer.status_code == 422
        assert words in answer.content.decode()


def test_without_script_the_links_lead_to_the_form_and_a_post_comes_back(
    busy: BusyCampaign, as_marketer: Client
) -> None:
    url = reverse("campaigns:change", args=[busy.campaign.pk, "status"])
    assert as_marketer.get(url)["Location"] == f"{reverse('campaigns:edit', args=[busy.campaign.pk])}#id_status"
    assert as_marketer.post(url, {"status": "planning"})["Location"] == busy.campaign.get_absolute_url()
    assert Campaign.objects.get(pk=busy.campaign.pk).status == CampaignStatus.PLANNING
    assert AuditEntry.objects.filter(action="campaign.changed").exists()
    assert "before the start date" in as_marketer.post(
        reverse("campaigns:change", args=[busy.campaign.pk, "dates"]),
        {"start_date": "2026-05-02", "end_date": "2026-05-01"},
    ).content.decode()  # fmt: skip


def test_a_viewer_changes_nothing_in_place(busy: BusyCampaign, as_viewer: Client) -> None:
    url = reverse("campaigns:change", args=[busy.campaign.pk, "status"])
    assert as_viewer.get(url, headers=PART).status_code == 403
    assert as_viewer.post(url, {"status": "inactive"}, headers=PART).status_code == 403
    page = as_viewer.get(busy.campaign.get_absolute_url()).content.decode()
    assert "/details/" not in page
    assert reverse("campaigns:details", args=[busy.campaign.pk]) not in page


def test_a_part_that_is_not_there_is_404(busy: BusyCampaign, as_marketer: Client) -> None:
    assert as_marketer.get(reverse("campaigns:change", args=[busy.campaign.pk, "id"])).status_code == 404


def test_a_strip_that_is_done_says_so_and_asks_no_more(busy: BusyCampaign, as_marketer: Client) -> None:
    url = reverse("campaigns:mass_email_progress", args=[busy.complete.pk])
    address = f"http://testserver{busy.campaign.get_absolute_url()}"
    answer = as_marketer.get(url, headers={"HX-Request": "true", "HX-Current-URL": address})
    assert "HX-Refresh" not in answer
    assert "hx-get" not in answer.content.decode()
    assert "“Teaser” is Complete" in answer.content.decode()


def test_numbers_come_again_only_while_something_is_sent(busy: BusyCampaign, as_viewer: Client) -> None:
    url = reverse("campaigns:numbers", args=[busy.campaign.pk])
    part = {"HX-Request": "true", "HX-Target": "overview"}
    assert "every 15s" not in as_viewer.get(url, headers=part).content.decode()
    MassEmailFactory.create(campaign=busy.campaign, status=MassEmailStatus.IN_PROCESS)
    assert "every 15s" in as_viewer.get(url, headers=part).content.decode()


def test_the_page_asks_the_database_a_bounded_number_of_times(
    busy: BusyCampaign, as_marketer: Client, django_assert_max_num_queries: Any
) -> None:
    for _number in range(15):
        MassEmailFactory.create(campaign=busy.campaign)
    with django_assert_max_num_queries(36):
        as_marketer.get(busy.campaign.get_absolute_url())
    with django_assert_max_num_queries(20):
        as_marketer.get(busy.tracking_urls[0].get_absolute_url())
    with django_assert_max_num_queries(12):
        as_marketer.get(reverse("campaigns:chart", args=[busy.campaign.pk]))


def test_a_large_campaign_comes_at_once_and_its_chart_after_it(
    busy: BusyCampaign, as_viewer: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timeline, "LARGE", 10)
    page = as_viewer.get(busy.campaign.get_absolute_url())
    assert page.context["chart"] is None
    assert f'hx-get="{reverse("campaigns:chart", args=[busy.campaign.pk])}"' in page.content.decode()
    assert "Teaser" in as_viewer.get(reverse("campaigns:chart", args=[busy.campaign.pk])).content.decode()
