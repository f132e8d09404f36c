"""The pages of reports: what they show, keep and hand on."""

import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from crm import background
from crm.models import BackgroundTask, EmailAddress, EntityField, EntityType, SavedFilter, User
from targets.models import Membership, Report, TargetList
from tests.factories import RecordFactory, ReportFactory, UserFactory

pytestmark = pytest.mark.django_db
SPAIN = {"all": [["f_country", "is", "Spain"]]}


@pytest.fixture(autouse=True)
def people() -> None:
    for name, country in [("Ines", "Spain"), ("Karim", "France"), ("Siti", "Spain")]:
        RecordFactory(first_name=name, last_name="X", values={"country": country})


def page(client: Client, name: str, report: Report, **query: str) -> str:
    answer = client.get(reverse(f"targets:{name}", args=[report.pk]), query)
    assert answer.status_code == 200
    return str(answer.content.decode())


def condition(field: str = "f_country", operator: str = "is", value: str = "Spain") -> dict[str, str]:
    return {"b.mode": "all", "b.0.field": field, "b.0.was": field, "b.0.op": operator, "b.0.v": value}


# ---- a list report


def test_a_list_report_shows_its_records_and_says_its_conditions(as_viewer: Client) -> None:
    shown = page(as_viewer, "report", ReportFactory(criteria=SPAIN))
    assert "Country is Spain" in shown and "Ines X" in shown and "Siti X" in shown and "Karim X" not in shown


def test_its_columns_and_order_are_those_that_were_chosen(as_viewer: Client) -> None:
    report = ReportFactory(columns=["name", "language", "email"], sort="-name")
    listing = as_viewer.get(report.get_absolute_url()).context["list"]
    assert [column.name for column in listing.shown_columns] == ["name", "language", "email"]
    assert [line.row.first_name for line in listing.lines()] == ["Siti", "Karim", "Ines"]


def test_a_column_can_sort_without_being_shown(as_viewer: Client) -> None:
    listing = as_viewer.get(ReportFactory(columns=["name"], sort="-f_country").get_absolute_url()).context["list"]
    assert [column.name for column in listing.shown_columns] == ["name"]
    assert [line.row.values["country"] for line in listing.lines()] == ["Spain", "Spain", "France"]
    assert "The column “f_gone” is gone." in page(as_viewer, "report", ReportFactory(sort="f_gone"))


def test_search_and_sort_stay_within_the_report(as_viewer: Client) -> None:
    report = ReportFactory(criteria=SPAIN)
    listing = as_viewer.get(report.get_absolute_url(), {"q": "x", "sort": "-name"}).context["list"]
    assert [line.row.first_name for line in listing.lines()] == ["Siti", "Ines"]


def test_a_column_that_is_gone_is_said(as_viewer: Client) -> None:
    assert "The column “f_gone” is gone." in page(as_viewer, "report", ReportFactory(columns=["name", "f_gone"]))


def test_a_report_that_finds_nobody_says_so(as_viewer: Client) -> None:
    shown = page(as_viewer, "report", ReportFactory(criteria={"all": [["name", "is", "nobody"]]}))
    assert "Nobody fits this report" in shown


def test_a_report_on_a_field_that_is_gone_shows_nothing_and_says_why(as_administrator: Client) -> None:
    shown = page(as_administrator, "report", ReportFactory(criteria={"all": [["f_gone", "is", "x"]]}))
    assert "There is no field “f_gone” any more." in shown and "Ines X" not in shown and "Edit the report" in shown


@pytest.mark.parametrize("kind", ["list", "grid"])
def test_a_report_whose_type_is_gone_says_so_and_can_be_removed(as_administrator: Client, kind: str) -> None:
    report = ReportFactory(kind=kind, entity_type=None)
    assert "The entity type of this report was removed." in page(as_administrator, "report", report)
    assert as_administrator.get(reverse("targets:report_edit", args=[report.pk])).status_code == 302
    for name in ("report_filter", "report_export", "report_target_list"):
        assert as_administrator.post(reverse(f"targets:{name}", args=[report.pk])).status_code == 302
    assert as_administrator.get(reverse("targets:report_list")).status_code == 200
    as_administrator.post(reverse("targets:report_remove", args=[report.pk]))
    assert not Report.objects.exists()


# ---- a grid report


