"""OAuth 2 sign-in of an email account: its settings, the way to the provider, and what comes back from there."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from crm.access import Request, administrator
from crm.forms.administration_oauth import OAuthForm
from crm.mail.account_check import Finding
from crm.mail.oauth import PRESETS, Begun
from crm.models import EmailAccount, OAuthGrant
from crm.oauth import check_oauth, finish_sign_in, oauth_of, redirect_uri, remove_oauth, save_oauth, sign_in_address

_BEGUN = "oauth_begun"  # in the session: state → [account, verifier]
MOST_BEGUN = 5  # pages that may be open at the same time


@administrator
@require_http_methods(["GET", "HEAD", "POST"])
def email_account_oauth(request: Request, pk: int) -> HttpResponse:
    grant = oauth_of(get_object_or_404(EmailAccount.objects.filter(is_sandbox=False), pk=pk))
    form = OAuthForm(request.POST if request.method == "POST" else None, instance=grant)
    if not form.is_valid():
        return _page(request, grant, form, status=422 if form.is_bound else 200)
    save_oauth(form.instance, request.user)
    messages.success(request, _("Saved. Now sign in at the provider."))
    return redirect("crm:email_account_oauth", pk)


@administrator
@require_safe
def oauth_callback(request: Request) -> HttpResponse:
    """Where the provider sends the person back to: only with a state that this very session was given."""
    begun = request.session.get(_BEGUN, {})
    account_id, verifier = begun.pop(request.GET.get("state", ""), (0, ""))
    request.session[_BEGUN] = begun
    grant = OAuthGrant.objects.filter(account_id=account_id).select_related("account").first()
    if grant is None:
        messages.error(request, _("That sign-in has expired. Open the email account and sign in again."))
        return redirect("crm:email_account_list")
    code = request.GET.get("code", "")
    if code:
        _tell(request, finish_sign_in(grant, code, Begun(request.GET["state"], verifier), request.user))
    else:
        told = request.GET.get("error_description") or request.GET.get("error", "")
        _tell(request, Finding(False, _("The provider did not agree."), told[:300]))
    return redirect(grant)


@administrator
@require_POST
def email_account_oauth_check(request: Request, pk: int) -> HttpResponse:
    grant = get_object_or_404(OAuthGrant.objects.select_related("account"), account_id=pk)
    finding = check_oauth(grant)
    if request.headers.get("HX-Request"):
        return render(request, "administration/email_account_finding.html", {"finding": finding})
    grant.refresh_from_db()
    return _page(request, grant, OAuthForm(instance=grant), finding)


@administrator
@require_POST
def email_account_oauth_remove(request: Request, pk: int) -> HttpResponse:
    remove_oauth(get_object_or_404(OAuthGrant, account_id=pk), request.user)
    messages.success(request, _("The sign-in was removed."))
    return redirect("crm:email_account_oauth", pk)


def _tell(request: Request, finding: Finding) -> None:
    say = messages.success if finding.ok else messages.error
    say(request, f"{finding.sentence} {finding.said}".strip())


def _page(
    request: Request, grant: OAuthGrant, form: OAuthForm, finding: Finding | None = None, status: int = 200
) -> HttpResponse:
    context = {
        "account": grant.account, "grant": grant, "form": form, "finding": finding, "redirect_uri": redirect_uri(),
        "address": _begin(request, grant) if grant.pk and not form.errors else "", "presets": PRESETS,
    }  # fmt: skip
    return render(request, "administration/oauth.html", context, status=status)


def _begin(request: Request, grant: OAuthGrant) -> str:
    """The provider's page. A link, because a form that leads elsewhere is what the content security policy forbids."""
    begun = Begun.new()
    known = list(request.session.get(_BEGUN, {}).items())[-MOST_BEGUN + 1 :]
    request.session[_BEGUN] = {**dict(known), begun.state: [grant.account_id, begun.verifier]}
    return sign_in_address(grant, begun)
