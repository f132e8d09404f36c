"""Mass emails: the editor What / Who / When / From."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from campaigns.checks import ready_checks
from campaigns.forms.mass_emails import MassEmailForm, first_values
from campaigns.mass_email_store import MassEmailChanged, SendingBegan, create_mass_email, save_mass_email
from campaigns.models import EMAIL_TYPES, Campaign, MassEmail
from campaigns.views.editor import editor_context, ready
from campaigns.views.mass_email_autosave import conflict
from campaigns.views.pages import posted
from crm.access import Request, marketer, reader
from targets.models import TargetList

LONGEST_ID = 18  # digits that fit into the databases' integers


@marketer
@require_safe
def start(request: Request) -> HttpResponse:
    """A mass email belongs to a campaign: choose it first."""
    rows = Campaign.objects.filter(type__in=EMAIL_TYPES).exclude(status="complete").order_by("-id")
    kept = _number(request, "target_list")
    if chosen := request.GET.get("campaign", ""):
        campaign = get_object_or_404(rows, pk=int(chosen) if chosen.isdigit() else 0)
        return redirect(f"{reverse('campaigns:mass_email_new', args=[campaign.pk])}?{urlencode(kept)}".rstrip("?"))
    parent = {"parent": _("Mass Emails"), "parent_url": reverse("campaigns:mass_email_list")}
    context = {"campaigns": rows[:200], "title": _("Create Mass Email"), "kept": kept, **parent}
    return render(request, "campaigns/choose_campaign.html", context)


@marketer
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: Request, pk: int) -> HttpResponse:
    campaign = get_object_or_404(Campaign, pk=pk)
    if not campaign.sends_email:
        messages.error(request, _("A campaign of this type does not send email."))
        return redirect(campaign)
    form = MassEmailForm(posted(request), initial=first_values(campaign) | _chosen(request))
    if request.method == "POST" and form.is_valid():
        mass_email = create_mass_email(form, campaign, request.user)
        messages.success(request, _("Saved as Draft. A draft is never sent."))
        return redirect(_next_page(request, mass_email))
    context = editor_context(form, campaign, None)
    return render(request, "campaigns/mass_email_form.html", context, status=422 if form.is_bound else 200)


@marketer
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: Request, pk: int) -> HttpResponse:
    mass_email = get_object_or_404(MassEmail.objects.select_related("campaign", "account", "template"), pk=pk)
    if not mass_email.is_editable:
        messages.error(
            request, _("Sending has begun: content, sender and lists are fixed. Duplicate it to send another.")
        )
        return redirect(mass_email)
    form = MassEmailForm(posted(request), instance=mass_email, initial=_chosen(request))
    refused: dict[str, Any] = {}
    if request.method == "POST" and form.is_valid():
        try:
            return _save(request, form)
        except MassEmailChanged:
            refused = {"conflict": conflict(form, pk)}
    if form.is_bound:
        mass_email.refresh_from_db()  # what was refused must not be shown as stored
    context = {
        **editor_context(form, mass_email.campaign, mass_email),
        **ready(ready_checks(mass_email, request.user)),
        **refused,
    }
    return render(request, "campaigns/mass_email_form.html", context, status=422 if form.is_bound else 200)


@reader
@require_safe
def checks(request: Request, pk: int) -> HttpResponse:
    """*Ready to send?* of what is stored, as the fragment that the editor renews after every save."""
    mass_email = get_object_or_404(MassEmail.objects.select_related("campaign", "account", "template"), pk=pk)
    context = {"mass_email": mass_email, **ready(ready_checks(mass_email, request.user))}
    return render(request, "campaigns/ready_checks.html", context)


def _chosen(request: Request) -> dict[str, Any]:
    """The template that was made for it a moment ago, on the way back from the template editor; the list it is for."""
    chosen = _number(request, "target_list")
    lists = list(TargetList.objects.filter(pk=chosen["target_list"])) if chosen else []
    return {**_number(request, "template"), **({"target_lists": lists} if lists else {})}


def _number(request: Request, name: str) -> dict[str, str]:
    """A parameter that is the id of something; nothing when it is no number."""
    value = request.GET.get(name, "")
    return {name: value} if value.isdecimal() and len(value) < LONGEST_ID else {}


def _save(request: Request, form: MassEmailForm) -> HttpResponse:
    mass_email: MassEmail = form.instance
    try:
        problem = save_mass_email(form, request.user)
    except SendingBegan:
        messages.error(request, _("Sending has begun meanwhile: nothing was changed."))
        return redirect(mass_email)
    if problem:
        messages.warning(
            request, _("It went back to Draft, because it is not ready any more: %(why)s") % {"why": problem}
        )
    else:
        messages.success(request, _("Saved."))
    return redirect(_next_page(request, mass_email))


def _next_page(request: Request, mass_email: MassEmail) -> str:
    """The button that saved it says where to go: on editing, to the schedule page, or to Send Test."""
    from_button = {
        "schedule": "campaigns:mass_email_schedule",
        "test": "campaigns:mass_email_send_test",
        "close": "campaigns:mass_email_detail",
    }
    name = from_button.get(request.POST.get("then", ""), "campaigns:mass_email_edit")
    return reverse(name, args=[mass_email.pk])
