"""Scheduled jobs: list, schedule, Run now, log."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from crm.access import Request, administrator
from crm.crontab import describe
from crm.forms.administration_jobs import ScheduledJobForm, coming_runs
from crm.jobs import run_job_now
from crm.listings.jobs import job_list, run_list
from crm.models import Beat, RunStatus, ScheduledJob
from crm.scheduling import save_schedule


@administrator
@require_safe
def jobs(request: Request) -> HttpResponse:
    return job_list(request).render("administration/jobs.html", {"beats": Beat.objects.order_by("role")})


@administrator
@require_safe
def job_detail(request: Request, pk: int) -> HttpResponse:
    job = get_object_or_404(ScheduledJob, pk=pk)
    context = {"job": job, "described": describe(job.scheduling), "upcoming": _upcoming(job.scheduling)}
    return run_list(request, job).render("administration/job.html", context)


@administrator
def job_edit(request: Request, pk: int) -> HttpResponse:
    """The form; with ?scheduling=… only what that schedule would mean, for the field to show while it is typed."""
    job = get_object_or_404(ScheduledJob, pk=pk)
    if request.method == "GET" and "scheduling" in request.GET:
        return render(request, "administration/job_meaning.html", _meaning(request.GET["scheduling"]))
    form = ScheduledJobForm(request.POST if request.method == "POST" else None, instance=job)
    if form.is_valid():
        save_schedule(form.instance, request.user)
        messages.success(request, _("Saved."))
        return redirect("crm:job_detail", job.pk)
    context = {"job": job, "form": form, **_meaning(str(form["scheduling"].value()))}
    return render(request, "administration/job_edit.html", context, status=422 if form.errors else 200)


@administrator
@require_POST
def job_run(request: Request, pk: int) -> HttpResponse:
    job = get_object_or_404(ScheduledJob, pk=pk)
    run = run_job_now(job, request.user)
    if run.status == RunStatus.SUCCESS:
        messages.success(request, _("“%(name)s” ran.") % {"name": job})
    else:
        messages.error(request, _("“%(name)s” failed: %(error)s") % {"name": job, "error": run.error})
    return redirect("crm:job_detail", job.pk)


def _upcoming(scheduling: str) -> list[object]:
    try:
        return [*coming_runs(scheduling)]
    except ValidationError:
        return []


def _meaning(scheduling: str) -> dict[str, object]:
    try:
        return {"upcoming": coming_runs(scheduling[:100]), "described": describe(scheduling)}
    except ValidationError as error:
        return {"upcoming": [], "described": "", "problem": " ".join(error.messages)}
