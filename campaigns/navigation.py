"""What campaigns add to the shell: pages, things to create, first steps, figures, panels and search."""

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from campaigns import first_steps, home
from campaigns.activity import activity_of
from campaigns.bounces.words import reason_in_words
from campaigns.last_activity import last_activity as activities
from campaigns.models import BounceReport, Campaign, EmailTemplate, MassEmail, MassEmailStatus, TrackingUrl
from campaigns.origins import mass_emails
from campaigns.views.activity import activity_context
from crm.access import Request
from crm.administration import AccountPage, register_account_page
from crm.models import EmailAddress, Record
from crm.navigation import (
    Found,
    NavItem,
    Panel,
    Section,
    editors,
    first_few,
    register,
    register_address_panel,
    register_health_panel,
    register_home_figures,
    register_home_panel,
    register_need,
    register_record_panel,
    register_search,
    register_step,
)
from targets import last_activity, onward, origins

MOST_HITS = 5
MOST_BOUNCES = 50


def sending_now(request: Request) -> int:
    return MassEmail.objects.filter(status=MassEmailStatus.IN_PROCESS).count()


def timeline_of(request: Request, record: Record) -> Panel:
    """Everything this person got and did, newest first."""
    context = activity_context(record, activity_of(record))
    return Panel(_("Activity"), "campaigns/record_activity.html", context, 50, "activity")


def bounces_of_record(request: Request, record: Record) -> Panel | None:
    """The evidence behind *Invalid*, where it is asked for."""
    return bounces_of(request, record.email_address) if record.email_address else None


def bounces_of(request: Request, address: EmailAddress) -> Panel | None:
    """What came back from an address, each with its evidence; None where nothing did."""
    reports = list(BounceReport.objects.filter(email_address_id=address.pk).order_by("-at")[:MOST_BOUNCES])
    context = {"bounces": [(report, reason_in_words(report.reason)) for report in reports]}
    return Panel(_("Bounces"), "campaigns/address_bounces.html", context, 40, "bounces") if reports else None


def find(request: Request, text: str) -> list[Found]:
    """Campaigns, mass emails, templates and tracking URLs, the newest first."""
    return [*_campaigns(text), *_mass_emails(text), *_templates(request, text), *_tracking_urls(text)]


def _campaigns(text: str) -> list[Found]:
    named = Campaign.objects.filter(name__icontains=text)
    rows, more = first_few(named, MOST_HITS, reverse("campaigns:list"), text)
    return [
        Found(row.name, row.get_absolute_url(), _("Campaigns"), "speakerphone", row.get_status_display(), more)
        for row in rows
    ]


def _mass_emails(text: str) -> list[Found]:
    named = MassEmail.objects.filter(name__icontains=text).select_related("campaign")
    rows, more = first_few(named, MOST_HITS, reverse("campaigns:mass_email_list"), text)
    return [
        Found(row.name, row.get_absolute_url(), _("Mass Emails"), "mail-fast", row.campaign.name, more) for row in rows
    ]


def _templates(request: Request, text: str) -> list[Found]:
    named = EmailTemplate.objects.filter(name__icontains=text).only("name", "subject")
    rows, more = first_few(named, MOST_HITS, reverse("campaigns:template_list"), text)
    view = "template_edit" if request.user.can_edit else "template_versions"
    return [
        Found(
            row.name, reverse(f"campaigns:{view}", args=[row.pk]), _("Email Templates"), "template", row.subject, more
        )
        for row in rows
    ]


def _tracking_urls(text: str) -> list[Found]:
    named = TrackingUrl.objects.filter(Q(name__icontains=text) | Q(url__icontains=text)).select_related("campaign")
    rows, more = first_few(named, MOST_HITS, reverse("campaigns:tracking_url_list"), text)
    return [
        Found(row.name, f"{row.campaign.get_absolute_url()}#urls", _("Tracking URLs"), "link", row.campaign.name, more)
        for row in rows
    ]


register(Section.MARKETING, NavItem(_("Campaigns"), "campaigns:list", "speakerphone", 10, dock=_("Campaigns"), key="c"))
register(
    Section.MARKETING,
    NavItem(
        _("Mass Emails"),
        "campaigns:mass_email_list",
        "mail-fast",
        20,
        active_views=("campaigns:mass_email_new",),
        count=sending_now,
        key="m",
    ),
)
register(Section.MARKETING, NavItem(_("Email Templates"), "campaigns:template_list", "template", 30, key="t"))
register(
    Section.MARKETING,
    NavItem(
        _("Tracking URLs"),
        "campaigns:tracking_url_list",
        "link",
        40,
        active_views=("campaigns:tracking_url_new",),
        key="u",
    ),
)
register(Section.MARKETING, NavItem(_("Bounces"), "campaigns:bounce_list", "mail-x", 45))
register_account_page(AccountPage(_("Bounce test"), "bounces:probe", "mail-forward"))
register_account_page(AccountPage(_("Provider events (webhook)"), "bounces:webhook", "plug-connected"))
register(Section.CREATE, NavItem(_("Campaign"), "campaigns:new", "speakerphone", 10, visible=editors))
register(Section.CREATE, NavItem(_("Mass Email"), "campaigns:mass_email_start", "mail-fast", 20, visible=editors))
register(Section.CREATE, NavItem(_("Email Template"), "campaigns:template_new", "template", 30, visible=editors))
for panel in (home.in_process, home.upcoming, home.latest_results):
    register_home_panel(panel)
register_home_figures(home.this_week)
register_need(home.needs_you)
register_health_panel(home.sent_by_hour)
for step in (first_steps.template, first_steps.campaign, first_steps.test, first_steps.schedule):
    register_step(step)
register_record_panel(timeline_of)
register_record_panel(bounces_of_record)
register_address_panel(bounces_of)
register_search(find)
origins.register(mass_emails)
last_activity.register(activities)
onward.register(onward.Onward(_("New mass email"), "campaigns:mass_email_start", "mail-fast"))
