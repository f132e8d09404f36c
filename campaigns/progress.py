"""How far a mass email is, when it will be done, and why it is not sending: the answers that its page gives."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Min, Q, Subquery, Sum
from django.utils import formats, timezone
from django.utils.translation import gettext as _

from campaigns.checks import worker_alive
from campaigns.models import (
    CampaignStatus,
    FrozenMassEmail,
    MassEmail,
    MassEmailStatus,
    Portion,
    PortionStatus,
    QueueItem,
    QueueStatus,
)
from campaigns.pacing import DEALT_IN, HOUR, Limit, last_run
from campaigns.sending.portions import spent
from crm.clock import database_now
from crm.jobs import runs_after
from crm.models import EmailAccount, JobStatus, ScheduledJob, Settings

EVERY_MINUTE = "* * * * *"
UNTAKEN = timedelta(minutes=3)  # a Ready portion that no sender has taken


@dataclass(frozen=True, slots=True)
class Progress:
    """People per state, tests excluded; `total` is the sum of all states."""

    total: int
    sent: int
    failed: int
    uncertain: int
    deferred: int
    pending: int
    in_flight: int
    skipped: int
    per_hour: int
    finish_at: datetime | None
    pace: int = 0  # people per hour, as measured lately; 0 when nothing was sent lately

    @property
    def people(self) -> int:
        """Those who get it, or should have."""
        return self.total - self.skipped

    @property
    def done(self) -> int:
        return self.sent + self.failed + self.uncertain

    @property
    def percent(self) -> int:
        return self.done * 100 // self.people if self.people else 0


@dataclass(frozen=True, slots=True)
class Forecast:
    """When `people` are done by the runs of the job, its batches and the present hourly limits."""

    per_hour: int
    begin_at: datetime
    finish_at: datetime

    @property
    def takes(self) -> str:
        """“5 h 12 min”, in the active language."""
        hours, minutes = divmod(int((self.finish_at - self.begin_at).total_seconds()) // 60, 60)
        words = {"hours": hours, "minutes": minutes}
        return (_("%(hours)s h %(minutes)s min") if hours else _("%(minutes)s min")) % words


def progress(mass_email: MassEmail) -> Progress:
    rows = QueueItem.objects.filter(mass_email_id=mass_email.pk, is_test=False).values_list("status")
    count = dict(rows.annotate(n=Count("id")).order_by())
    open_ones = sum(count.get(status, 0) for status in (0, 1, 2, 4))
    sending = mass_email.status == MassEmailStatus.IN_PROCESS and not mass_email.is_paused
    allowed = forecast(open_ones, None, mass_email.account) if sending and open_ones else None
    limit = allowed.per_hour if allowed else hourly_limit(mass_email.account)
    speed = min(pace(mass_email), limit) if sending else 0  # the first minutes tell nothing of the whole hour
    return Progress(
        total=sum(count.values()),
        sent=count.get(QueueStatus.SENT, 0),
        failed=count.get(QueueStatus.FAILED, 0),
        uncertain=count.get(QueueStatus.UNCERTAIN, 0),
        deferred=count.get(QueueStatus.DEFERRED, 0),
        pending=count.get(QueueStatus.PENDING, 0),
        in_flight=count.get(QueueStatus.CLAIMED, 0) + count.get(QueueStatus.SENDING, 0),
        skipped=count.get(QueueStatus.SKIPPED, 0),
        per_hour=limit,
        finish_at=_finish(allowed, open_ones, speed) if allowed else None,
        pace=speed,
    )


def pace(mass_email: MassEmail) -> int:
    """People per hour in the last hour, or since it started; 0 when nothing was attempted."""
    now = timezone.now()
    begin = max(now - HOUR, mass_email.started_at or now - HOUR)
    lately = Portion.objects.filter(mass_email_id=mass_email.pk).filter(
        Q(finished_at__gte=begin) | Q(status=PortionStatus.RUNNING)
    )
    attempted: int = lately.aggregate(n=Sum("attempted"))["n"] or 0
    return round(attempted * HOUR / max(now - begin, timedelta(minutes=1)))


def _finish(allowed: Forecast, people: int, speed: int) -> datetime:
    """What the limits allow, or later when it is not as fast as they allow."""
    return max(allowed.finish_at, allowed.begin_at + people / speed * HOUR) if speed else allowed.finish_at


def hourly_limit(account: EmailAccount | None) -> int:
    limit = Settings.load().max_per_hour
    own = account.max_per_hour if account else None
    return min(limit, own) if own else limit


def forecast(people: int, start_at: datetime | None, account: EmailAccount | None = None) -> Forecast:
    """As if nothing else were sent meanwhile. `people` ≥ 1."""
    settings, scheduling, now = *_settings_and_schedule(), timezone.now()
    begin, limits = max(start_at or now, now), [Limit(settings.max_per_hour, _sent_lately(now))]
    if account is not None and account.max_per_hour:
        limits.append(Limit(account.max_per_hour, _sent_lately(now, account.pk)))
    before = begin - timedelta(microseconds=1)  # a run of this very moment counts
    runs = runs_after(scheduling, before, settings.time_zone)
    finish = last_run(people, runs, settings.max_per_batch, limits) + DEALT_IN
    if account is not None and account.max_per_second:
        finish = max(finish, begin + timedelta(seconds=people / account.max_per_second))
    return Forecast(min(limit.per_hour for limit in limits), begin, finish)


def _settings_and_schedule() -> tuple[Settings, str]:
    """One query for both."""
    scheduling = ScheduledJob.objects.filter(key="send_mass_emails").values("scheduling")
    row = Settings.objects.annotate(scheduling=Subquery(scheduling)).filter(pk=1).first()
    return (row, row.scheduling or EVERY_MINUTE) if row else (Settings.load(), EVERY_MINUTE)


def _sent_lately(now: datetime, account_id: int | None = None) -> list[tuple[datetime, int]]:
    """What counts against an hourly limit: when it went out, and how many. What is still open counts from now."""
    rows = Portion.objects.filter(~Q(status=PortionStatus.DONE) | Q(finished_at__gt=now - HOUR))
    if account_id is not None:
        rows = rows.filter(account_id=account_id)
    told = rows.values_list("finished_at", "size", "attempted")
    return [(at, attempted) if at else (now, size) for at, size, attempted in told]


def why_not_sending(mass_email: MassEmail) -> str:
    """One sentence, '' when there is nothing to explain."""
    match mass_email.status:
        case MassEmailStatus.DRAFT:
            return _("This is a draft. It is never sent until you schedule it.")
        case MassEmailStatus.FAILED:
            return mass_email.failure
        case MassEmailStatus.PENDING | MassEmailStatus.IN_PROCESS:
            return _held_back(mass_email) or _waiting(mass_email)
    return ""


def _held_back(mass_email: MassEmail) -> str:
    """Somebody has to do something."""
    if mass_email.is_paused:
        return _("Paused: %(reason)s") % {"reason": mass_email.pause_reason or _("by a person.")}
    if mass_email.campaign.status == CampaignStatus.INACTIVE:
        return _("The campaign is Inactive, so nothing is sent.")
    job = ScheduledJob.objects.filter(key="send_mass_emails").first()
    if job is None or job.status != JobStatus.ACTIVE:
        return _("The scheduled job Send Mass Emails is not Active.")
    if not worker_alive():
        return _("The worker is not running: it gave no sign of life for some minutes.")
    return ""


def _waiting(mass_email: MassEmail) -> str:
    """It goes on by itself."""
    if mass_email.status == MassEmailStatus.PENDING:
        start = mass_email.start_at
        if start and start > timezone.now():
            return _("It starts on %(date)s.") % {"date": _at(start)}
        run = ScheduledJob.objects.filter(key="send_mass_emails").values_list("next_run_at", flat=True).first()
        if run is None or run < timezone.now():
            return _("It starts with the next run of the job Send Mass Emails.")
        return _("It starts with the next run of the job Send Mass Emails, at %(time)s.") % {"time": _at(run)}
    frozen = FrozenMassEmail.objects.filter(pk=mass_email.pk).first()
    account = EmailAccount.objects.filter(pk=frozen.account_id or 0).first() if frozen else None
    now = database_now()  # a limit first: as long as it is used up, an account that answers again would change nothing
    if spent(now) >= Settings.load().max_per_hour:
        return _("The hourly limit is used up. Sending goes on as the hour passes.")
    if account is not None and account.max_per_hour and spent(now, account.pk) >= account.max_per_hour:
        return _("The hourly limit of the email account is used up. Sending goes on as the hour passes.")
    if account is not None and account.is_backing_off and account.retry_at:
        told = {"error": account.last_error, "time": _at(account.retry_at)}
        return _("The email account does not answer (%(error)s). It is asked again at %(time)s.") % told
    return _nobody_takes_it(mass_email) or _only_retries(mass_email)


def _nobody_takes_it(mass_email: MassEmail) -> str:
    """The minute's worker lives and cuts portions, but those that send do not."""
    old = database_now() - UNTAKEN
    ready = Portion.objects.filter(mass_email_id=mass_email.pk, status=PortionStatus.READY, created_at__lt=old)
    running = Portion.objects.filter(status=PortionStatus.RUNNING, lease_until__gt=database_now())
    if ready.exists() and not running.exists():
        return _("The senders are not running: portions are ready, and nobody takes them.")
    return ""


def _only_retries(mass_email: MassEmail) -> str:
    items = QueueItem.objects.filter(mass_email_id=mass_email.pk, is_test=False)
    if items.filter(status__in=[QueueStatus.PENDING, QueueStatus.CLAIMED, QueueStatus.SENDING]).exists():
        return _("Sending.")
    first = items.filter(status=QueueStatus.DEFERRED).aggregate(at=Min("next_try_at"))["at"]
    return _("Only retries are left; the next is due at %(time)s.") % {"time": _at(first)} if first else ""


def _at(moment: datetime) -> str:
    return formats.date_format(timezone.localtime(moment), "SHORT_DATETIME_FORMAT")
