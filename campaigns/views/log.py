"""The Log panel of a campaign, its export, and *Create Target List* from it."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from campaigns.exports import LOG
from campaigns.forms.log import DAYS, LogFilterForm, LogTargetListForm
from campaigns.log_search import ACTIONS, DATES, SLUGS, LogFilter, count_by_type, event_counts, matching, with_names
from campaigns.models import Action, Campaign
from campaigns.views.log_list import counts_for, log_list, offered
from campaigns.views.pages import page_of, page_or_part, posted
from crm.access import Request, marketer, reader
from crm.audit import audit
from crm.views.exporting import export
from targets.membership import add_records
from targets.models import Source, TargetList

ROWS_OF_PAGE = 25
ROWS_OF_PANEL = 10


@reader
@require_safe
def log(request: Request, pk: int) -> HttpResponse:
    """The page; for htmx on the page of the campaign, its panel alone."""
    campaign = get_object_or_404(Campaign, pk=pk)
    if request.headers.get("HX-Target") == "log":
        return _panel(request, campaign)
    rows = log_list(request, campaign)
    return rows.render("campaigns/log.html", {"campaign": campaign})


def _panel(request: Request, campaign: Campaign) -> HttpResponse:
    """Whoever chooses a named date there means it instead of the two days, which still come with the form."""
    query = request.GET.copy()
    stale = [name for name in DAYS if name in query and query.get("date") in DATES]
    for name in stale:
        del query[name]
    request.GET = query  # type: ignore[assignment]  # what follows is about this one
    context = {"campaign": campaign, **log_context(request, campaign, ROWS_OF_PAGE)}
    response = page_or_part(request, ("log", "campaigns/log_panel.html"), "campaigns/log_panel.html", context)
    if stale:
        response["HX-Push-Url"] = f"{request.path}?{query.urlencode()}"
    return response


@reader
@require_http_methods(["GET", "HEAD", "POST"])
def log_export(request: Request, pk: int) -> HttpResponseBase:
    """What the filter of the panel shows, as a file."""
    if request.method == "POST" and not request.user.can_edit:
        raise PermissionDenied
    campaign = get_object_or_404(Campaign, pk=pk)
    query = request.GET.copy()
    for name in ("format", "columns"):
        query.pop(name, None)
    return export(
        request,
        LOG,
        {"campaign": campaign.pk, "query": query.urlencode()},
        [(name, str(value)) for name, value in query.items()],
    )


def log_context(request: Request, campaign: Campaign, size: int) -> dict[str, Any]:
    """What the panel shows: chips with counts, the filter form, one page of events."""
    form = LogFilterForm(request.GET, campaign=campaign)
    wanted = form.wanted()
    page = page_of(request, matching(campaign, wanted), size)
    page.object_list = with_names(page.object_list)
    events = event_counts(campaign)
    return {
        "log_form": form,
        "log_filter": wanted,
        "log_page": page,
        "log_chips": _chips(request, campaign, wanted, counts_for(campaign, wanted, events)),
        "log_has_machines": any(machine for _action, machine in events),
        "log_is_filtered": wanted != LogFilter(),
        "events": events,
    }


def _chips(request: Request, campaign: Campaign, wanted: LogFilter, counts: dict[Action, int]) -> list[dict[str, Any]]:
    every = _chip(request, campaign, "", str(_("All")), sum(counts.values()), wanted.action is None)
    return [every] + [
        _chip(request, campaign, slug, str(action.label), counts.get(action, 0), wanted.action == action)
        for slug, action in offered(counts, wanted).items()
    ]


def _chip(request: Request, campaign: Campaign, slug: str, label: str, count: int, is_current: bool) -> dict[str, Any]:
    query = request.GET.copy()
    for name in ("page", "action", "bounce"):
        query.pop(name, None)
    if slug:
        query["action"] = slug
    url = f"{reverse('campaigns:log', args=[campaign.pk])}?{query.urlencode()}"
    return {"label": label, "count": count, "is_current": is_current, "url": url}


@marketer
@require_http_methods(["GET", "HEAD", "POST"])
def log_target_list(request: Request, pk: int) -> HttpResponse:
    """First the number, then the list: `count` only counts."""
    campaign = get_object_or_404(Campaign, pk=pk)
    form = LogTargetListForm(posted(request), campaign=campaign, initial=_prefilled(request, campaign))
    kinds = None
    if form.is_bound and form.is_valid():
        if "count" not in request.POST:
            return redirect(_create(request, campaign, form))
        kinds = count_by_type(form.people())
    count = sum(number for _kind, number in kinds) if kinds is not None else None
    context = {
        "campaign": campaign, "form": form, "count": count, "kinds": kinds,
        "left_out": LogFilterForm(request.GET, campaign=campaign).beyond_people,
    }  # fmt: skip
    part = ("count", "campaigns/log_target_list_count.html")
    status = 422 if form.errors else 200
    return page_or_part(request, part, "campaigns/log_target_list.html", context, status)


def _create(request: Request, campaign: Campaign, form: LogTargetListForm) -> TargetList:
    with transaction.atomic():
        target_list = form.target_list(request.user)
        target_list.save()
        added = add_records(target_list, form.people(), Source.LOG)
        audit(request.user, "target_list.created", target_list, campaign=campaign.pk, records=added)
    text = ngettext("Target list created with %(n)s record.", "Target list created with %(n)s records.", added)
    messages.success(request, text % {"n": added})
    return target_list


def _prefilled(request: Request, campaign: Campaign) -> dict[str, Any]:
    """The filter that the person was looking at."""
    wanted = LogFilterForm(request.GET, campaign=campaign).wanted()
    of_all = Action.CLICKED if wanted.tracking_url_id else Action.BOUNCED if wanted.bounce else None
    action = wanted.action or of_all
    label = action.label if action else _("All")
    return {
        "name": f"{campaign.name[:150]} · {label}", "including": [SLUGS[action]] if action else list(ACTIONS),
        "mass_email": wanted.mass_email_id, "tracking_url": wanted.tracking_url_id,
        "bounce": wanted.bounce, "since": wanted.since, "until": wanted.until,
    }  # fmt: skip
