"""The records that a report is about, as a QuerySet: nothing is read before somebody asks."""

import zoneinfo
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from crm.criteria import CriteriaError, Fields, Group, dump, parse, to_q
from crm.criteria.parse import LONGEST_JSON
from crm.entities.criteria import ME, fields_of
from crm.models import EntityType, Record, Settings
from crm.models.entities import RecordQuerySet
from targets.models import Report


class ReportError(ValueError):
    """A report that cannot be used: its type or a field was removed, a choice is gone. `problems`: sentences."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__(" ".join(problems))
        self.problems = problems


def report_type(report: Report) -> EntityType:
    """Raises ReportError when the entity type was removed."""
    if report.entity_type is None:
        raise ReportError([_("The entity type of this report was removed.")])
    return report.entity_type


def report_fields(report: Report) -> Fields:
    """What its criteria may ask about. Raises ReportError."""
    return fields_of(report_type(report), report.owner)


def zone_of(report: Report) -> zoneinfo.ZoneInfo:
    """The time zone of its owner."""
    chosen = report.owner.time_zone if report.owner else ""
    return zoneinfo.ZoneInfo(chosen or Settings.load().time_zone)


def report_records(report: Report) -> RecordQuerySet:
    """All records that the criteria of the report hold for, unsorted and without joins. Raises ReportError.

    The moments that “today” or “in the last 30 days” begin at are those of this call.
    """
    return Record.objects.of_type(report_type(report)).filter(report_q(report))


def report_q(report: Report) -> Q:
    """What the criteria ask of a record; an empty Q for no criteria. Raises ReportError."""
    fields = report_fields(report)
    if (tree := report_tree(report, fields)) is None:
        return Q()
    with timezone.override(zone_of(report)):
        return to_q(tree, fields)


def report_tree(report: Report, fields: Fields) -> Group | None:
    """None for no criteria. Raises ReportError."""
    if not report.criteria:
        return None
    try:
        return parse(report.criteria, fields)
    except CriteriaError as error:
        raise ReportError([problem.text for problem in error.problems]) from error


def criteria_for_all(report: Report) -> Any:
    """The criteria as they mean the same for everybody: “me” is named."""
    return _named(report.criteria, str(report.owner_id or ""))


def _named(node: Any, owner: str) -> Any:
    if isinstance(node, dict):
        return {mode: [_named(member, owner) for member in members] for mode, members in node.items()}
    if len(node) == 3 and node[0] == "owner" and isinstance(node[2], list):
        return [*node[:2], [owner if one == ME else one for one in node[2]]]
    return node


def list_url(report: Report, *more: Any) -> str:
    """The list of the type with the criteria of the report, narrowed by `more` conditions; "" when no URL holds it."""
    criteria = criteria_for_all(report)
    members = criteria["all"] if set(criteria) == {"all"} else [criteria] if criteria else []
    where = dump({"all": [*members, *more]}) if members or more else ""
    if report.entity_type is None or len(where) > LONGEST_JSON:
        return ""
    query = {"where": where} if where else {"show": "all"}
    return f"{report.entity_type.get_absolute_url()}?{urlencode(query)}"


def report_problems(report: Report) -> list[str]:
    """Why the records of the report cannot be found, in words; empty when they can."""
    try:
        report_records(report)
    except ReportError as error:
        return error.problems
    return []
