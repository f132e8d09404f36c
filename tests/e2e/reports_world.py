"""Reports for the walk over every page: a crossing with bars, a pie, a list; all pinned on Home."""

from random import Random

from crm.models import EntityType, Record, User
from targets.models import ChartKind, Report, ReportKind

COUNTRIES = ["Spain", "France", "Indonesia", "Portugal", "Morocco", "Germany", ""]


def reports() -> dict[str, int]:
    """By the name that a URL of the walk has for it."""
    contact, owner = EntityType.objects.get(key="Contact"), User.objects.order_by("pk")[0]
    chance = Random(5)
    for record in Record.objects.filter(entity_type=contact):
        record.values = {**record.values, "country": chance.choice(COUNTRIES)}
        record.save(update_fields=["values"])
    grid = {"kind": ReportKind.GRID, "aggregates": [["count", ""]]}
    crossed = {**grid, "groups": [["f_country", ""], ["email_state", ""]], "chart": ChartKind.BAR}
    made = {
        "targets:report": ("Contacts by country and email state", crossed),
        "report_pie": ("How many contacts can get email", {**grid, "groups": [["email_state", ""]], "chart": "pie"}),
        "report_line": ("Contacts per day", {**grid, "groups": [["created_at", "day"]], "chart": "line"}),
        "report_list": (
            "Who clicked in the last 30 days and never opted out",
            {"criteria": {"all": [["clicked", "did", ["", 30, ""]], ["opted_out", "did_not", ["", ""]]]}},
        ),
    }
    found = {}
    for key, (name, values) in made.items():
        known = {"entity_type": contact, "owner": owner, "is_shared": True, **values}
        report, _made = Report.objects.get_or_create(name=name, defaults=known)
        report.pinned_by.add(owner)
        found[key] = report.pk
    return found
