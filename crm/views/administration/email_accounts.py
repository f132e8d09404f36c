"""Email accounts: list, form, Test Connection, Send Test Email, system account, removal."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from crm.access import Request, administrator
from crm.email_accounts import AccountInUse, make_system, remember_size, remove_account, save_account
from crm.forms.administration_accounts import PORTS, EmailAccountForm, TestEmailForm
from crm.forms.administration_provider import known_addresses
from crm.listings.accounts import account_list
from crm.mail.account_check import Finding, check_connection, send_test_email
from crm.models import EmailAccount


@administrator
@require_safe
def accounts(request: Request) -> HttpResponse:
    return account_list(request).render("administration/email_accounts.html")


@administrator
def email_account_new(request: Request) -> HttpResponse:
    return _account_form(request, EmailAccount())


@administrator
def email_account_edit(request: Request, pk: int) -> HttpResponse:
    """The sandbox account is shown, and has nothing to fill in."""
    account = get_object_or_404(EmailAccount, pk=pk)
    if account.is_sandbox:
        context = {"account": account, "test_form": TestEmailForm(initial={"recipient": request.user.email})}
        return render(request, "administration/email_account_sandbox.html", context)
    return _account_form(request, account)


@administrator
@require_POST
def email_account_test(request: Request, pk: int) -> HttpResponse:
    """Test Connection, or Send Test Email, with what the form says now; of that nothing is saved."""
    account = get_object_or_404(EmailAccount, pk=pk)
    form = None if account.is_sandbox else EmailAccountForm(request.POST, instance=account)
    if form is not None and not form.is_valid():
        return _tested(request, account, form, None, TestEmailForm(initial=request.POST.dict()))
    test_form = TestEmailForm(request.POST)
    if request.POST.get("test") != "send":
        finding = check_connection(account)
        if finding.ok:
            remember_size(account, finding.size)
        return _tested(request, account, form, finding, TestEmailForm(initial=request.POST.dict()))
    sent = send_test_email(account, test_form.cleaned_data["recipient"]) if test_form.is_valid() else None
    return _tested(request, account, form, sent, test_form)


@administrator
@require_POST
def email_account_system(request: Request, pk: int) -> HttpResponse:
    account = get_object_or_404(EmailAccount, pk=pk)
    make_system(account, request.user)
    messages.success(request, _("“%(name)s” is the system account now.") % {"name": account})
    return redirect("crm:email_account_list")


@administrator
def email_account_remove(request: Request, pk: int) -> HttpResponse:
    account = get_object_or_404(EmailAccount, pk=pk)
    if request.method != "POST":
        return render(request, "administration/email_account_remove.html", {"account": account})
    try:
        remove_account(account, request.user)
    except AccountInUse as reason:
        messages.error(request, str(reason))
    else:
        messages.success(request, _("“%(name)s” was removed.") % {"name": account})
    return redirect("crm:email_account_list")


def _account_form(request: Request, account: EmailAccount) -> HttpResponse:
    form = EmailAccountForm(request.POST if request.method == "POST" else None, instance=account)
    if form.is_valid():
        save_account(form.instance, request.user)
        messages.success(request, _("Saved."))
        return redirect("crm:email_account_edit", form.instance.pk)
    context = _context(account, form, TestEmailForm(initial={"recipient": request.user.email}))
    return render(request, "administration/email_account.html", context, status=422 if form.errors else 200)


def _tested(
    request: Request, account: EmailAccount, form: EmailAccountForm | None, finding: Finding | None, test: TestEmailForm
) -> HttpResponse:
    """The finding alone for htmx, the page with it for a browser without JavaScript."""
    context = {**_context(account, form, test), "finding": finding}
    if request.headers.get("HX-Request"):
        return render(request, "administration/email_account_finding.html", context)
    page = "email_account_sandbox" if form is None else "email_account"
    return render(request, f"administration/{page}.html", context, status=200 if finding else 422)


def _context(account: EmailAccount, form: EmailAccountForm | None, test: TestEmailForm) -> dict[str, object]:
    return {"account": account, "form": form, "test_form": test, "ports": PORTS, "addresses": known_addresses()}
