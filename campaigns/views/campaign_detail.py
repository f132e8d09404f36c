"""The page of one campaign: what is being sent now, the numbers, and the panels."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from campaigns.bounces import guard
from campaigns.models import Campaign, MassEmail, MassEmailStatus
from campaigns.progress import Progress, progress, why_not_sending
from campaigns.statistics import campaign_numbers, top_links
from campaigns.views.log import ROWS_OF_PANEL, log_context
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


def _context(request: Request, campaign: Campaign) -> dict[str, Any]:
    panel = log_context(request, campaign, ROWS_OF_PANEL)
    urls = list(campaign.tracking_urls.all()[:MOST_IN_PANEL])
    return {
        "campaign": campaign,
        "reputations": [(m, why) for m in campaign.mass_emails.all()[:MOST_STRIPS] if (why := guard.warning(m))],
        "strips": strips_of(campaign) if campaign.sends_email else [],
        "page_url": request.get_full_path(),
        "numbers": campaign_numbers(campaign, panel["events"], Settings.load().open_tracking),
        "mass_emails": list(campaign.mass_emails.select_related("template")[:MOST_IN_PANEL]),
        "tracking_urls": urls,
        "most_clicks": max((url.click_count for url in urls), default=0),
        "top_links": top_links(urls),
        "target_lists": list(campaign.target_lists.all()),
        "excluding_target_lists": list(campaign.excluding_target_lists.all()),
        **panel,
    }
