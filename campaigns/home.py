"""What campaigns show on Home and Health: this week, in process, upcoming, latest results, and what needs somebody."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta

from django.db.models import BooleanField, Count, ExpressionWrapper, F, Min, Q, QuerySet
from django.db.models.functions import TruncDate, TruncHour
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns.health_checks import uncertain_counts
from campaigns.models import Action, Campaign, CampaignStatus, LogRecord, MassEmail, MassEmailStatus
from campaigns.opens import with_opens_on
from campaigns.progress import progress, why_not_sending
from crm.access import Request
from crm.health import Finding, State
from crm.models import EmailAccount, Settings
from crm.navigation import Figure, Panel
from crm.templatetags.herald import percent_of

MOST_ROWS = 5
DAYS = 7
WEEK = timedelta(days=DAYS)
RECENT = timedelta(days=14)  # failures older than that need nobody any more
FIGURES = (
    (Action.SENT, "sent"), (Action.OPENED, "opened"), (Action.CLICKED, "clicked"), (Action.OPTED_OUT, "optout"),
)  # fmt: skip
Counts = dict[tuple[int, date], int]


def this_week(request: Request) -> list[Figure]:
    """The last seven days beside the seven before; nothing before the first mail went out."""
    today = timezone.localdate()
    counts = _per_day(_midnight(2 * DAYS - 1), _midnight(DAYS - 1))
    if not counts:
        return []
    days = [today - timedelta(days=ago) for ago in range(2 * DAYS - 1, -1, -1)]
    rows = {action: [counts.get((action, day), 0) for day in days] for action, _tone in FIGURES}
    sent = sum(rows[Action.SENT][DAYS:])
    figures = [_figure(action, tone, rows[action], sent, order) for order, (action, tone) in enumerate(FIGURES)]
    if any(rows[Action.OPENED]) or Settings.load().open_tracking:
        return figures
    off = _("Email Open Tracking is off")
    return [replace(one, value=None, share="", note=off, trend=()) if one.tone == "opened" else one for one in figures]


def _figure(action: Action, tone: str, days: list[int], sent: int, order: int) -> Figure:
    value = sum(days[DAYS:])
    return Figure(
        action.label, value, reverse("campaigns:list"), _("in the last 7 days"), tone, order,
        before=sum(days[:DAYS]), trend=tuple(days[DAYS:]),
        share="" if action == Action.SENT or not sent else percent_of(value, sent),
    )  # fmt: skip


def _midnight(ago: int) -> datetime:
    """When the day began that was so many days ago, in the reader's time zone."""
    return timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=ago)


def _per_day(before: datetime, week: datetime) -> Counts:
    """(action, day) → people, tests and machines excluded, in the reader's time zone.

    Who follows several links of a mail is one who clicked, on the day of the first: once in each of the two weeks.
    """
    rows = LogRecord.objects.filter(pk__gte=first_since(before), at__gte=before, is_test=False, is_machine=False)
    clicks = rows.filter(action=Action.CLICKED).annotate(is_now=ExpressionWrapper(Q(at__gte=week), BooleanField()))
    firsts = clicks.order_by().values("queue_item_id", "is_now").annotate(first=Min("pk")).values("first")
    others = [action for action, _tone in FIGURES if action != Action.CLICKED]
    counted = _daily(rows.filter(action__in=others)).union(_daily(LogRecord.objects.filter(pk__in=firsts)), all=True)
    return {(action, day): number for action, day, number in counted}


def _daily(rows: QuerySet[LogRecord]) -> QuerySet[LogRecord, tuple[int, date, int]]:
    return rows.order_by().annotate(day=TruncDate("at")).values_list("action", "day").annotate(n=Count("pk"))


def first_since(moment: datetime) -> int:
    """The id where the log of `moment` begins. The log grows in order of time and has no index on it: halving the
    range of ids finds the place in some twenty looks, however long the log is."""
    low, high = 0, LogRecord.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    while low < high:
        middle = (low + high) // 2
        at = LogRecord.objects.filter(pk__gt=middle).order_by("pk").values_list("at", flat=True).first()
        low, high = (low, middle) if at is None or at >= moment else (middle + 1, high)
    return low


def in_process(request: Request) -> Panel | None:
    """Every mass email that is being sent, with its progress, asked for again while there is one."""
    rows = MassEmail.objects.filter(status=MassEmailStatus.IN_PROCESS).select_related("campaign", "account")
    sending = [(row, progress(row), why_not_sending(row)) for row in rows[:MOST_ROWS]]
    if not sending:
        return None
    context = {"sending": sending}
    return Panel(_("In process"), "campaigns/home_sending.html", context, 10, "in-process", is_live=True)


