"""The DKIM key of an email account: make or bring one, see the record to publish, check it, start and stop signing."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from crm.access import Request, administrator
from crm.dkim_setup import check_and_sign, keep_key, make_key, remove_key, set_signing
from crm.forms.administration_dkim import DkimKeyForm
from crm.mail.account_check import Finding
from crm.mail.dkim_keys import Algorithm
from crm.models import DkimKey, EmailAccount


@administrator
@require_http_methods(["GET", "HEAD", "POST"])
def email_account_dkim(request: Request, pk: int) -> HttpResponse:
    account = get_object_or_404(EmailAccount, pk=pk)
    form = DkimKeyForm(request.POST if request.method == "POST" else None, account, _key_of(account))
    if not form.is_valid():
        return _page(request, account, form, status=422 if form.is_bound else 200)
    domain, selector = form.cleaned_data["domain"], form.cleaned_data["selector"]
    if form.private is None:
        make_key(account, request.user, domain, selector, Algorithm(form.cleaned_data["algorithm"]))
    else:
        keep_key(account, request.user, domain, selector, form.private)
    messages.success(request, _("The key is there. Publish its record, then check it."))
    return redirect("crm:email_account_dkim", pk)


@administrator
@require_POST
def email_account_dkim_check(request: Request, pk: int) -> HttpResponse:
    """The page itself with what was found; signing begins when the record is there."""
    key = get_object_or_404(DkimKey.objects.select_related("account"), account_id=pk)
    finding = check_and_sign(key, request.user)
    return _page(request, key.account, DkimKeyForm(None, key.account, key), finding)


@administrator
@require_POST
def email_account_dkim_signing(request: Request, pk: int) -> HttpResponse:
    key = get_object_or_404(DkimKey.objects.select_related("account"), account_id=pk)
    set_signing(key, request.user, "on" in request.POST)
    messages.success(
        request, _("Mails are signed from now on.") if key.is_signing else _("Mails are no longer signed.")
    )
    return redirect("crm:email_account_dkim", pk)


@administrator
@require_POST
def email_account_dkim_remove(request: Request, pk: int) -> HttpResponse:
    key = get_object_or_404(DkimKey.objects.select_related("account"), account_id=pk)
    remove_key(key, request.user)
    messages.success(request, _("The key was removed. Mails are no longer signed here."))
    return redirect("crm:email_account_dkim", pk)


def _key_of(account: EmailAccount) -> DkimKey | None:
    return DkimKey.objects.filter(account=account).first()


def _page(
    request: Request, account: EmailAccount, form: DkimKeyForm, finding: Finding | None = None, status: int = 200
) -> HttpResponse:
    context = {"account": account, "key": _key_of(account), "form": form, "finding": finding}
    return render(request, "administration/dkim.html", context, status=status)