@pytest.mark.parametrize("chart", ["", "bar", "line", "pie"])
def test_a_grid_report_shows_groups_totals_and_a_picture(as_viewer: Client, chart: str) -> None:
    answer = as_viewer.get(ReportFactory(kind="grid", groups=[["f_country", ""]], chart=chart).get_absolute_url())
    table = answer.context["result"].table
    assert [(line.label, line.cells[0].shown) for line in table.lines] == [("Spain", "2"), ("France", "1")]
    assert [cell.shown for cell in table.totals] == ["3"]
    drawn = answer.context["result"].chart
    assert (drawn is not None) == bool(chart)
    if drawn:
        assert drawn["summary"] == "Count by Country: Spain 2, France 1. In all: 3."


@pytest.mark.parametrize(
    ("groups", "chart"), [([["email_state", ""]], "pie"), ([["f_country", ""], ["email_state", ""]], "bar")]
)
def test_states_of_email_have_the_same_color_in_every_picture(
    as_viewer: Client, groups: list[list[str]], chart: str
) -> None:
    RecordFactory(email_address=None)
    report = ReportFactory(kind="grid", groups=groups, chart=chart)
    drawn = as_viewer.get(report.get_absolute_url()).context["result"].chart
    assert {one["label"]: one["tone"] for one in drawn["series"]} == {"Listed": "lead", "No email": "sent"}
    card = as_viewer.get(reverse("targets:report_card", args=[report.pk])).content.decode()
    assert '<li class="c-lead">Listed</li>' in card


def test_every_number_leads_to_just_so_many_records(as_viewer: Client) -> None:
    owner = UserFactory(first_name="Maya", last_name="O")
    RecordFactory(owner=owner, values={"country": "Spain"})
    groups = [["owner", ""], ["f_country", ""]]
    report = ReportFactory(kind="grid", groups=groups, criteria={"none": [["f_country", "is", "France"]]})
    table = as_viewer.get(report.get_absolute_url()).context["result"].table
    cells = [*table.totals, *(cell for line in table.lines for cell in line.cells)]
    assert sum(bool(cell.url) for cell in cells) >= 4
    for cell in cells:
        if cell.url:
            assert as_viewer.get(cell.url).context["list"].total == cell.value


@pytest.mark.parametrize("by", [["email_state", ""], ["email_domain", ""], ["language", ""], ["account", ""],
                                ["created_at", "day"], ["modified_at", "week"], ["f_country", ""]])  # fmt: skip
def test_every_group_leads_to_its_records(as_viewer: Client, by: list[str]) -> None:
    RecordFactory(email="", language="fr")
    for record, opted_out in [(RecordFactory(), None), (RecordFactory(), timezone.now())]:
        flags = {"invalid_at": timezone.now(), "opted_out_at": opted_out}
        EmailAddress.objects.filter(records=record).update(**flags)
    table = as_viewer.get(ReportFactory(kind="grid", groups=[by]).get_absolute_url()).context["result"].table
    for line in table.lines:
        assert as_viewer.get(line.door.url).context["list"].total == line.cells[0].value


def test_a_grid_is_sorted_by_its_headings(as_viewer: Client) -> None:
    report = ReportFactory(kind="grid", groups=[["f_country", ""]])

    def labels(sort: str) -> list[str]:
        table = as_viewer.get(report.get_absolute_url(), {"sort": sort}).context["result"].table
        return [line.label for line in table.lines]

    assert labels("group") == ["France", "Spain"] and labels("-group") == ["Spain", "France"]
    assert labels("0") == ["France", "Spain"] and labels("nonsense") == labels("99") == ["Spain", "France"]


def test_hostile_queries_are_harmless(as_viewer: Client) -> None:
    report = ReportFactory(kind="grid", groups=[["f_country", ""], ["owner", ""]], chart="bar")
    for query in ({"figure": "99"}, {"figure": "-1"}, {"figure": "x" * 50}, {"sort": "\0"}, {"sort": "9" * 400}):
        assert as_viewer.get(report.get_absolute_url(), query).status_code == 200


# ---- the editor


def test_choosing_type_and_kind_or_a_question(as_marketer: Client) -> None:
    answer = as_marketer.get(reverse("targets:report_new"))
    text = answer.content.decode()
    assert "Who clicked in the last 30 days and never opted out?" in text and "kind=grid" in text
    for question, entity_type in answer.context["questions"]:
        query = {"type": entity_type.slug, "kind": question.kind, "question": question.key}
        form = as_marketer.get(reverse("targets:report_new"), query)
        assert form.status_code == 200 and form.context["editor"].problems == []


def test_a_list_report_is_made(as_marketer: Client, marketer: User) -> None:
    data = {**condition(), "name": "Spaniards", "order": ["email", "language"], "column": ["language"],
            "sort": "-created_at", "do": "save"}  # fmt: skip
    answer = as_marketer.post(f"{reverse('targets:report_new')}?type=contacts&kind=list", data)
    report = Report.objects.get()
    assert answer["Location"] == report.get_absolute_url()
    assert (report.criteria, report.columns, report.sort) == (SPAIN, ["name", "language"], "-created_at")
    assert (report.owner, report.is_shared, report.kind) == (marketer, False, "list")


