"""Asks reports of a Herald of a million records and takes the time: runs inside a process of that Herald."""

from collections.abc import Callable
from typing import Any

from benchmarks.asking import Row, asker, timed, wanted
from benchmarks.million import fill
from campaigns.models import MassEmail, TrackingUrl
from crm.models import EntityType, User
from targets.models import Report
from targets.reports import report_records

COUNT = [["count", ""]]


def criteria(made: dict[str, int]) -> dict[str, Any]:
    """What marketers ask; the shares are those of benchmarks.million."""
    url = str(TrackingUrl.objects.get(campaign=made["campaign"]).pk)
    email, some = str(MassEmail.objects.get(pk=made["mass_email"]).pk), str(made["some"])
    clicked = ["clicked", "did", ["", 30, url]]
    opened, never = ["opened", "did", ["", ""]], ["opted_out", "did_not", ["", ""]]
    return {
        "clicked a URL in 30 days, never opted out (5 %)": {"all": [clicked, never]},
        "sent and not opened (75 %)": {"all": [["sent", "did", ["", ""]], ["opened", "did_not", ["", ""]]]},
        "opened or clicked or on a list": {"any": [opened, clicked, ["target_list", "any", [some]]]},
        "none of: opened, on a list, invalid": {
            "none": [opened, ["target_list", "any", [some]], ["email_state", "any", ["invalid"]]]
        },
        "sent at least twice (nobody)": {"all": [["sent", "did", ["", "", "", "", "", 2]]]},
        "clicked this mass email since 2020": {"all": [["clicked", "did", ["", "", "", email, "2020-01-01", "", ""]]]},
        "listed on a list of a tenth": {"all": [["listed_on", "any", [some]]]},
        "on no list of a tenth (90 %)": {"all": [["target_list", "none", [some]]]},
        "address shared with another record": {"all": [["email_state", "any", ["shared"]]]},
        "opted out in the last week": {"all": [["opted_out_at", "last_days", 7]]},
        "country is Spain (20 %)": {"all": [["f_country", "is", "Spain"]]},
    }


GRIDS: dict[str, dict[str, Any]] = {
    "by country": {"groups": [["f_country", ""]]},
    "by month of creation": {"groups": [["created_at", "month"]], "chart": "line"},
    "by country and email state": {"groups": [["f_country", ""], ["email_state", ""]], "chart": "bar"},
    "by email domain (5,000)": {"groups": [["email_domain", ""]]},
    "by assigned user": {"groups": [["owner", ""]]},
}


def measure_reports(size: int, repeats: int, only: str = "", explain: bool = False) -> list[Row]:
    made = fill(size)
    user = User.objects.get(pk=made["user"])
    contact = EntityType.objects.get(key="Contact")
    cases: dict[str, Callable[[], object]] = {}
    for name, tree in criteria(made).items():
        report = _kept(name, entity_type=contact, owner=user, criteria=tree)
        cases[f"page: {name}"] = asker(user, report.get_absolute_url())
        cases[f"all records: {name}"] = _all_of(report)
    for name, values in GRIDS.items():
        given = {"kind": "grid", "aggregates": COUNT, **values}
        report = _kept(name, entity_type=contact, owner=user, criteria={}, **given)
        cases[f"grid: {name}"] = asker(user, report.get_absolute_url())
    return [timed(name, work, repeats, explain=explain) for name, work in wanted(cases, only).items()]


def _kept(name: str, **values: Any) -> Report:
    return Report.objects.update_or_create(name=name, defaults=values)[0]


def _all_of(report: Report) -> Callable[[], object]:
    """The statement that fills a target list, less the writing."""
    return lambda: report_records(report).order_by().count()
