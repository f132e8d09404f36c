"""The log of a campaign as a list, on its own page."""

from dataclasses import replace
from typing import Any

from django.db.models import Q
from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from campaigns.forms.log import BETWEEN, DATE_CHOICES, LogFilterForm, names
from campaigns.log_search import (
    ACTIONS,
    LogFilter,
    action_counts,
    counts_within,
    event_counts,
    matching,
    with_names,
)
from campaigns.models import Action, Bounce, Campaign, LogRecord, MassEmail, TrackingUrl
from campaigns.views.long_list import LongList
from crm.access import Request
from crm.lists import Chip, Column, Filter, Nothing

ALL = "all"
EventCounts = dict[tuple[Action, bool], int]  # (action, by a machine?) → events


def wanted_of(query: QueryDict, campaign: Campaign) -> LogFilter:
    return LogFilterForm(query, campaign=campaign).wanted()


def counts_for(campaign: Campaign, wanted: LogFilter, events: EventCounts) -> dict[Action, int]:
    """What the chips say: every action, within everything else that is asked for."""
    other = replace(wanted, action=None, bounce="")
    return action_counts(events) if other == LogFilter() else counts_within(campaign, other)


def offered(counts: dict[Action, int], wanted: LogFilter) -> dict[str, Action]:
    """The actions that have a chip: those that there are, the two that every campaign waits for, and the chosen one."""
    always = (Action.SENT, Action.CLICKED, wanted.action)
    return {slug: action for slug, action in ACTIONS.items() if action in counts or action in always}


def log_list(request: Request, campaign: Campaign) -> LongList:
    """`date=between` comes from the panel, which shows the two days only then; here they stand beside it."""
    query = request.GET.copy()
    if query.get("date") == BETWEEN:
        del query["date"]
    wanted = wanted_of(query, campaign)
    counts = counts_for(campaign, wanted, event_counts(campaign))
    actions = offered(counts, wanted)
    return LongList(
        request,
        LogRecord.objects.all(),
        label=_("Log"),
        name="log",
        columns=_columns(),
        search=lambda rows, text: rows,  # `matching` searches
        search_hint=_("Name or email"),
        chip_key="action",
        chips=[Chip(ALL, _("All")), *(Chip(slug, one.label, Q(action=one)) for slug, one in actions.items())],
        filters=_filters(campaign),
        row_menu="campaigns/log_row_menu.html",
        export=reverse("campaigns:log_export", args=[campaign.pk]),
        kept_as="campaign-log",
        not_kept=("mass_email", "tracking_url"),
        instead=query,
        order="-at",
        beside="campaigns/log_acts.html",
        nothing=Nothing(
            _("Nothing has happened yet"),
            _("As soon as a mass email goes out, this shows who got it, opened it, clicked and opted out."),
            "history",
        ),
        matching=lambda query: matching(campaign, wanted_of(query, campaign)),
        unreadable=lambda query: LogFilterForm(query, campaign=campaign).problems,
        counts={ALL: sum(counts.values()), **{slug: counts.get(action, 0) for slug, action in actions.items()}},
        with_names=with_names,
    )


def _columns() -> list[Column]:
    return [
        Column("target", _("Target"), lambda row: row.event.address, "campaigns/cell_log_person.html"),
        Column("action", _("Action"), lambda row: row.event.get_action_display(), "campaigns/cell_log_action.html"),
        Column("data", _("Data"), str, "campaigns/log_data.html"),
        Column("at", _("Date"), lambda row: row.event.at, "includes/cell_when.html", ("id",), "nowrap muted"),
        Column("address", _("Email Address"), lambda row: row.event.address, look="wide", is_optional=True),
        Column("mass_email", _("Mass Email"), lambda row: row.mass_email, look="muted", is_optional=True),
        Column("tracking_url", _("Tracking URL"), lambda row: row.tracking_url, look="muted", is_optional=True),
    ]


def _filters(campaign: Campaign) -> list[Filter]:
    """Their controls; `matching` reads the query string by itself."""
    yes = [("on", _("Yes"))]
    return [
        Filter("mass_email", _("Mass Email"), _read_elsewhere, lambda: _named(MassEmail, campaign)),
        Filter("tracking_url", _("Tracking URL"), _read_elsewhere, lambda: _named(TrackingUrl, campaign)),
        Filter("bounce", _("Bounce"), _read_elsewhere, lambda: [one for one in Bounce.choices if one[0]]),
        Filter("date", _("Date"), _read_elsewhere, lambda: DATE_CHOICES[1:-1]),
        Filter("since", _("From"), _read_elsewhere, input_type="date"),
        Filter("until", _("Until"), _read_elsewhere, input_type="date"),
        Filter("tests", _("Test sends"), _read_elsewhere, lambda: yes),
        Filter("machines", _("Machine events"), _read_elsewhere, lambda: yes),
    ]


def _read_elsewhere(rows: Any, _value: str) -> Any:
    return rows


def _named(model: type[MassEmail] | type[TrackingUrl], campaign: Campaign) -> list[tuple[str, str]]:
    return [(str(one.pk), one.name) for one in names(model, campaign)]
