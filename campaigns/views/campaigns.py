"""Campaigns: form, duplicate, remove."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from campaigns.campaign_store import CampaignBusy, duplicate_campaign, remove_campaign, save_campaign
from campaigns.forms.campaigns import CampaignForm
from campaigns.models import Campaign
from campaigns.views.pages import Question, ask, posted
from crm.access import Request, marketer


@marketer
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: Request) -> HttpResponse:
    form = CampaignForm(posted(request), user=request.user, initial={"assigned_user": request.user})
    if request.method == "POST" and form.is_valid():
        campaign = save_campaign(form, request.user)
        messages.success(request, _("“%(name)s” was created.") % {"name": campaign})
        return redirect(campaign)
    return _form_page(request, form, None)


@marketer
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: Request, pk: int) -> HttpResponse:
    campaign = get_object_or_404(Campaign, pk=pk)
    name = campaign.name
    form = CampaignForm(posted(request), instance=campaign, user=request.user)
    if request.method == "POST" and form.is_valid():
        save_campaign(form, request.user)
        messages.success(request, _("Saved."))
        return redirect(campaign)
    campaign.name = name  # the heading shows what is stored, not what was refused
    return _form_page(request, form, campaign)


def _form_page(request: Request, form: CampaignForm, campaign: Campaign | None) -> HttpResponse:
    status = 422 if form.is_bound else 200
    return render(request, "campaigns/campaign_form.html", {"form": form, "campaign": campaign}, status=status)


@marketer
@require_POST
def duplicate(request: Request, pk: int) -> HttpResponse:
    copy = duplicate_campaign(get_object_or_404(Campaign, pk=pk), request.user)
    messages.success(request, _("This is the copy. Its tracking URLs have new codes."))
    return redirect("campaigns:edit", copy.pk)


@marketer
@require_http_methods(["GET", "HEAD", "POST"])
def remove(request: Request, pk: int) -> HttpResponse:
    campaign = get_object_or_404(Campaign, pk=pk)
    if request.method == "POST":
        try:
            remove_campaign(campaign, request.user)
        except CampaignBusy as refusal:
            return ask(request, _question(campaign, str(refusal)), campaign, status=422)
        messages.success(request, _("The campaign was removed."))
        return redirect("campaigns:list")
    return ask(request, _question(campaign), campaign)


def _question(campaign: Campaign, refusal: str = "") -> Question:
    emails, urls = campaign.mass_emails.count(), campaign.tracking_urls.count()
    sentences = [
        ngettext("%(n)s mass email is removed with it.", "%(n)s mass emails are removed with it.", emails)
        % {"n": emails},
        ngettext("%(n)s tracking URL is removed with it.", "%(n)s tracking URLs are removed with it.", urls)
        % {"n": urls},
        _("Links and opt-out links in mails already sent keep working, and the log is kept."),
    ]
    return Question(
        _("Remove the campaign “%(name)s”?") % {"name": campaign.name}, sentences, _("Remove"),
        reverse("campaigns:detail", args=[campaign.pk]), refusal=refusal,
    )  # fmt: skip
