"""Administration of an email account: does a bounce come home, and the events of its provider."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from campaigns.bounces.probing import probe_state, send_probe, suggested_address
from campaigns.bounces.webhook_setup import remove_webhook, save_webhook
from campaigns.forms.administration import ProbeForm, WebhookForm
from campaigns.models import BounceProbe, EspWebhook
from campaigns.views.pages import posted
from crm.access import Request, administrator
from crm.models import EmailAccount


@administrator
@require_http_methods(["GET", "HEAD", "POST"])
def probe(request: Request, pk: int) -> HttpResponse:
    """Send one, and watch the newest until its bounce is there."""
    account = get_object_or_404(EmailAccount, pk=pk)
    form = ProbeForm(posted(request), initial={"recipient": suggested_address(account)})
    if form.is_bound and form.is_valid():
        send_probe(account, form.cleaned_data["recipient"], request.user)
        return redirect("bounces:probe", pk)
    newest = BounceProbe.objects.filter(account_id=pk).first()
    tone, sentence = probe_state(newest) if newest else ("", "")
    context = {"account": account, "form": form, "probe": newest, "tone": tone, "sentence": sentence}
    part = request.headers.get("HX-Target") == "probe"
    page = "campaigns/probe_state.html" if part else "campaigns/probe.html"
    return render(request, page, context, status=422 if form.errors else 200)


@administrator
@require_http_methods(["GET", "HEAD", "POST"])
def webhook(request: Request, pk: int) -> HttpResponse:
    """Every saving makes a new password; its address is shown on the answer and never again."""
    account = get_object_or_404(EmailAccount, pk=pk)
    hook = EspWebhook.objects.filter(account=account).first() or EspWebhook(account=account, provider=account.provider)
    form = WebhookForm(posted(request), instance=hook)
    address = ""
    if form.is_bound and form.is_valid():
        address = save_webhook(form.instance, form.cleaned_data["signing_key"], request.user)
    context = {"account": account, "hook": hook, "form": form, "address": address}
    return render(request, "campaigns/webhook.html", context, status=422 if form.errors else 200)


@administrator
@require_POST
def webhook_remove(request: Request, pk: int) -> HttpResponse:
    remove_webhook(get_object_or_404(EspWebhook, account_id=pk), request.user)
    messages.success(request, _("Events of the provider are no longer taken."))
    return redirect("bounces:webhook", pk)
