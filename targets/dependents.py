"""What of target lists and reports depends on an entity type or one of its fields, for the Entity Manager to name."""

from collections.abc import Iterator
from typing import Any

from django.db.models import Count
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm.entities.dependents import FEW, Dependent, Named, register_dependents
from crm.entities.saving import register_consequence
from crm.models import EntityField, EntityType
from targets.models import Membership, Report, TargetList


def entries_of(entity_type: EntityType, field: EntityField | None) -> Iterator[Dependent]:
    if field is not None:
        return
    members = Membership.objects.filter(record__entity_type=entity_type)
    counts = dict(members.values_list("target_list").annotate(number=Count("pk")).order_by("-number"))
    lists = TargetList.objects.in_bulk(list(counts)[:FEW])
    named = tuple(
        Named(f"{lists[pk].name} ({counts[pk]:,})", lists[pk].get_absolute_url()) for pk in list(counts)[:FEW]
    )
    sentence = ngettext("Entries on %(number)s target list", "Entries on %(number)s target lists", len(counts))
    outcome = _("Records that are removed leave their lists, with their opt-outs; records that move stay on them.")
    yield Dependent(sentence % {"number": len(counts)}, outcome, len(counts), named)


def _keys(report: Report) -> Iterator[Any]:
    """Every field that the report names."""
    yield from report.columns
    yield report.sort.removeprefix("-")
    yield from (spec[0] for spec in report.groups)
    yield from (spec[1] for spec in report.aggregates)
    yield from _asked(report.criteria)


def _asked(node: Any) -> Iterator[Any]:
    if isinstance(node, dict):
        for members in node.values():
            for member in members:
                yield from _asked(member)
    elif node:
        yield node[0]


def reports_of(entity_type: EntityType, field: EntityField | None) -> Iterator[Dependent]:
    rows = list(Report.objects.filter(entity_type=entity_type).order_by("name"))
    if field is not None:
        rows = [row for row in rows if f"f_{field.name}" in set(_keys(row))]
    sentence = ngettext("%(number)s report", "%(number)s reports", len(rows)) % {"number": len(rows)}
    outcome = _("They say what is gone and show nothing until somebody changes them; lists that follow them stay.")
    yield Dependent(sentence, outcome, len(rows), tuple(Named(row.name, row.get_absolute_url()) for row in rows[:FEW]))


register_dependents(entries_of)
register_dependents(reports_of)


def _leaves(number: int) -> str:
    return ngettext("Leaves %(number)s target list.", "Leaves %(number)s target lists.", number) % {"number": number}


register_consequence(Membership, _leaves)
