"""What campaigns add to the shell: pages, things to create, first steps, figures, panels and search."""

from datetime import timedelta

from django.db.models import F
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from campaigns.log_search import with_names
from campaigns.models import Action, Campaign, EmailTemplate, LogRecord, MassEmail, MassEmailStatus
from campaigns.origins import mass_emails
from crm.access import Request
from crm.administration import AccountPage, register_account_page
from crm.models import Record
from crm.navigation import (
    Figure,
    Found,
    NavItem,
    Panel,
    Section,
    Step,
    editors,
    register,
    register_home_figure,
    register_home_panel,
    register_record_panel,
    register_search,
    register_step,
)
from targets import origins

MOST_HITS = 5
MOST_EVENTS = 20
WEEK = timedelta(days=7)


def sending_now(request: Request) -> int:
    return MassEmail.objects.filter(status=MassEmailStatus.IN_PROCESS).count()


def under_way(request: Request) -> Panel | None:
    """What is being sent, and what goes out within a week."""
    rows = MassEmail.objects.select_related("campaign")
    sending = list(rows.filter(status=MassEmailStatus.IN_PROCESS)[:MOST_HITS])
    soon = rows.filter(status=MassEmailStatus.PENDING, start_at__lte=timezone.now() + WEEK)
    upcoming = list(soon.order_by("start_at")[:MOST_HITS])
    if not sending and not upcoming:
        return None
    context = {"sending": sending, "upcoming": upcoming}
    return Panel(_("Sending"), "campaigns/home_sending.html", context, 10, "sending")


def latest_campaigns(request: Request) -> Panel | None:
    mass_emails = MassEmail.objects.filter(sent_count__gt=0).select_related("campaign")
    latest = list(mass_emails.order_by(F("started_at").desc(nulls_last=True), "-id")[:MOST_HITS])
    return Panel(_("Latest results"), "campaigns/home_results.html", {"mass_emails": latest}, 30) if latest else None


def _figure(action: Action, tone: str, order: int) -> None:
    def of_this_week(request: Request) -> Figure | None:
        rows = LogRecord.objects.filter(action=action, is_test=False, is_machine=False, at__gte=timezone.now() - WEEK)
        return Figure(action.label, rows.count(), reverse("campaigns:list"), _("in the last 7 days"), tone, order)

    register_home_figure(of_this_week)


def template_step(request: Request) -> Step:
    note = _("Three starters are included; your own HTML works as well.")
    is_done = EmailTemplate.objects.exists()
    return Step(_("Pick a template"), note, is_done, reverse("campaigns:template_new"), _("Create Email Template"), 50)


def campaign_step(request: Request) -> Step:
    note = _("It holds the mass emails, tracking URLs and the log of one purpose.")
    is_done = Campaign.objects.exists()
    return Step(_("Create a campaign"), note, is_done, reverse("campaigns:new"), _("Create Campaign"), 60)


def test_step(request: Request) -> Step:
    is_done = MassEmail.objects.exclude(test_sent_at=None).exists()
    note = _("See in your own mailbox what recipients will get.")
    return Step(_("Send a test to yourself"), note, is_done, reverse("campaigns:mass_email_list"), _("Mass Emails"), 70)


def schedule_step(request: Request) -> Step:
    is_done = MassEmail.objects.exclude(status=MassEmailStatus.DRAFT).exists()
    note = _("Ready to send? tells you what is missing.")
    return Step(_("Schedule"), note, is_done, reverse("campaigns:mass_email_list"), _("Mass Emails"), 80)


def activity_of(request: Request, record: Record) -> Panel | None:
    """Everything this person got and did, newest first."""
    events = with_names(LogRecord.objects.filter(record_id=record.pk, is_machine=False).order_by("-id")[:MOST_EVENTS])
    return Panel(_("Activity"), "campaigns/record_activity.html", {"rows": events}, 50, "activity") if events else None


def find(request: Request, text: str) -> list[Found]:
    campaigns = Campaign.objects.filter(name__icontains=text)[:MOST_HITS]
    emails = MassEmail.objects.filter(name__icontains=text).select_related("campaign")[:MOST_HITS]
    return [
        *(
            Found(c.name, c.get_absolute_url(), _("Campaign"), "speakerphone", c.get_status_display())
            for c in campaigns
        ),
        *(Found(m.name, m.get_absolute_url(), _("Mass Email"), "mail-fast", m.campaign.name) for m in emails),
        *_templates(request, text),
    ]


def _templates(request: Request, text: str) -> list[Found]:
    rows = EmailTemplate.objects.filter(name__icontains=text).only("name", "subject")[:MOST_HITS]
    view = "template_edit" if request.user.can_edit else "template_versions"
    return [
        Found(row.name, reverse(f"campaigns:{view}", args=[row.pk]), _("Email Template"), "template", row.subject)
        for row in rows
    ]


register_account_page(AccountPage(_("Bounce test"), "bounces:probe", "mail-forward"))
register_account_page(AccountPage(_("Events of the provider"), "bounces:webhook", "plug-connected"))
register(Section.MARKETING, NavItem(_("Campaigns"), "campaigns:list", "speakerphone", 10, dock=_("Campaigns")))
register(
    Section.MARKETING,
    NavItem(_("Mass Emails"), "campaigns:mass_email_list", "mail-fast", 20, count=sending_now),
)
register(Section.MARKETING, NavItem(_("Email Templates"), "campaigns:template_list", "template", 30))
register(Section.MARKETING, NavItem(_("Tracking URLs"), "campaigns:tracking_url_list", "link", 40))
register(Section.MARKETING, NavItem(_("Bounces"), "campaigns:bounce_list", "mail-x", 45))
register(Section.CREATE, NavItem(_("Campaign"), "campaigns:new", "speakerphone", 10, visible=editors))
register(Section.CREATE, NavItem(_("Mass Email"), "campaigns:mass_email_start", "mail-fast", 20, visible=editors))
register(Section.CREATE, NavItem(_("Email Template"), "campaigns:template_new", "template", 30, visible=editors))
register_home_panel(under_way)
register_home_panel(latest_campaigns)
_figure(Action.SENT, "sent", 10)
_figure(Action.OPENED, "opened", 20)
_figure(Action.CLICKED, "clicked", 30)
_figure(Action.OPTED_OUT, "optout", 40)
for step in (template_step, campaign_step, test_step, schedule_step):
    register_step(step)
register_record_panel(activity_of)
register_search(find)
origins.register(mass_emails)
