"""Scheduled jobs: a registry filled from above, due runs claimed by compare-and-set, each run logged as a row.

Beat ticks once a minute and calls `run_due_jobs`; `manage.py run_due_jobs` from cron does the same. Two schedulers do
no harm: a run belongs to whoever moves `next_run_at` forward first.
"""

import logging
import zoneinfo
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from itertools import islice

from cronsim import CronSim, CronSimError
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from crm.audit import audit
from crm.models import Beat, JobRun, JobStatus, RunStatus, ScheduledJob, Settings, User
from crm.spoken import in_language_of_settings

logger = logging.getLogger(__name__)

Counts = dict[str, int]
Job = Callable[[], Counts]
_jobs: dict[str, Job] = {}
_words: dict[str, str | Promise] = {}  # key of a count → its name
_ticks: list[Callable[[], object]] = []

RUNS_KEPT = 1000  # per job
STUCK_AFTER = timedelta(hours=2)


def register(key: str, job: Job, words: Mapping[str, str | Promise] | None = None) -> None:
    """Give a ScheduledJob its function. It answers with counts for the log, which `words` name, and may raise."""
    _jobs[key] = job
    name_counts(words or {})


def name_counts(words: Mapping[str, str | Promise]) -> None:
    """A count without a name is shown by its key."""
    _words.update(words)


def told(counts: Counts) -> list[tuple[str, int]]:
    """(name, number) of what is not zero."""
    return [(str(_words.get(key, key)), number) for key, number in counts.items() if number]


def register_tick(tick: Callable[[], object]) -> None:
    """Work of every minute that no administrator switches off: sweepers."""
    _ticks.append(tick)


def parse_scheduling(text: str) -> None:
    """Raises ValidationError unless `text` is a crontab expression of five fields."""
    try:
        if len(text.split()) != 5:
            raise CronSimError("a crontab expression has five fields")
        CronSim(text, datetime(2026, 1, 1))
    except CronSimError as error:
        raise ValidationError(
            _("This is not a crontab expression: %(reason)s"), params={"reason": str(error)}
        ) from error


def next_runs(scheduling: str, count: int = 3, after: datetime | None = None) -> list[datetime]:
    """The next `count` times in the settings' time zone."""
    return list(islice(runs_after(scheduling, after or timezone.now(), Settings.load().time_zone), count))


def runs_after(scheduling: str, after: datetime, zone: str) -> Iterator[datetime]:
    """All times to come in this time zone. Daylight saving follows Debian's cron (cronsim)."""
    return iter(CronSim(scheduling, after.astimezone(zoneinfo.ZoneInfo(zone))))


def note_alive(role: str) -> None:
    Beat.objects.update_or_create(role=role, defaults={"seen_at": timezone.now()})


@in_language_of_settings()
def run_due_jobs() -> list[JobRun]:
    """Run every Active job whose time has come. One failing job never keeps the others from running."""
    note_alive("worker")
    for tick in _ticks:
        try:
            tick()
        except Exception:
            logger.exception("A sweeper failed")
    return [_run(job, by_hand=False) for job in ScheduledJob.objects.filter(status=JobStatus.ACTIVE) if _is_due(job)]


def run_job_now(job: ScheduledJob, user: User) -> JobRun:
    """Run one job at once, whatever its schedule and status say."""
    audit(user, "job.run_now", job)
    return _run(job, by_hand=True)


def _is_due(job: ScheduledJob) -> bool:
    """Whether this run is ours. A schedule that cannot be read keeps no other job from running."""
    try:
        return _claim(job)
    except (CronSimError, zoneinfo.ZoneInfoNotFoundError, ValueError):
        logger.exception("The schedule of job %s cannot be used", job.key)
        return False


def _claim(job: ScheduledJob) -> bool:
    """Compare-and-set of next_run_at; a job that has none yet gets its first one and does not run."""
    if job.key not in _jobs:
        return False
    now = timezone.now()
    upcoming = next_runs(job.scheduling, 1, after=now)[0]
    # None yet, or later than the schedule allows: set when a clock was wrong, or the time zone another.
    if job.next_run_at is None or job.next_run_at > upcoming:
        ScheduledJob.objects.filter(pk=job.pk, next_run_at=job.next_run_at).update(next_run_at=upcoming)
        return False
    if job.next_run_at > now:
        return False
    rows = ScheduledJob.objects.filter(pk=job.pk, next_run_at=job.next_run_at, status=JobStatus.ACTIVE)
    return bool(rows.update(next_run_at=upcoming, last_run_at=now))


def _run(job: ScheduledJob, by_hand: bool) -> JobRun:
    run = JobRun.objects.create(job=job, by_hand=by_hand, started_at=timezone.now())
    try:
        run.counts = _jobs[job.key]()
        run.status = RunStatus.SUCCESS
    except Exception as error:
        logger.exception("Job %s failed", job.key)
        run.error = f"{type(error).__name__}: {error}"[:2000]
        run.status = RunStatus.FAILED
    run.finished_at = timezone.now()
    run.save(update_fields=["counts", "status", "error", "finished_at"])
    _tidy(job)
    return run


def _tidy(job: ScheduledJob) -> None:
    """Close runs that a killed worker left open, and forget the oldest ones."""
    now = timezone.now()
    with transaction.atomic():
        JobRun.objects.filter(status=RunStatus.RUNNING, started_at__lt=now - STUCK_AFTER).update(
            status=RunStatus.FAILED, finished_at=now, error=_("The worker stopped before the run was finished.")
        )
        newest = JobRun.objects.filter(job=job).order_by("-id").values_list("id", flat=True)[RUNS_KEPT : RUNS_KEPT + 1]
        for pk in newest:
            JobRun.objects.filter(job=job, pk__lte=pk).delete()


def reschedule(job: ScheduledJob) -> None:
    """After the administrator changed the schedule: forget the old next run."""
    job.next_run_at = next_runs(job.scheduling, 1)[0]
    job.save(update_fields=["next_run_at"])
