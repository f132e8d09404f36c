"""The page of one campaign: what is being sent now, the numbers, and the panels."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from campaigns.bounces import guard
from campaigns.comparison import usual_rates
from campaigns.lifecycle import with_may_retry
from campaigns.log_search import event_counts
from campaigns.models import Action, Campaign, MassEmail, MassEmailStatus
from campaigns.next_steps import next_steps
from campaigns.opens import with_opens_on
from campaigns.progress import Progress, progress, why_not_sending
from campaigns.statistics import Number, campaign_numbers, top_links
from campaigns.timeline import Quarter, campaign_is_large, fitting_unit, quarters_of_campaign, timeline
from campaigns.views.chart import chart_of_campaign
from campaigns.views.in_place import facts_context
from campaigns.views.log import ROWS_OF_PANEL, log_context
from campaigns.views.pages import page_or_part
from crm.access import Request, reader
from crm.models import Settings

MOST_STRIPS = 5
MOST_IN_PANEL = 100


@dataclass(frozen=True, slots=True)
class Strip:
    """One mass email that is being sent: how far, how fast, until when, or why not."""

    mass_email: MassEmail
    progress: Progress
    why_not: str


def strip_of(mass_email: MassEmail, state: Progress | None = None) -> Strip:
    """The sentence is left out where the figures say the same: it is sending."""
    why = why_not_sending(mass_email)
    return Strip(mass_email, state or progress(mass_email), "" if why == _("Sending.") else why)


def strips_of(campaign: Campaign) -> list[Strip]:
    sending = campaign.mass_emails.filter(status=MassEmailStatus.IN_PROCESS).select_related("campaign", "account")
    return [strip_of(m) for m in sending.order_by("-id")[:MOST_STRIPS]]


@reader
@require_safe
def detail(request: Request, pk: int) -> HttpResponse:
    campaign = get_object_or_404(Campaign.objects.select_related("assigned_user"), pk=pk)
    return render(request, "campaigns/campaign_detail.html", _context(request, campaign))


@reader
@require_safe
def numbers(request: Request, pk: int) -> HttpResponse:
    """The strip of numbers, which comes again by itself while something is being sent."""
    campaign = get_object_or_404(Campaign, pk=pk)
    context = {
        "campaign": campaign,
        "numbers": _numbers(campaign, event_counts(campaign), _quarters(campaign)),
        "in_place": "HX-Request" in request.headers,
        "live": campaign.mass_emails.filter(status=MassEmailStatus.IN_PROCESS).exists(),
    }
    return page_or_part(request, ("overview", "campaigns/kpis.html"), "campaigns/numbers.html", context)


def _numbers(campaign: Campaign, events: dict[tuple[Action, bool], int], quarters: list[Quarter]) -> list[Number]:
    slots = timeline(quarters, fitting_unit(quarters), timezone.get_current_timezone()).slots
    return campaign_numbers(campaign, events, Settings.load().open_tracking, usual_rates(campaign), slots)


def _quarters(campaign: Campaign) -> list[Quarter]:
    """Nothing for a large campaign: its page comes at once, without the small lines, and its chart by itself."""
    return [] if campaign_is_large(campaign) else quarters_of_campaign(campaign, with_sent=True)


def _context(request: Request, campaign: Campaign) -> dict[str, Any]:
    panel = log_context(request, campaign, ROWS_OF_PANEL)
    urls = list(campaign.tracking_urls.all()[:MOST_IN_PANEL])
    rows = with_may_retry(with_opens_on(campaign.mass_emails.select_related("template")))
    mass_emails = list(rows[:MOST_IN_PANEL])
    events, quarters = panel["events"], _quarters(campaign)
    has_chart = campaign.sends_email and bool(events)
    return {
        "reputations": guard.warnings(mass_emails),
        "strips": strips_of(campaign) if campaign.sends_email else [],
        "page_url": request.get_full_path(),
        "numbers": _numbers(campaign, events, quarters),
        "in_place": True,
        "has_chart": has_chart,
        "chart": chart_of_campaign(request, campaign, quarters, mass_emails) if has_chart and quarters else None,
        "next_steps": next_steps(campaign, mass_emails, events),
        "mass_emails": mass_emails,
        "tracking_urls": urls,
        "most_clicks": max((url.click_count for url in urls), default=0),
        "top_links": top_links(urls),
        **facts_context(campaign, type_is_fixed=bool(mass_emails)),
        **panel,
    }
