"""What the core itself can tell about its health: worker, jobs, accounts, Site URL, broker, database, disk."""

import ipaddress
import shutil
from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import urlsplit

from django.conf import settings as django_settings
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.urls import reverse
from django.utils import timezone
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from kombu.exceptions import OperationalError

from crm.celery import app
from crm.crontab import describe
from crm.health import Finding, State, Topic, register
from crm.models import Beat, EmailAccount, JobRun, JobStatus, Mailbox, OAuthGrant, RunStatus, ScheduledJob, Settings

SILENT = timedelta(minutes=3)  # the tick comes once a minute
BROKER_SECONDS = 2
LITTLE_SPACE = 1024**3  # octets
VERY_LITTLE_SPACE = 200 * 1024**2
GIB = 1024**3
UP = "manage.py up"
TICK = "* * * * * manage.py run_due_jobs"


STARTED_AT = timezone.now()  # of this process; everything starts together, and the first tick comes after a minute


def _just_started() -> bool:
    return timezone.now() - STARTED_AT < SILENT


def last_seen(role: str) -> timedelta | None:
    """How long ago a role gave a sign of life."""
    beat = Beat.objects.filter(role=role).first()
    return timezone.now() - beat.seen_at if beat else None


def _ago(age: timedelta) -> str:
    if age < timedelta(minutes=1):
        seconds = max(0, int(age.total_seconds()))
        return ngettext("%(count)s second ago", "%(count)s seconds ago", seconds) % {"count": seconds}
    return _("%(time)s ago") % {"time": timesince(timezone.now() - age, depth=1)}


def worker() -> Iterator[Finding]:
    age = last_seen("worker")
    if age is not None and age < SILENT:
        yield Finding(State.OK, _("The worker is running"), _("Last tick %(ago)s.") % {"ago": _ago(age)})
        return
    if _just_started():
        yield Finding(State.INFO, _("The worker has not ticked yet"), _("It does within a minute of the start."))
        return
    told = _("Last tick %(ago)s.") % {"ago": _ago(age)} if age else _("It has never been seen.")
    told = f"{told} " + _("Nothing is sent without it. Start Herald, or run the tick from cron every minute:")
    yield Finding(State.ERROR, _("The worker is not running"), told, command=TICK)


def beat() -> Iterator[Finding]:
    """Beat notes its own sign of life. Where cron ticks in its place there is none, and nothing is wrong."""
    age, worker_age = last_seen("beat"), last_seen("worker")
    if age is not None and age < SILENT:
        yield Finding(State.OK, _("Beat is ticking"), _("Last tick %(ago)s.") % {"ago": _ago(age)})
    elif worker_age is not None and worker_age < SILENT:
        yield Finding(State.INFO, _("No beat, but the tick comes"), _("Something else, such as cron, runs the jobs."))
    elif not _just_started():
        yield Finding(State.ERROR, _("Nothing ticks"), _("The jobs are started by beat, once a minute."), command=UP)


def jobs() -> Iterator[Finding]:
    for job in ScheduledJob.objects.all():
        yield _job(job)


def _job(job: ScheduledJob) -> Finding:
    name, url = {"name": str(job)}, job.get_absolute_url()
    if job.status != JobStatus.ACTIVE:
        fix = (reverse("crm:job_edit", args=[job.pk]), _("Activate"))
        return Finding(State.ERROR, _("%(name)s is not Active") % name, _("It is never started."), *fix)
    last = job.runs.exclude(status=RunStatus.RUNNING).first()
    log = (url, _("Log"))
    if last is not None and last.status == RunStatus.FAILED:
        return Finding(State.ERROR, _("The last run of %(name)s failed") % name, last.error, *log)
    return Finding(State.OK, _("%(name)s is Active") % name, _runs(job, last), *log)


