"""Settings, Outbound Emails and the rules of bounces."""

from django.contrib import messages
from django.forms import ModelForm
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from crm.access import Request, administrator
from crm.forms.administration import BounceRulesForm, OutboundEmailsForm, SettingsForm
from crm.models import Settings
from crm.site_settings import save_settings


@administrator
def settings_page(request: Request) -> HttpResponse:
    return _settings_form(request, SettingsForm, "settings")


@administrator
def outbound_emails(request: Request) -> HttpResponse:
    return _settings_form(request, OutboundEmailsForm, "outbound_emails")


@administrator
def bounce_rules(request: Request) -> HttpResponse:
    return _settings_form(request, BounceRulesForm, "bounce_rules")


def _settings_form(request: Request, form_class: type[ModelForm[Settings]], name: str) -> HttpResponse:
    form = form_class(request.POST if request.method == "POST" else None, instance=Settings.load())
    if form.is_valid():
        save_settings(form.instance, list(form.cleaned_data), request.user)
        messages.success(request, _("Saved."))
        return redirect(f"crm:{name}")
    return render(request, f"administration/{name}.html", {"form": form}, status=422 if form.errors else 200)
