"""What sending tells about its health: dead portions, waiting ones, doubtful messages, the hourly limit."""

from collections.abc import Iterator
from datetime import timedelta

from django.db.models import Count, Min, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns.models import MassEmail, MassEmailStatus, Portion, PortionStatus, QueueItem, QueueStatus
from campaigns.progress import UNTAKEN, forecast
from campaigns.sending.claims import LEASE
from campaigns.sending.portions import spent
from crm.clock import database_now
from crm.health import Finding, State, Topic, register
from crm.models import Settings
from crm.templatetags.herald import number as shown

OLD_DEFERRED = timedelta(hours=1)
MANY_DEFERRED = 100
NEWEST = 200
LONG_SEND = timedelta(hours=12)


def portions() -> Iterator[Finding]:
    """Portions that nobody works on: of dead workers, and such that no worker takes."""
    now = database_now()
    dead = Portion.objects.filter(status=PortionStatus.RUNNING, lease_until__lt=now - LEASE).count()
    waiting = Portion.objects.filter(status=PortionStatus.READY, created_at__lt=now - UNTAKEN)
    oldest = waiting.aggregate(at=Min("created_at"), n=Count("pk"))
    if dead:
        text = ngettext("%(n)s portion of a dead worker", "%(n)s portions of dead workers", dead) % {"n": dead}
        yield Finding(State.ERROR, text, _("The sweeper of the worker decides them once a minute, when it runs."))
    if oldest["n"]:
        text = ngettext("%(n)s portion waits for a sender", "%(n)s portions wait for a sender", oldest["n"])
        told = _("The oldest for %(time)s. The senders are not running, or all are busy.")
        age = timesince(oldest["at"], now, depth=1)
        yield Finding(State.WARNING, text % {"n": oldest["n"]}, told % {"time": age}, command="manage.py up")
    if not dead and not oldest["n"]:
        yield Finding(State.OK, _("No portion is stuck"), _("Every portion has a worker, and the worker is alive."))


def doubtful() -> Iterator[Finding]:
    """Mass emails with messages whose answer was lost: a person has to decide."""
    counts = uncertain_counts()
    for mass_email in MassEmail.objects.filter(pk__in=list(counts)[:20]):
        number = counts[mass_email.pk]
        text = ngettext(
            "%(n)s message of “%(name)s” is Uncertain", "%(n)s messages of “%(name)s” are Uncertain", number
        )
        url = f"{reverse('campaigns:mass_email_queue', args=[mass_email.pk])}?state=uncertain"
        told = _("The answer of the server was lost: they may have arrived, and are not sent again by themselves.")
        yield Finding(State.WARNING, text % {"n": number, "name": mass_email}, told, url, _("Review"))


def uncertain_counts() -> dict[int, int]:
    """Mass email id → messages that are Uncertain, of the newest ones: each is one look into the index."""
    begun = MassEmail.objects.exclude(status__in=[MassEmailStatus.DRAFT, MassEmailStatus.PENDING])
    ids = list(begun.order_by("-id").values_list("pk", flat=True)[:NEWEST])
    rows = QueueItem.objects.filter(mass_email_id__in=ids, status=QueueStatus.UNCERTAIN, is_test=False)
    return dict(rows.values_list("mass_email_id").annotate(n=Count("id")).order_by())


def deferred() -> Iterator[Finding]:
    """Many retries of one mass email at once are usually about the sender, not about the people."""
    running = MassEmail.objects.filter(status=MassEmailStatus.IN_PROCESS).values("pk")
    items = QueueItem.objects.filter(mass_email_id__in=running, status=QueueStatus.DEFERRED, is_test=False)
    late = Q(next_try_at__lt=timezone.now() - OLD_DEFERRED)
    told = items.aggregate(n=Count("id"), overdue=Count("id", filter=late))
    if told["overdue"]:
        text = ngettext("%(n)s retry is overdue", "%(n)s retries are overdue", told["overdue"]) % {"n": told["overdue"]}
        yield Finding(State.WARNING, text, _("For more than an hour. The limit, the account or the worker holds them."))
    elif told["n"] >= MANY_DEFERRED:
        text = _("%(n)s messages wait to be retried") % {"n": told["n"]}
        yield Finding(State.WARNING, text, _("Receiving servers hold them back; Herald tries again by itself."))


def hourly_limit() -> Iterator[Finding]:
    limit, used = Settings.load().max_per_hour, spent(database_now())
    told = _("%(used)s of %(limit)s used in the last 60 minutes.") % {"used": shown(used), "limit": shown(limit)}
    fix = (reverse("crm:outbound_emails"), _("Change limit"))
    slow = _slowest(limit)
    if used >= limit and slow:
        yield Finding(State.WARNING, _("The hourly limit is the bottleneck"), f"{told} {slow}", *fix)
    elif used >= limit:
        yield Finding(State.OK, _("The hourly limit is used up. Sending goes on as the hour passes."), told)
    else:
        yield Finding(State.OK, _("The hourly limit leaves room"), told)


def _slowest(limit: int) -> str:
    """What takes longest at this limit, in words; '' when nothing takes very long."""
    now = timezone.now()
    for mass_email in MassEmail.objects.sending().order_by("-total_count")[:1]:
        left = max(0, mass_email.total_count - mass_email.sent_count - mass_email.failed_count)
        finish = forecast(left, now, mass_email.account).finish_at
        if finish - now > LONG_SEND or left > limit:
            told = {"name": mass_email, "time": timesince(now, finish, depth=1)}
            return _("“%(name)s” takes another %(time)s at this limit.") % told
    return ""


for check in (portions, doubtful, deferred, hourly_limit):
    register(Topic.SENDING, check)