def _runs(job: ScheduledJob, last: JobRun | None) -> str:
    day = job.runs.filter(started_at__gte=timezone.now() - timedelta(days=1)).exclude(status=RunStatus.RUNNING)
    total, failed = day.count(), day.filter(status=RunStatus.FAILED).count()
    if last is None:
        return _("%(how_often)s. It has not run yet.") % {"how_often": describe(job.scheduling)}
    counted = ngettext(
        "%(good)s of %(count)s run in 24 hours succeeded.", "%(good)s of %(count)s runs in 24 hours succeeded.", total
    ) % {"count": total, "good": total - failed}  # fmt: skip
    ago = _("Last run %(ago)s.") % {"ago": _ago(timezone.now() - last.started_at)}
    return f"{describe(job.scheduling)}. {counted} {ago}"


def accounts() -> Iterator[Finding]:
    """The system account, and every other active one that has trouble."""
    system = EmailAccount.objects.system()
    fix = (reverse("crm:email_account_list"), _("Email Accounts"))
    if system is None:
        yield Finding(State.ERROR, _("There is no system email account"), _("Nothing can be sent."), *fix)
    for account in EmailAccount.objects.usable().order_by("-is_system", "name"):
        if account.is_system or account.last_error or account.is_backing_off:
            yield _account(account)