def test_a_grid_report_is_made(as_marketer: Client) -> None:
    data = {"b.mode": "all", "b.0.field": "", "name": "Per month", "group_0": "created_at:month",
            "group_1": "f_country:", "figure_0": "count:", "chart": "line", "do": "save"}  # fmt: skip
    as_marketer.post(f"{reverse('targets:report_new')}?type=contacts&kind=grid", data)
    report = Report.objects.get()
    assert (report.criteria, report.groups) == ({}, [["created_at", "month"], ["f_country", ""]])
    assert (report.aggregates, report.chart) == ([["count", ""]], "line")


def test_what_is_missing_is_said(as_marketer: Client) -> None:
    data = {**condition(value=""), "name": "", "group_0": "", "do": "save"}
    answer = as_marketer.post(f"{reverse('targets:report_new')}?type=contacts&kind=grid", data)
    text = answer.content.decode()
    assert answer.status_code == 422 and "Choose what the records are grouped by." in text and "Enter a text." in text
    assert not Report.objects.exists()


def test_the_builder_works_by_buttons_alone_and_keeps_the_form(as_marketer: Client) -> None:
    data = {**condition(), "name": "Half done", "b.do": "add:"}
    answer = as_marketer.post(f"{reverse('targets:report_new')}?type=contacts&kind=list", data)
    text = answer.content.decode()
    assert answer.status_code == 200 and 'value="Half done"' in text and "b.1.field" in text and "errorlist" not in text
    fragment = as_marketer.get(
        reverse("targets:report_new"), {**data, "type": "contacts", "kind": "list"},
        headers={"HX-Request": "true", "HX-Target": "report-builder"},
    )  # fmt: skip
    assert fragment.content.decode().lstrip().startswith("<div") and b"b.1.field" in fragment.content


def test_columns_move_and_the_result_can_be_looked_at_before_saving(as_marketer: Client) -> None:
    url = f"{reverse('targets:report_new')}?type=contacts&kind=list"
    data: dict[str, Any] = {**condition(), "name": "x", "order": ["email", "language"], "column": ["email"]}
    answer = as_marketer.post(url, {**data, "do": "up:language"})
    assert [column.name for column, _chosen in answer.context["columns"].choices][:2] == ["language", "email"]
    preview = as_marketer.post(url, {**data, "do": "preview"}).content.decode()
    assert "Ines X" in preview and "Karim X" not in preview and not Report.objects.exists()


def test_a_stored_report_opens_in_the_editor_with_what_is_wrong_beside_it(as_administrator: Client) -> None:
    report = ReportFactory(kind="grid", groups=[["f_gone", ""]], criteria={"all": [["f_away", "is", "x"]]})
    text = page(as_administrator, "report_edit", report)
    assert "There is no field “f_away” any more." in text and "f_gone:" in text


# ---- what a report is good for


def test_a_target_list_of_a_report(as_marketer: Client) -> None:
    report = ReportFactory(criteria=SPAIN)
    answer = as_marketer.post(reverse("targets:report_target_list", args=[report.pk]), {"new_name": "Spaniards"})
    task = BackgroundTask.objects.get()
    background.run(task.pk)
    task.refresh_from_db()
    assert answer["Location"] == task.get_absolute_url()
    assert task.result["text"] == "2 records were added."
    members = Membership.objects.filter(target_list=TargetList.objects.get(name="Spaniards"))
    assert set(members.values_list("record__first_name", "source")) == {("Ines", "report"), ("Siti", "report")}


def test_a_report_becomes_a_filter_of_the_list(as_viewer: Client) -> None:
    owner = UserFactory()
    RecordFactory(owner=owner, values={"country": "Spain"})
    criteria = {"all": [*SPAIN["all"], ["owner", "any", ["me"]]]}
    report = ReportFactory(criteria=criteria, owner=owner, sort="-name")
    answer = as_viewer.post(reverse("targets:report_filter", args=[report.pk]))
    listing = as_viewer.get(answer["Location"]).context["list"]
    assert [line.row.owner for line in listing.lines()] == [owner]  # “me” is the owner of the report there too
    assert SavedFilter.objects.get().name == report.name


