"""The audience arithmetic as a fragment of the editor, and the people behind each of its numbers."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.dateparse import parse_datetime
from django.utils.timezone import get_current_timezone, is_naive, make_aware
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from campaigns.models import Campaign, MassEmail, Reason
from campaigns.views.editor import arithmetic, audience_for, door_of, people_of, subtractions, terms_of
from campaigns.views.pages import page_of, page_or_part
from campaigns.views.people_lists import audience_list
from crm.access import Request, reader
from crm.models import EmailAccount
from targets.models import TargetList

ROWS = 50


@reader
@require_safe
def campaign_audience(request: Request, pk: int) -> HttpResponse:
    """For lists named in the query: the arithmetic of a form not saved yet, or with `people` the people."""
    campaign = get_object_or_404(Campaign, pk=pk)
    lists, excluding = ids_in(request, "target_lists"), ids_in(request, "excluding_target_lists")
    if "people" in request.GET:
        return _people(request, campaign, None, lists, excluding)
    start = _moment(request.GET.get("start_at", ""))
    account = EmailAccount.objects.filter(pk__in=ids_in(request, "account")).first()
    context = {"campaign": campaign, **arithmetic(campaign, lists, excluding, start, account)}
    return render(request, "campaigns/arithmetic.html", {**context, "is_fragment": True})


@reader
@require_safe
def mass_email_audience(request: Request, pk: int) -> HttpResponse:
    """For the lists of a saved mass email: the people who get it, or with `reason` those who do not."""
    mass_email = get_object_or_404(MassEmail.objects.select_related("campaign"), pk=pk)
    lists = list(mass_email.target_lists.values_list("pk", flat=True))
    excluding = list(mass_email.excluding_target_lists.values_list("pk", flat=True))
    return _people(request, mass_email.campaign, mass_email, lists, excluding)


def _people(
    request: Request, campaign: Campaign, mass_email: MassEmail | None, lists: list[int], excluding: list[int]
) -> HttpResponse:
    """The page; for htmx in a dialog the first of them."""
    reason = request.GET.get("reason", "")
    reason = reason if reason in Reason.values else ""
    audience = audience_for(campaign, lists, excluding)
    counts = audience.counts()
    door = door_of(campaign, lists, excluding)
    terms = terms_of(subtractions(counts), door)
    context: dict[str, Any] = {
        "campaign": campaign, "mass_email": mass_email,
        "lists": TargetList.objects.filter(pk__in=lists), "excluding": TargetList.objects.filter(pk__in=excluding),
    }  # fmt: skip
    if request.headers.get("HX-Target") != "dialog":
        return audience_list(request, audience, counts.people, terms).render("campaigns/audience.html", context)
    rows = people_of(audience, reason).order_by("name", "pk")
    context |= {"counts": counts, "reason": reason, "terms": terms, "door": door, "page": page_of(request, rows, ROWS)}
    context["heading"] = Reason(reason).label if reason else _("People who get it")
    return page_or_part(
        request, ("dialog", "campaigns/audience_dialog.html"), "campaigns/audience_dialog.html", context
    )


def ids_in(request: Request, name: str) -> list[int]:
    """Ids of existing length only: a number that no database can hold is nobody's id."""
    return [int(value) for value in request.GET.getlist(name) if value.isdecimal() and len(value) < 18]


def _moment(text: str) -> Any:
    try:
        moment = parse_datetime(text)
    except ValueError:
        return None
    return make_aware(moment, get_current_timezone()) if moment and is_naive(moment) else moment