def _account(account: EmailAccount) -> Finding:
    how = "API" if account.is_api else account.get_smtp_security_display()
    where = f"{account.email_address} · {account.server_name}, {how}"
    fix = (account.get_absolute_url(), _("Open"))
    if account.is_backing_off and account.retry_at:
        minutes = max(1, int((account.retry_at - timezone.now()).total_seconds() // 60))
        again = ngettext("Asked again in %(n)s minute.", "Asked again in %(n)s minutes.", minutes) % {"n": minutes}
        sentence = _("The server of %(name)s does not answer") % {"name": account.name}
        return Finding(State.ERROR, sentence, f"{account.last_error} {again}", *fix)
    if account.last_error:
        sentence = _("The server of %(name)s had trouble") % {"name": account.name}
        return Finding(State.WARNING, sentence, account.last_error, *fix)
    if account.is_sandbox:
        told = _("Mail goes to the sandbox: nobody outside gets it.")
        return Finding(State.INFO, told, account.email_address, reverse("crm:email_account_list"), _("Connect SMTP"))
    last = account.last_ok_at
    told = _("Last mail accepted %(ago)s.") % {"ago": _ago(timezone.now() - last)} if last else _("Nothing sent yet.")
    return Finding(State.OK, _("The server of %(name)s works") % {"name": account.name}, f"{where}. {told}", *fix)


def mailboxes() -> Iterator[Finding]:
    """Every mailbox that is read: while it cannot be, bounces go unnoticed."""
    for mailbox in Mailbox.objects.active():
        name, fix = {"name": mailbox.account.name}, (mailbox.get_absolute_url(), _("Open"))
        if mailbox.last_error:
            state = State.ERROR if mailbox.failures > 1 else State.WARNING
            yield Finding(state, _("The mailbox of %(name)s cannot be read") % name, mailbox.last_error, *fix)
        elif mailbox.last_ok_at:
            told = _("Last read %(ago)s.") % {"ago": _ago(timezone.now() - mailbox.last_ok_at)}
            yield Finding(State.OK, _("The mailbox of %(name)s is read") % name, told, *fix)


def sign_ins() -> Iterator[Finding]:
    """OAuth 2 tokens that could not be renewed, before the account itself fails."""
    for grant in OAuthGrant.objects.exclude(last_error="").select_related("account"):
        told = _("The OAuth 2 sign-in of %(name)s could not be renewed") % {"name": grant.account.name}
        yield Finding(State.ERROR, told, grant.last_error, grant.get_absolute_url(), _("Sign in again"))


def site_url() -> Iterator[Finding]:
    """Set, https, and not an address that only this machine or this network knows."""
    settings = Settings.load()
    url = settings.base_url
    fix = (reverse("crm:settings"), _("Fix Site URL"))
    if not (settings.site_url or django_settings.SITE_URL):
        yield Finding(State.WARNING, _("Site URL is not set"), _("Links lead to %(url)s.") % {"url": url}, *fix)
    elif is_private(urlsplit(url).hostname or ""):
        told = _("%(url)s is an address of this computer or network: recipients cannot open links.") % {"url": url}
        # With the sandbox nobody outside gets mail, so nobody is hurt.
        state = State.WARNING if _only_sandbox() else State.ERROR
        yield Finding(state, _("Site URL cannot be reached from outside"), told, *fix)
    elif not url.startswith("https://"):
        yield Finding(State.WARNING, _("Site URL is not https"), url, *fix)
    else:
        yield Finding(State.OK, _("Site URL is set"), url)


def is_private(host: str) -> bool:
    """By its form alone: names without a dot, of local networks, and private or loopback addresses."""
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return "." not in host or host.rsplit(".", 1)[1] in {"local", "localhost", "internal", "lan", "home", "test"}


def _only_sandbox() -> bool:
    system = EmailAccount.objects.system()
    return system is None or system.is_sandbox


def link_keys() -> Iterator[Finding]:
    number = len(django_settings.HERALD_TOKEN_KEYS)
    told = ngettext("%(n)s key signs and reads them.", "%(n)s keys read them, the newest signs.", number)
    yield Finding(State.OK, _("The key of links in mails is set"), told % {"n": number})


def broker() -> Iterator[Finding]:
    quickly = {**app.conf.broker_transport_options, "socket_connect_timeout": BROKER_SECONDS}
    try:
        with app.connection_for_write(transport_options=quickly) as link:
            link.ensure_connection(max_retries=0, timeout=BROKER_SECONDS)
    except (OSError, OperationalError) as error:
        told = _("Portions wait until it answers; nothing is lost.")
        yield Finding(State.ERROR, _("The message broker does not answer"), f"{error} {told}")
        return
    kind = "Redis" if django_settings.REDIS_URL else _("Files in the data folder.")
    yield Finding(State.OK, _("The message broker answers"), kind)


def database() -> Iterator[Finding]:
    """A database that forgets the last seconds after a power cut could forget who has got a mail."""
    if connection.vendor == "sqlite":
        yield Finding(State.OK, _("The database is SQLite"), _("Good for one machine; PostgreSQL for more."))
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('fsync'), current_setting('synchronous_commit')")
        fsync, commit = cursor.fetchone()
    told = f"fsync = {fsync}, synchronous_commit = {commit}"
    if fsync != "on" or commit == "off":
        yield Finding(State.ERROR, _("The database may forget what it has confirmed"), told)
    else:
        yield Finding(State.OK, _("The database keeps what it confirms"), told)


def disk() -> Iterator[Finding]:
    free = shutil.disk_usage(django_settings.HERALD_DATA_DIR).free
    told = _("%(free).1f GiB free in the data folder.") % {"free": free / GIB}
    if free < LITTLE_SPACE:
        state = State.ERROR if free < VERY_LITTLE_SPACE else State.WARNING
        yield Finding(state, _("The disk is nearly full"), told)
    else:
        yield Finding(State.OK, _("There is room on the disk"), told)


def migrations() -> Iterator[Finding]:
    executor = MigrationExecutor(connection)
    missing = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    if missing:
        told = ngettext("%(n)s migration is missing.", "%(n)s migrations are missing.", missing) % {"n": missing}
        yield Finding(State.ERROR, _("The database is older than the program"), told, command="manage.py migrate")
    else:
        yield Finding(State.OK, _("The database fits the program"), _("Version %(v)s") % {"v": django_settings.VERSION})


for check in (worker, beat, jobs, accounts, mailboxes, sign_ins):
    register(Topic.SENDING, check)
for check in (site_url, link_keys):
    register(Topic.LINKS, check)
for check in (broker, database, disk, migrations):
    register(Topic.MACHINE, check, slow=True)