def upcoming(request: Request) -> Panel | None:
    """What goes out within a week."""
    soon = MassEmail.objects.filter(status=MassEmailStatus.PENDING, start_at__lte=timezone.now() + WEEK)
    rows = list(soon.select_related("campaign").order_by("start_at")[:MOST_ROWS])
    if not rows and not MassEmail.objects.exists():
        return None
    context = {"mass_emails": rows, "may_write": request.user.can_edit}
    return Panel(_("Upcoming"), "campaigns/home_upcoming.html", context, 20, "upcoming", is_aside=True)


def latest_results(request: Request) -> Panel | None:
    """The last mass emails with their rates; before the first one, what a campaign is and how to begin."""
    rows = with_opens_on(MassEmail.objects.filter(sent_count__gt=0).select_related("campaign"))
    latest = list(rows.order_by(F("started_at").desc(nulls_last=True), "-id")[:MOST_ROWS])
    if latest:
        return Panel(_("Latest results"), "campaigns/home_results.html", {"mass_emails": latest}, 30, "results")
    if Campaign.objects.exists():
        return None
    return Panel("", "campaigns/home_nothing.html", {"may_write": request.user.can_edit}, 30, "nothing")


def needs_you(request: Request) -> list[Finding]:
    """Failed, paused for a reason, held back by its campaign, doubtful messages, an account in trouble."""
    return [*_failed(), *_held_back(), *_doubtful(), *_accounts(request)]


def _failed() -> Iterator[Finding]:
    failed = MassEmail.objects.filter(status=MassEmailStatus.FAILED, modified_at__gte=timezone.now() - RECENT)
    for row in failed[:MOST_ROWS]:
        text = _("“%(name)s” failed") % {"name": row}
        yield Finding(State.ERROR, text, row.failure, row.get_absolute_url(), _("Open"))


def _held_back() -> Iterator[Finding]:
    """Paused by Herald itself, or of a campaign that is Inactive."""
    open_ones = MassEmail.objects.filter(status__in=[MassEmailStatus.PENDING, MassEmailStatus.IN_PROCESS])
    paused = Q(paused_at__isnull=False) & ~Q(pause_reason="")
    held = open_ones.filter(paused | Q(campaign__status=CampaignStatus.INACTIVE)).select_related("campaign")
    for row in held[: 2 * MOST_ROWS]:
        if row.pause_reason:
            text = _("“%(name)s” was paused") % {"name": row}
            yield Finding(State.WARNING, text, row.pause_reason, row.get_absolute_url(), _("Open"))
        else:
            text = _("“%(name)s” is held back") % {"name": row}
            told = _("Its campaign “%(name)s” is Inactive, so nothing is sent.") % {"name": row.campaign}
            edit = reverse("campaigns:edit", args=[row.campaign_id])
            yield Finding(State.WARNING, text, told, edit, _("Edit campaign"))


def _doubtful() -> Iterator[Finding]:
    counts = uncertain_counts()
    for row in MassEmail.objects.filter(pk__in=list(counts)[:MOST_ROWS]):
        n = counts[row.pk]
        text = ngettext("%(n)s message of “%(name)s” is Uncertain", "%(n)s messages of “%(name)s” are Uncertain", n)
        told = _("The answer of the server was lost. Decide whether they are sent again.")
        url = f"{reverse('campaigns:mass_email_queue', args=[row.pk])}?state=uncertain"
        yield Finding(State.WARNING, text % {"n": n, "name": row}, told, url, _("Review"))


def _accounts(request: Request) -> Iterator[Finding]:
    """Administrators read it from Health, with a button; others are told whom to ask."""
    if request.user.is_administrator:
        return
    for account in EmailAccount.objects.usable().filter(retry_at__gt=timezone.now()):
        text = _("The server of %(name)s does not answer") % {"name": account.name}
        yield Finding(State.WARNING, text, _("Sending goes on by itself when it does. Tell an administrator."))


def sent_by_hour(request: Request) -> Panel:
    """For Health: how many messages were Sent in each of the last 24 hours, tests excluded, as the log has it."""
    now = timezone.localtime().replace(minute=0, second=0, microsecond=0)
    hours = [now - timedelta(hours=ago) for ago in range(23, -1, -1)]
    sent = LogRecord.objects.filter(pk__gte=first_since(hours[0]), at__gte=hours[0], action=Action.SENT, is_test=False)
    counted = dict(sent.order_by().annotate(hour=TruncHour("at")).values_list("hour").annotate(n=Count("pk")))
    rows = [(hour, counted.get(hour, 0)) for hour in hours]
    context = {"rows": rows, "values": tuple(number for _hour, number in rows), "total": sum(n for _h, n in rows)}
    return Panel(_("Sent in 24 hours"), "campaigns/health_sent.html", context, 20, "sent-by-hour")
