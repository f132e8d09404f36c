"""The page of one tracking URL: clicks over time, the people who clicked, where its code is used."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_safe

from campaigns.log_search import LogFilter, matching, with_names
from campaigns.models import Action, LogRecord, TrackingUrl
from campaigns.timeline import quarters_of_url
from campaigns.tracking_url_store import templates_that_use
from campaigns.views.chart import clicks_chart
from campaigns.views.pages import page_of, page_or_part, searched
from crm.access import Request, reader

ROWS_OF_PAGE = 20
MOST_TEMPLATES = 20


@reader
@require_safe
def detail(request: Request, pk: int) -> HttpResponse:
    tracking_url = _of(pk)
    context = {"tracking_url": tracking_url, "campaign": tracking_url.campaign, **_people(request, tracking_url)}
    if request.headers.get("HX-Target") != "people":
        context |= _about(request, tracking_url)
    return page_or_part(
        request, ("people", "campaigns/tracking_url_people.html"), "campaigns/tracking_url_detail.html", context
    )


@reader
@require_safe
def chart(request: Request, pk: int) -> HttpResponse:
    tracking_url = _of(pk)
    context = {"campaign": tracking_url.campaign, "chart": _chart(request, tracking_url)}
    return page_or_part(request, ("engagement", "campaigns/chart_card.html"), "campaigns/chart.html", context)


def _of(pk: int) -> TrackingUrl:
    return get_object_or_404(TrackingUrl.objects.select_related("campaign"), pk=pk)


def _chart(request: Request, tracking_url: TrackingUrl) -> dict[str, Any]:
    address = reverse("campaigns:tracking_url_chart", args=[tracking_url.pk])
    return clicks_chart(request, quarters_of_url(tracking_url), address)


def _people(request: Request, tracking_url: TrackingUrl) -> dict[str, Any]:
    """One row per person and mass email: the first click. Machines stand apart, in the log."""
    text = searched(request)
    wanted = LogFilter(action=Action.CLICKED, tracking_url_id=tracking_url.pk, q=text)
    page = page_of(request, matching(tracking_url.campaign, wanted), ROWS_OF_PAGE)
    page.object_list = with_names(page.object_list)
    return {"people": page, "people_q": text}


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
