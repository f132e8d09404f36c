"""Reports as a whole: save, duplicate, remove, pin on Home, and what follows one."""

from collections.abc import Sequence
from urllib.parse import urlencode

from django.db import transaction
from django.db.models import Model
from django.utils.translation import gettext as _

from crm.audit import audit
from crm.changes import differences
from crm.criteria import dump
from crm.criteria.parse import LONGEST_JSON
from crm.forms.lists import LONGEST_QUERY
from crm.lists.keeping import save_filter
from crm.models import SavedFilter, User
from targets.models import Report, ReportSync, SyncMode
from targets.reports.records import ReportError, criteria_for_all, report_records, report_type

AUDITED = ("name", "criteria", "columns", "groups", "aggregates", "is_shared")
LONGEST_FILTER_NAME = 80


def save_report(report: Report, user: User) -> None:
    with transaction.atomic():
        before = Report.objects.filter(pk=report.pk).first() if report.pk else None
        report.save()
        audit(user, f"report.{'changed' if before else 'created'}", report, **differences(before, report, AUDITED))


def duplicate(report: Report, user: User) -> Report:
    """A private report of this person that asks the same; “me” becomes the new owner."""
    copy = Report.objects.get(pk=report.pk)
    copy.pk, copy.owner, copy.is_shared = None, user, False
    copy.name = (_("%(name)s (copy)") % {"name": report.name})[:200]
    with transaction.atomic():
        copy.save()
        audit(user, "report.duplicated", copy, source=report.pk or 0)
    return copy


def remove(report: Report, user: User) -> None:
    """The report goes; target lists that followed it keep the people it brought."""
    with transaction.atomic():
        _stop_syncs(report)
        audit(user, "report.removed", report, pinned_by=report.pinned_by.count())
        report.delete()


def _stop_syncs(report: Report) -> None:
    """With the other reports that a list follows, the next night would take its people off."""
    note = [report.name, _("The report was removed. The list is no longer synced automatically: its people stay.")]
    for sync in report.synced_lists.exclude(mode=SyncMode.ADD):
        if sync.reports.exclude(pk=report.pk).exists():
            rows = ReportSync.objects.filter(pk=sync.pk)
            rows.update(is_automatic=False, problems=[*sync.problems, note])


def followers_of(report: Report) -> Sequence[Model]:
    """What is kept in step with the report, such as target lists. Found through the relations of the model: what is
    built on reports is not named here."""
    return [
        row
        for relation in Report._meta.related_objects
        if relation.many_to_many
        for row in getattr(report, relation.get_accessor_name() or "").all()
    ]


def pin(report: Report, user: User, *, is_pinned: bool) -> None:
    report.pinned_by.add(user) if is_pinned else report.pinned_by.remove(user)


def filter_of(report: Report, user: User) -> SavedFilter:
    """The report as a filter of its type's list, for this person. Raises ReportError when it cannot be one."""
    report_records(report)
    where = dump(criteria_for_all(report))
    query = urlencode({name: value for name, value in {"where": where, "sort": _sort(report)}.items() if value})
    if not report.criteria:
        raise ReportError([_("This report has no filters: it holds for every record.")])
    if len(where) > LONGEST_JSON or len(query) > LONGEST_QUERY:
        raise ReportError([_("These filters are too long for a list.")])
    name, key = report.name[:LONGEST_FILTER_NAME], report_type(report).slug
    saved = SavedFilter(owner=user, list_key=key, name=name, query=query)
    save_filter(saved, user)
    return saved


def _sort(report: Report) -> str:
    return "" if report.is_grid else report.sort
