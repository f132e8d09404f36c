"""The chart of opens and clicks over time, of a campaign and of a tracking URL; the same numbers stand in a table."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from campaigns.models import Action, Campaign, MassEmail
from campaigns.timeline import Quarter, Slot, Timeline, Unit, fitting_unit, quarters_of_campaign, timeline, widened
from campaigns.views.pages import page_or_part
from crm.access import Request, reader

# Name of the series, label, data colour.
SERIES = (
    ("opened", Action.OPENED.label, "opened"),
    ("clicked", Action.CLICKED.label, "clicked"),
    ("by_machine", gettext_lazy("Machine events"), "sent"),
)
FEW_HOURS, FEW_DAYS = 3 * 24, 10


@reader
@require_safe
def campaign_chart(request: Request, pk: int) -> HttpResponse:
    """/campaigns/<pk>/chart/?unit=day&back=1"""
    campaign = get_object_or_404(Campaign, pk=pk)
    begun = MassEmail.objects.filter(campaign=campaign).exclude(started_at=None).only("name", "started_at")
    chart = chart_of_campaign(request, campaign, quarters_of_campaign(campaign), begun)
    context = {"campaign": campaign, "chart": chart}
    return page_or_part(request, ("engagement", "campaigns/chart_card.html"), "campaigns/chart.html", context)


def chart_of_campaign(
    request: Request, campaign: Campaign, quarters: Sequence[Quarter], mass_emails: Iterable[MassEmail]
) -> dict[str, Any]:
    begun = [(one.name, one.started_at) for one in mass_emails if one.started_at is not None]
    engaged = [quarter for quarter in quarters if quarter.action != Action.SENT]
    shown = _window(request, engaged, [at for _name, at in begun])
    for name, at in begun:
        shown.mark(name, at)
    return chart_context(shown, reverse("campaigns:chart", args=[campaign.pk]), _("Opens and clicks over time"))


def _window(request: Request, quarters: Sequence[Quarter], starts: Sequence[datetime] = ()) -> Timeline:
    asked, back = request.GET.get("unit", ""), request.GET.get("back", "")
    unit = Unit(asked) if asked in list(Unit) else fitting_unit(quarters)
    number = int(back) if back.isdecimal() and len(back) < 6 else 0
    shown = timeline(quarters, unit, timezone.get_current_timezone(), number)
    return shown if shown.has_earlier else widened(shown, starts)


def clicks_chart(request: Request, quarters: Sequence[Quarter], url: str) -> dict[str, Any]:
    return chart_context(_window(request, quarters), url, _("Clicks over time"), only=("clicked", "by_machine"))


def chart_context(
    shown: Timeline, url: str, title: str, only: Iterable[str] = ("opened", "clicked", "by_machine")
) -> dict[str, Any]:
    """Everything that campaigns/chart_card.html needs; a series without any event is left out."""
    series = [
        {"name": name, "label": str(label), "tone": tone, "total": shown.total(name)}
        for name, label, tone in SERIES
        if name in only and (shown.total(name) or name in ("opened", "clicked"))
    ]
    return {
        "title": title,
        "url": url,
        "shown": shown,
        "series": series,
        "rows": [_row(slot, shown.unit, series) for slot in shown.slots if not slot.is_empty],
        "summary": _summary(shown, series),
        "data": _for_the_script(shown, series),
        "is_hourly": shown.unit is Unit.HOUR,
        "earlier": f"{url}?unit={shown.unit}&back={shown.back + 1}" if shown.has_earlier else "",
        "later": f"{url}?unit={shown.unit}&back={shown.back - 1}" if shown.back else "",
    }


def _row(slot: Slot, unit: Unit, series: Sequence[dict[str, Any]]) -> dict[str, Any]:
    return {
        "label": _label(slot, unit),
        "values": [(one["label"], getattr(slot, one["name"])) for one in series],
        "started": slot.started,
    }


def _label(slot: Slot, unit: Unit) -> str:
    return formats.date_format(slot.begins, _("j M Y, H:i") if unit is Unit.HOUR else "DATE_FORMAT")


def _summary(shown: Timeline, series: Sequence[dict[str, Any]]) -> str:
    """One sentence that says what the picture shows."""
    if not shown.slots or not any(one["total"] for one in series):
        return ""
    best = max(shown.slots, key=lambda slot: slot.opened + slot.clicked)
    numbers = ", ".join(f"{one['label']} {formats.number_format(one['total'], force_grouping=True)}" for one in series)
    told = {"first": _label(shown.slots[0], shown.unit), "last": _label(shown.slots[-1], shown.unit)}
    told |= {"numbers": numbers, "best": _label(best, shown.unit)}
    return _("From %(first)s to %(last)s: %(numbers)s. Most happened at %(best)s.") % told


def _for_the_script(shown: Timeline, series: Sequence[dict[str, Any]]) -> dict[str, Any]:
    return {
        "labels": [_label(slot, shown.unit) for slot in shown.slots],
        "ticks": _ticks(shown),
        "series": [
            {
                "label": one["label"],
                "tone": one["tone"],
                "isMachine": one["name"] == "by_machine",
                "values": [getattr(slot, one["name"]) for slot in shown.slots],
            }
            for one in series
        ],
        "marks": [[at, ", ".join(slot.started)] for at, slot in enumerate(shown.slots) if slot.started],
    }


def _ticks(shown: Timeline) -> list[str]:
    """A short word under some of the slots: so many that they fit on a phone."""
    if shown.unit is Unit.DAY:
        step = 1 if len(shown.slots) <= FEW_DAYS else -(-len(shown.slots) // 7)
        return [_short_day(slot) if at % step == 0 else "" for at, slot in enumerate(shown.slots)]
    every = 3 if len(shown.slots) <= 24 else 12 if len(shown.slots) <= FEW_HOURS else 24
    return [_tick_of_hour(slot, every) for slot in shown.slots]


def _tick_of_hour(slot: Slot, every: int) -> str:
    if slot.begins.hour % every:
        return ""
    is_repeated = (slot.begins - timedelta(hours=1)).hour == slot.begins.hour
    if slot.begins.hour == 0 and not is_repeated:
        return _short_day(slot)
    return formats.time_format(slot.begins, "H:i")


def _short_day(slot: Slot) -> str:
    return formats.date_format(slot.begins, _("j M"))
