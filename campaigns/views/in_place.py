"""Changing one part of a campaign where it stands. Without script the links lead to the form of the campaign."""

import json
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from campaigns.campaign_store import save_campaign
from campaigns.forms.campaigns import IN_PLACE, CampaignFieldForm
from campaigns.models import Campaign, CampaignStatus
from campaigns.views.pages import page_or_part, posted
from crm.access import Request, marketer, reader
from crm.models import User
from crm.undo import TAG, token_for


def facts_context(campaign: Campaign, type_is_fixed: bool | None = None) -> dict[str, Any]:
    """What the card of details and the line under the title show. `type_is_fixed` None: looked up."""
    return {
        "campaign": campaign,
        "statuses": CampaignStatus.choices,
        "type_is_fixed": campaign.mass_emails.exists() if type_is_fixed is None else type_is_fixed,
        "target_lists": list(campaign.target_lists.all()),
        "excluding_target_lists": list(campaign.excluding_target_lists.all()),
    }


@reader
@require_safe
def details(request: Request, pk: int) -> HttpResponse:
    context = facts_context(_campaign(pk))
    return page_or_part(request, ("details", "campaigns/campaign_facts.html"), "campaigns/details.html", context)


@marketer
@require_http_methods(["GET", "HEAD", "POST"])
def change(request: Request, pk: int, field: str) -> HttpResponse:
    """GET shows the form of one part in its place; POST saves it and shows the details again, or what is wrong."""
    if field not in IN_PLACE:
        raise Http404("No such part.")
    campaign = _campaign(pk)
    in_place = request.headers.get("HX-Target") == "details"
    form = CampaignFieldForm(posted(request), instance=campaign, user=request.user, part=field)
    if request.method == "POST" and form.is_valid():
        before = str(form.initial.get("status", ""))
        undo = _undo(request.user, save_campaign(form, request.user), before)
        if in_place:
            return _saved(request, _campaign(pk), field, undo)
        return _saved_without_script(request, campaign, undo)
    if not in_place and request.method != "POST":
        return redirect(f"{reverse('campaigns:edit', args=[pk])}#id_{IN_PLACE[field][0]}")
    context = {**facts_context(_campaign(pk)), "form": form, "editing": field}
    return _card(request, context, 422 if form.errors else 200, "details" if not in_place else "campaign_facts")


def _campaign(pk: int) -> Campaign:
    return get_object_or_404(Campaign.objects.select_related("assigned_user"), pk=pk)


def _undo(user: User, campaign: Campaign, before: str) -> str:
    """The token that takes a change of the status back; sending hangs on it."""
    changed = before not in ("", campaign.status)
    return token_for(user, "campaign.status", campaign=campaign.pk, was=before, now=campaign.status) if changed else ""


def _saved(request: Request, campaign: Campaign, part: str, undo: str) -> HttpResponse:
    context = {**facts_context(campaign), "changed": part, "is_fragment": True}
    response = _card(request, context, 200, "campaign_facts")
    response["HX-Trigger"] = json.dumps({"toast": {"text": _("Saved."), **({"undo": undo} if undo else {})}})
    return response


def _saved_without_script(request: Request, campaign: Campaign, undo: str) -> HttpResponse:
    messages.success(request, _("Saved."), extra_tags=TAG + undo if undo else "")
    return redirect(campaign)


def _card(request: Request, context: dict[str, Any], status: int, template: str) -> HttpResponse:
    response = render(request, f"campaigns/{template}.html", context, status=status)
    patch_vary_headers(response, ["HX-Request", "HX-Target"])
    return response
