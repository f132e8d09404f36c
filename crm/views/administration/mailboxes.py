"""The mailbox of an email account: where bounces are read."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from crm.access import Request, administrator
from crm.administration import account_pages
from crm.forms.administration_mailbox import READING_PORTS, MailboxForm
from crm.mail.account_check import Finding
from crm.mailboxes import check_mailbox, mailbox_of, remove_mailbox, save_mailbox
from crm.models import EmailAccount, HandledMessage, Mailbox, ScheduledJob

NEWEST = 10


@administrator
@require_http_methods(["GET", "HEAD", "POST"])
def email_account_mailbox(request: Request, pk: int) -> HttpResponse:
    """The sandbox's is shown, and has nothing to fill in."""
    mailbox = mailbox_of(get_object_or_404(EmailAccount, pk=pk))
    if mailbox.account.is_sandbox:
        return _page(request, mailbox, None)
    form = MailboxForm(request.POST if request.method == "POST" else None, instance=mailbox)
    if not form.is_valid():
        return _page(request, mailbox, form, status=422 if form.is_bound else 200)
    save_mailbox(form.instance, request.user)
    messages.success(request, _("Saved."))
    return redirect("crm:email_account_mailbox", pk)


@administrator
@require_POST
def email_account_mailbox_test(request: Request, pk: int) -> HttpResponse:
    """Test Connection with what the form says now; of that nothing is saved."""
    mailbox = mailbox_of(get_object_or_404(EmailAccount, pk=pk))
    form = None if mailbox.account.is_sandbox else MailboxForm(request.POST, instance=mailbox)
    finding = check_mailbox(mailbox) if form is None or form.is_valid() else None
    if request.headers.get("HX-Request"):
        return render(request, "administration/email_account_finding.html", {"form": form, "finding": finding})
    return _page(request, mailbox, form, finding, status=200 if finding else 422)


@administrator
@require_POST
def email_account_mailbox_remove(request: Request, pk: int) -> HttpResponse:
    mailbox = get_object_or_404(Mailbox.objects.filter(account__is_sandbox=False), account_id=pk)
    remove_mailbox(mailbox, request.user)
    messages.success(request, _("The mailbox is no longer read."))
    return redirect("crm:email_account_mailbox", pk)


def _page(
    request: Request, mailbox: Mailbox, form: MailboxForm | None, finding: Finding | None = None, status: int = 200
) -> HttpResponse:
    context = {
        "account": mailbox.account, "mailbox": mailbox, "form": form, "finding": finding, "ports": READING_PORTS,
        "account_pages": account_pages(mailbox.account.pk),
        "newest": HandledMessage.objects.filter(mailbox=mailbox.pk).order_by("-pk")[:NEWEST] if mailbox.pk else [],
        "job": ScheduledJob.objects.filter(key="check_group_email_accounts").first(),
    }  # fmt: skip
    return render(request, "administration/mailbox.html", context, status=status)
