"""*Sync with Reports* of a target list: what it follows, what a sync would change, *Sync now*."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from crm.access import Request, marketer, reader
from crm.entities.bulk import is_long
from crm.models import ScheduledJob
from targets.combining import done_text
from targets.differences import differences
from targets.forms.sync import SyncForm
from targets.models import Report, ReportSync, TargetList
from targets.reports import ReportError, report_records
from targets.sync import SyncRunning, plan, reports_of, run, save_sync, sync_of
from targets.views.header import header
from targets.works import begin_sync


@reader
@require_safe
def sync(request: Request, pk: int) -> HttpResponse:
    """What the list follows and what came of the last time, to be read by everybody."""
    target_list = get_object_or_404(TargetList, pk=pk)
    head = header(target_list)
    row: ReportSync = head["sync"]
    context = {
        **head,
        "here": "sync",
        "followed": [_followed(request, report) for report in reports_of(row)] if row.pk else [],
        "job": ScheduledJob.objects.filter(key="sync_target_lists").first(),
    }
    return render(request, "targets/sync.html", context)


def _followed(request: Request, report: Report) -> dict[str, Any]:
    """A report with the number that it finds, or with why it cannot be used; its address for those who may see it."""
    try:
        found, problem = report_records(report).count(), ""
    except ReportError as error:
        found, problem = 0, str(error)
    may_see = Report.objects.visible_to(request.user).filter(pk=report.pk).exists()
    return {"report": report, "found": found, "problem": problem, "url": report.get_absolute_url() if may_see else ""}


@marketer
@require_http_methods(["GET", "HEAD", "POST"])
def sync_edit(request: Request, pk: int) -> HttpResponse:
    target_list = get_object_or_404(TargetList, pk=pk)
    form = SyncForm(
        request.POST if request.method == "POST" else None, instance=sync_of(target_list), user=request.user
    )
    if form.is_valid():
        save_sync(form.instance, form.cleaned_data["reports"], request.user)
        messages.success(request, _("Saved."))
        return redirect("targets:sync", pk)
    context = {"form": form, "target_list": target_list}
    return render(request, "targets/sync_form.html", context, status=422 if form.errors else 200)


@reader
@require_safe
def sync_preview(request: Request, pk: int) -> HttpResponse:
    """The difference, with who: nothing is changed by looking."""
    target_list = get_object_or_404(TargetList, pk=pk)
    row = sync_of(target_list)
    made = plan(row) if row.pk else None
    if made is None or made.match is None:
        messages.error(request, _("There is no report that can be used."))
        return redirect("targets:sync", pk)
    context = {"target_list": target_list, "sync": row, "problems": made.problems}
    context |= {"added": made.added, "removed": made.removed}
    return differences(request, made.match).render("targets/sync_preview.html", context)


@marketer
@require_POST
def sync_now(request: Request, pk: int) -> HttpResponse:
    row = get_object_or_404(ReportSync.objects.select_related("target_list"), target_list=pk)
    made = plan(row)
    if is_long(number := made.added + made.removed):
        return redirect(begin_sync(request, row, number))
    try:
        done = run(row, request.user)
    except SyncRunning as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, done_text(done.added, done.removed) if number else _("Nothing had to be changed."))
    return redirect(reverse("targets:sync", args=[pk]))
