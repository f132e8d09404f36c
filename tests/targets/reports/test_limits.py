"""What is too much or broken in a report is said; nothing is shown instead of something wrong."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from crm.criteria.parse import DEEPEST, MOST_CONDITIONS, MOST_OPTIONS
from targets.membership import add_records
from targets.models import Report, Source
from targets.reports import report_problems, report_records
from targets.reports.keeping import filter_of
from targets.reports.records import ReportError, list_url
from tests.factories import RecordFactory, ReportFactory, TargetListFactory

pytestmark = pytest.mark.django_db
PHONE: list[Any] = ["phone", "not_empty"]


def deep(levels: int) -> Any:
    tree: Any = PHONE
    for _level in range(levels):
        tree = {"all": [tree]}
    return tree


@pytest.mark.parametrize(
    ("criteria", "text"),
    [
        (deep(DEEPEST + 1), "at most 5 deep"),
        ({"all": [PHONE] * (MOST_CONDITIONS + 1)}, "at most 50 conditions"),
        ({"all": [["target_list", "any", [str(n) for n in range(MOST_OPTIONS + 1)]]]}, "at most 200"),
        ({"all": [["email_state", "any", ["vanished"]]]}, "“vanished” is no longer one of the choices"),
        ({"all": [["target_list", "any", ["987654"]]]}, "no longer one of the choices"),
        ({"all": [["clicked", "did", ["987654", "", ""]]]}, "no longer one of the choices"),
        ({"all": [["clicked", "did", ["", "", "", "", "", "", 0]]]}, "Enter 1 or more"),
        ({"all": [["clicked", "did", ["", "", "", "", "2026-02-31"]]]}, "Enter a date"),
        ({"all": [["name", "sounds_like", "x"]]}, "cannot be asked"),
        ({"xor": [PHONE]}, "A group is"),
        ([1, 2], "field, an operator and a value"),
        ("nonsense", "neither a condition nor a group"),
    ],
    ids=lambda value: str(value)[:60],
)
def test_criteria_that_cannot_be_used_are_said_on_every_page(
    criteria: Any, text: str, as_administrator: Client
) -> None:
    report = ReportFactory(criteria=criteria)
    assert text in " ".join(report_problems(report))
    shown = as_administrator.get(report.get_absolute_url()).content.decode()
    assert "This report cannot be used as it is" in shown
    assert as_administrator.get(reverse("targets:report_edit", args=[report.pk])).status_code == 200
    assert as_administrator.get(reverse("targets:report_card", args=[report.pk])).status_code == 200


def test_a_target_list_that_is_removed_is_missed(as_marketer: Client) -> None:
    target_list = TargetListFactory()
    report = ReportFactory(criteria={"all": [["target_list", "any", [str(target_list.pk)]]]})
    assert report_problems(report) == []
    target_list.delete()
    assert "no longer one of the choices" in report_problems(report)[0]


def test_an_event_that_was_stored_before_it_had_more_parts_is_still_understood() -> None:
    assert report_problems(ReportFactory(criteria={"all": [["clicked", "did", ["", 30, ""]]]})) == []


def test_too_long_for_a_url_is_no_list_filter_but_still_a_report() -> None:
    """What stands in a URL is shorter than what a report can hold."""
    RecordFactory(phone="+34 600")
    report = ReportFactory(criteria={"any": [PHONE, *(["name", "is", f"{n}" * 100] for n in range(10, 55))]})
    assert report_records(report).count() == 1
    assert list_url(report) == ""
    with pytest.raises(ReportError, match="too long"):
        filter_of(report, report.owner)
    with pytest.raises(ReportError, match="no filters"):
        filter_of(ReportFactory(), report.owner)


def test_a_report_without_records_fills_nothing() -> None:
    report = ReportFactory(criteria={"all": [["email_state", "none", ["listed", "none"]], PHONE]})
    assert add_records(TargetListFactory(), report_records(report), Source.REPORT) == 0


def test_hostile_names_are_text(as_marketer: Client) -> None:
    name = "</script><script>alert(1)</script>"
    RecordFactory(values={"country": name})
    report = ReportFactory(name=name, kind="grid", groups=[["f_country", ""]], chart="bar")
    for url in (
        report.get_absolute_url(),
        reverse("targets:report_list"),
        reverse("targets:report_card", args=[report.pk]),
    ):
        assert "<script>alert" not in as_marketer.get(url).content.decode()
    assert Report.objects.count() == 1