def test_a_list_report_as_a_file(as_marketer: Client) -> None:
    report = ReportFactory(criteria=SPAIN, columns=["name", "f_country"], sort="-name")
    url = reverse("targets:report_export", args=[report.pk])
    assert "Export 2 rows" in as_marketer.get(url).content.decode()
    lines = b"".join(as_marketer.post(url, {"format": "csv"}).streaming_content).decode("utf-8-sig").splitlines()
    assert lines == ["Name,Country", "Siti X,Spain", "Ines X,Spain"]
    narrowed = b"".join(as_marketer.post(f"{url}?q=ines", {"format": "csv"}).streaming_content).decode("utf-8-sig")
    assert narrowed.splitlines() == ["Name,Country", "Ines X,Spain"]


def test_a_grid_as_a_file_has_every_group_and_figure(as_marketer: Client) -> None:
    report = ReportFactory(kind="grid", groups=[["f_country", ""], ["language", ""]])
    answer = as_marketer.post(reverse("targets:report_export", args=[report.pk]), {"format": "csv"})
    lines = b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()
    assert lines == ["Country,Language,Count", "France,None,1", "Spain,None,2"]
    sheet = as_marketer.post(reverse("targets:report_export", args=[report.pk]), {"format": "xlsx"})
    assert b"".join(sheet.streaming_content)[:2] == b"PK"


def test_open_as_list_carries_the_conditions(as_viewer: Client) -> None:
    text = page(as_viewer, "report", report := ReportFactory(criteria=SPAIN))
    url = as_viewer.get(report.get_absolute_url()).context["result"].list_url
    assert json.loads(parse_qs(urlsplit(url).query)["where"][0]) == SPAIN and "Open as list" in text


def test_pinned_reports_stand_on_home(as_viewer: Client) -> None:
    report = ReportFactory(name="Spaniards", criteria=SPAIN)
    as_viewer.post(reverse("targets:report_pin", args=[report.pk]), {"pinned": "yes"})
    assert "Spaniards" in as_viewer.get("/").content.decode()
    assert "<b>2</b> Contacts" in page(as_viewer, "report_card", report)
    as_viewer.post(reverse("targets:report_pin", args=[report.pk]), {"pinned": ""})
    assert "Spaniards" not in as_viewer.get("/").content.decode()


def test_a_copy_is_private_and_ones_own(as_marketer: Client, marketer: User) -> None:
    as_marketer.post(reverse("targets:report_duplicate", args=[ReportFactory(name="All", criteria=SPAIN).pk]))
    copy = Report.objects.get(name="All (copy)")
    assert (copy.owner, copy.is_shared, copy.criteria) == (marketer, False, SPAIN)


def test_the_entity_manager_names_the_reports_of_a_field(as_administrator: Client) -> None:
    contact = EntityType.objects.get(key="Contact")
    field = EntityField.objects.create(entity_type=contact, name="size", label="Size")
    ReportFactory(name="Sizes", kind="grid", groups=[["f_size", ""]])
    ReportFactory(name="Other")
    text = as_administrator.get(reverse("crm:entity_field_remove", args=[field.pk])).content.decode()
    assert "Sizes" in text and "Other" not in text


# ---- who may


def test_private_reports_are_their_owners_and_administrators(as_marketer: Client, as_administrator: Client) -> None:
    report = ReportFactory(is_shared=False)
    urls = [reverse(f"targets:{name}", args=[report.pk]) for name in ("report", "report_edit", "report_card")]
    for url in urls:
        assert as_marketer.get(url).status_code == 404
        assert as_administrator.get(url).status_code == 200
    assert report.name not in as_marketer.get(reverse("targets:report_list")).content.decode()


def test_others_may_see_a_shared_report_but_not_change_it(as_marketer: Client) -> None:
    report = ReportFactory()
    assert "Edit</a>" not in page(as_marketer, "report", report)
    for name in ("report_edit", "report_remove"):
        assert as_marketer.post(reverse(f"targets:{name}", args=[report.pk])).status_code == 403
    assert Report.objects.filter(pk=report.pk).exists()


# ---- how much it asks


@pytest.mark.parametrize("more", [{}, {"kind": "grid", "groups": [["f_country", ""], ["owner", ""]], "chart": "bar"}])
def test_however_many_records_few_queries(
    as_viewer: Client, more: dict[str, Any], django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    RecordFactory.create_batch(25, owner=UserFactory())
    url = ReportFactory(criteria=SPAIN, **more).get_absolute_url()
    as_viewer.get(url)
    with django_assert_max_num_queries(26):
        as_viewer.get(url)


def test_however_many_reports_few_queries(
    as_viewer: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    ReportFactory.create_batch(15)
    with django_assert_max_num_queries(22):
        as_viewer.get(reverse("targets:report_list"))
