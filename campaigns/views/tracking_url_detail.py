"""The page of one tracking URL: clicks over time, the people who clicked, where its code is used."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_safe

from campaigns.models import Action, LogRecord, TrackingUrl
from campaigns.timeline import quarters_of_url
from campaigns.tracking_url_store import templates_that_use
from campaigns.views.chart import clicks_chart
from campaigns.views.pages import page_or_part
from campaigns.views.people_lists import clickers
from crm.access import Request, reader

MOST_TEMPLATES = 20


@reader
@require_safe
def detail(request: Request, pk: int) -> HttpResponse:
    """The page; for htmx the list of people, or a part of it, without everything else."""
    tracking_url = _of(pk)
    people = clickers(request, tracking_url)
    context: dict[str, Any] = {"tracking_url": tracking_url, "campaign": tracking_url.campaign}
    if not request.headers.get("HX-Target", "").startswith(people.name):
        context |= _about(request, tracking_url)
    return people.render("campaigns/tracking_url_detail.html", context)


@reader
@require_safe
def chart(request: Request, pk: int) -> HttpResponse:
    tracking_url = _of(pk)
    context = {
        "campaign": tracking_url.campaign, "tracking_url": tracking_url, "chart": _chart(request, tracking_url),
    }  # fmt: skip
    return page_or_part(request, ("engagement", "campaigns/chart_card.html"), "campaigns/chart.html", context)


def _of(pk: int) -> TrackingUrl:
    return get_object_or_404(TrackingUrl.objects.select_related("campaign"), pk=pk)


def _chart(request: Request, tracking_url: TrackingUrl) -> dict[str, Any]:
    address = reverse("campaigns:tracking_url_chart", args=[tracking_url.pk])
    return clicks_chart(request, quarters_of_url(tracking_url), address)


def _about(request: Request, tracking_url: TrackingUrl) -> dict[str, Any]:
    by_machine = LogRecord.objects.filter(
        campaign_id=tracking_url.campaign_id, action=Action.CLICKED, tracking_url_id=tracking_url.pk, is_machine=True,
        is_test=False,
    )  # fmt: skip
    return {
        "chart": _chart(request, tracking_url) if tracking_url.click_count or by_machine.exists() else None,
        "machine_clicks": by_machine.count(),
        "used_in": templates_that_use(tracking_url)[:MOST_TEMPLATES],
    }
