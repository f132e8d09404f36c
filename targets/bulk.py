"""Adding to and taking off target lists in the background, for more records than a person waits for."""

from collections.abc import Callable

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm.access import Request
from crm.audit import audit
from crm.background import Progress, begin, register
from crm.entities.bulk import each_portion, parameters, selected_again
from crm.models import BackgroundTask, EntityType, Record, User
from targets.matching import Match
from targets.membership import add_records, opted_out_among, unlink
from targets.models import Report, Source, TargetList
from targets.reports import report_records

ADD, UNLINK, FILL = "targets.add", "targets.unlink", "targets.fill"
FILLED_AT_A_TIME = 20_000


def begin_adding(request: Request, target_list: TargetList, entity_type: EntityType, number: int) -> BackgroundTask:
    title = _("Add %(number)s records to “%(list)s”") % {"number": number, "list": target_list}
    return _begin(ADD, title, request, target_list, entity_type, number)


def begin_unlinking(request: Request, target_list: TargetList, entity_type: EntityType, number: int) -> BackgroundTask:
    title = _("Take %(number)s records off “%(list)s”") % {"number": number, "list": target_list}
    return _begin(UNLINK, title, request, target_list, entity_type, number)


def _begin(
    kind: str, title: str, request: Request, target_list: TargetList, entity_type: EntityType, number: int
) -> BackgroundTask:
    given = parameters(entity_type, request, target_list=target_list.pk)
    return begin(kind, title, request.user, total=number, parameters=given)


def added_text(added: int) -> str:
    return ngettext("%(number)s record was added.", "%(number)s records were added.", added) % {"number": added}


def unlinked_text(number: int) -> str:
    return ngettext("%(number)s record was unlinked.", "%(number)s records were unlinked.", number) % {"number": number}


def kept_text(number: int) -> str:
    kept = ngettext("%(number)s who opted out was kept.", "%(number)s who opted out were kept.", number)
    return kept % {"number": number}


def take_off(target_list: TargetList, records: QuerySet[Record]) -> tuple[int, int]:
    """Unlink the records that are listed: (how many, how many who opted out were kept). A list of records does not show
    who opted out; added again they would get mail again."""
    number = unlink(target_list, records, keep_opted_out=True)
    return number, opted_out_among(target_list, records)


def taken_off_text(number: int, kept: int) -> str:
    return f"{unlinked_text(number)} {kept_text(kept)}" if kept else unlinked_text(number)


def add_in_background(progress: Progress) -> None:
    """In a few large portions: with a million, each of them looks through the opt-outs of the list."""
    given = progress.parameters
    target_list, entity_type = (
        TargetList.objects.get(pk=given["target_list"]),
        EntityType.objects.get(key=given["type"]),
    )
    chosen = selected_again(entity_type, given["selection"], progress.user)
    number = 0
    for portion in Match(target_list, [chosen], Source.SELECTION).carry_out():
        number += portion.added
        progress.tell(number)
    _finish(progress, target_list, "target_list.added", number, added_text(number))


def unlink_in_background(progress: Progress) -> None:
    target_list = TargetList.objects.get(pk=progress.parameters["target_list"])
    kept = 0

    def act(records: QuerySet[Record]) -> int:
        nonlocal kept
        number, spared = take_off(target_list, records)
        kept += spared
        return number

    number = each_portion(progress, act)
    _finish(progress, target_list, "target_list.unlinked", number, taken_off_text(number, kept))


def _finish(progress: Progress, target_list: TargetList, action: str, number: int, text: str) -> None:
    if number:
        audit(progress.user, action, target_list, number=number)
    progress.finish(text, reverse("targets:detail", args=[target_list.pk]), number=number)


# ---- from reports


def begin_filling(user: User, target_list: TargetList, report: Report, number: int) -> BackgroundTask:
    """Everybody whom the report finds when the work runs."""
    title = _("Add the records of “%(report)s” to “%(list)s”") % {"report": report, "list": target_list}
    return begin(FILL, title, user, total=number, parameters={"target_list": target_list.pk, "report": report.pk})


def fill(target_list: TargetList, report: Report, progress: Callable[[int], object] = lambda seen: None) -> int:
    """Put the records of a report on a list, some thousand at a time so that nobody waits for the database; how many
    are new. Raises ReportError."""
    rows = report_records(report)
    ids = list(rows.order_by("pk").values_list("pk", flat=True))
    added = 0
    for start in range(0, len(ids), FILLED_AT_A_TIME):
        portion = ids[start : start + FILLED_AT_A_TIME]
        added += add_records(target_list, rows.filter(pk__gte=portion[0], pk__lte=portion[-1]), Source.REPORT)
        progress(start + len(portion))
    return added


def fill_in_background(progress: Progress) -> None:
    target_list = TargetList.objects.get(pk=progress.parameters["target_list"])
    report = Report.objects.select_related("entity_type", "owner").get(pk=progress.parameters["report"])
    added = fill(target_list, report, progress.tell)
    audit(progress.user, "target_list.filled", target_list, report=report.pk, number=added)
    progress.finish(added_text(added), reverse("targets:detail", args=[target_list.pk]), number=added)


register(FILL, fill_in_background)
register(ADD, add_in_background)
register(UNLINK, unlink_in_background)
