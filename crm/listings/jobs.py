"""The lists of scheduled jobs and of the runs of one."""

from collections.abc import Sequence
from typing import Any

from django.db.models import DurationField, ExpressionWrapper, F, OuterRef, Q, Subquery
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from crm.access import Request
from crm.criteria import Fields, keyed
from crm.crontab import describe
from crm.jobs import told
from crm.lists import Chip, Column, ListPage, Nothing, asking
from crm.models import JobRun, JobStatus, RunStatus, ScheduledJob

STATUS, WHEN = "includes/cell_status.html", "includes/cell_when.html"
TOOK = ExpressionWrapper(F("finished_at") - F("started_at"), DurationField())


def job_list(request: Request) -> ListPage[ScheduledJob]:
    of_job = JobRun.objects.filter(job=OuterRef("pk"))
    runs: dict[int, JobRun] = {}

    def look_up(jobs: Sequence[Any]) -> None:
        runs.update(JobRun.objects.in_bulk([job.newest for job in jobs if job.newest]))

    return ListPage(
        request,
        ScheduledJob.objects.annotate(newest=Subquery(of_job.order_by("-id").values("pk")[:1])),
        label=_("Scheduled Jobs"),
        columns=[
            Column("name", _("Name"), str, sort=("name",), is_link=True),
            Column("status", _("Status"), template=STATUS, sort=("status",)),
            Column("scheduling", _("Scheduling"), lambda job: describe(job.scheduling),
                   "administration/cell_scheduling.html"),
            Column("last_run", _("Last run"), lambda job: runs.get(job.newest), "administration/cell_last_run.html",
                   ("last_run_at",), look_up=look_up, is_sparse=True),
            Column("next_run_at", _("Next run"), _next_run, WHEN, ("next_run_at",), "muted", is_sparse=True),
        ],
        search=_named,
        search_hint=_("Name"),
        chips=[
            Chip("all", _("All")),
            *(Chip(status, label, Q(status=status)) for status, label in JobStatus.choices),
        ],
        row_menu="administration/job_row_menu.html",
        kept_as="scheduled-jobs",
        order="name",
    )  # fmt: skip


def _named(jobs: Any, text: str) -> Any:
    """Jobs are few, and known by their translated names."""
    return jobs.filter(pk__in=[job.pk for job in jobs if text.casefold() in str(job).casefold()])


def _next_run(job: ScheduledJob) -> object:
    return job.next_run_at if job.status == JobStatus.ACTIVE else None


def run_list(request: Request, job: ScheduledJob) -> ListPage[JobRun]:
    return ListPage(
        request,
        JobRun.objects.filter(job=job),
        label=_("Log"),
        name="log",
        columns=[
            Column("started_at", _("Execution Time"), template="administration/cell_run.html", sort=("id",)),
            Column("status", _("Status"), template=STATUS, sort=("status",)),
            Column("seconds", _("Duration"), template="administration/cell_seconds.html", sort=(TOOK,), look="num",
                   is_sparse=True),
            Column("counts", _("Counts"), lambda run: told(run.counts), "administration/cell_run_counts.html",
                   look="wide"),
        ],
        search=lambda rows, text: rows.filter(error__icontains=text),
        search_hint=_("Error"),
        criteria=_run_fields,
        chips=[
            Chip("all", _("All")),
            *(Chip(status, label, Q(status=status)) for status, label in RunStatus.choices),
            Chip("by-hand", capfirst(_("by hand")), Q(by_hand=True)),
        ],
        kept_as="job-runs",
        order="-started_at",
        nothing=Nothing(
            _("Nothing in the log"),
            _("Each run is listed here, with how long it took and what it did."),
            "history",
        ),
    )  # fmt: skip


def _run_fields() -> Fields:
    return keyed([
        asking.moment("started_at", _("Execution Time")),
        asking.choice("status", _("Status"), RunStatus.choices),
        asking.flag("by_hand", capfirst(_("by hand")), Q(by_hand=True)),
        asking.text("error", _("Error")),
    ])  # fmt: skip
