"""Tracking URLs: form, remove."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from campaigns.forms.tracking_urls import TrackingUrlForm
from campaigns.models import Campaign, EmailTemplate, TrackingUrl
from campaigns.tracking_url_store import remove_tracking_url, save_tracking_url, templates_that_use
from campaigns.views.pages import Question, ask, posted, way_back
from crm.access import Request, marketer
from crm.restoring import snapshot
from crm.undo import offer


@marketer
@require_safe
def start(request: Request) -> HttpResponse:
    """A tracking URL belongs to a campaign: choose it first."""
    rows = Campaign.objects.order_by("-id")
    if chosen := request.GET.get("campaign", ""):
        campaign = get_object_or_404(rows, pk=int(chosen) if chosen.isdecimal() else 0)
        return redirect("campaigns:tracking_url_new", campaign.pk)
    back = reverse("campaigns:tracking_url_list")
    context = {"campaigns": rows[:200], "title": _("Create Tracking URL"), "back": back}
    return render(request, "campaigns/choose_campaign.html", context)


@marketer
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: Request, pk: int) -> HttpResponse:
    campaign = get_object_or_404(Campaign, pk=pk)
    return _form(request, TrackingUrl(campaign=campaign))


@marketer
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: Request, pk: int) -> HttpResponse:
    return _form(request, get_object_or_404(TrackingUrl.objects.select_related("campaign"), pk=pk))


def _form(request: Request, tracking_url: TrackingUrl) -> HttpResponse:
    name = tracking_url.name
    form = TrackingUrlForm(posted(request), instance=tracking_url)
    if request.method == "POST" and form.is_valid():
        saved = save_tracking_url(form, request.user)
        messages.success(request, _("Saved. Insert %(code)s instead of the URL.") % {"code": saved.placeholder})
        return redirect(way_back(request, f"{saved.campaign.get_absolute_url()}#urls"))
    context = {
        "form": form, "tracking_url": tracking_url, "name": name, "campaign": tracking_url.campaign,
        "used_in": _used_in(tracking_url) if tracking_url.pk else [],
    }  # fmt: skip
    return render(request, "campaigns/tracking_url_form.html", context, status=422 if form.is_bound else 200)


def _used_in(tracking_url: TrackingUrl) -> list[EmailTemplate]:
    return list(templates_that_use(tracking_url)[:20])


@marketer
@require_http_methods(["GET", "HEAD", "POST"])
def remove(request: Request, pk: int) -> HttpResponse:
    tracking_url = get_object_or_404(TrackingUrl.objects.select_related("campaign"), pk=pk)
    campaign = tracking_url.campaign
    if request.method == "POST":
        row = snapshot(tracking_url)
        remove_tracking_url(tracking_url, request.user)
        told = _("The tracking URL was removed. Links in mails already sent keep working.")
        offer(request, told, "tracking_url.remove", row=row)
        return redirect(f"{campaign.get_absolute_url()}#urls")
    return ask(request, _question(tracking_url), tracking_url)


def _question(tracking_url: TrackingUrl) -> Question:
    sentences = [_("Links in mails already sent keep working and lead where they led.")]
    if used := _used_in(tracking_url):
        names = ", ".join(f"“{template.name}”" for template in used[:5])
        text = ngettext(
            "%(n)s template names its code and cannot be sent until the code is taken out: %(names)s.",
            "%(n)s templates name its code and cannot be sent until the code is taken out: %(names)s.", len(used),
        )  # fmt: skip
        sentences.append(text % {"n": len(used), "names": names})
    return Question(
        _("Remove the tracking URL “%(name)s”?") % {"name": tracking_url.name}, sentences, _("Remove"),
        tracking_url.get_absolute_url(),
    )  # fmt: skip
