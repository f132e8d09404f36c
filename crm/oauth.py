"""What administrators do with the OAuth 2 sign-in of an email account: set it up, agree at the provider, end it."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from crm.audit import audit
from crm.mail.account_check import Finding
from crm.mail.oauth import PRESETS, Begun, OAuthError, authorization_url, exchange
from crm.mail.oauth_account import client_of, fresh_token, keep
from crm.mail.secrets import SecretUnreadable
from crm.mail.smtp_protocol import ConnectionFailed
from crm.models import EmailAccount, OAuthGrant, Settings, User

SET_UP = ("preset", "client_id", "client_secret", "authorize_url", "token_url", "scope")
GRANTED = (
    "refresh_secret", "access_secret", "last_error", "expires_at", "granted_at", "refreshing_until", "refused_at",
    "refused_said",
)  # fmt: skip
CALLBACK = "/admin/oauth/callback/"


def oauth_of(account: EmailAccount) -> OAuthGrant:
    """The one that the account has, or a new one that is not stored."""
    return OAuthGrant.objects.filter(account=account).select_related("account").first() or OAuthGrant(account=account)


def redirect_uri() -> str:
    """What has to be entered at the provider, letter by letter."""
    return Settings.load().base_url + CALLBACK


def save_oauth(grant: OAuthGrant, user: User) -> None:
    """Store it. Another client or endpoint makes an old agreement void."""
    with transaction.atomic():
        before = OAuthGrant.objects.filter(pk=grant.pk).first() if grant.pk else None
        if before and (before.client_id, before.token_url) != (grant.client_id, grant.token_url):
            _forget(grant)
            changed = [*SET_UP, *GRANTED]
        else:
            changed = list(SET_UP)  # a token that is being renewed now stays what it becomes
        grant.save(update_fields=changed if before else None)
        audit(user, "oauth.saved", grant, provider=grant.preset)


def sign_in_address(grant: OAuthGrant, begun: Begun) -> str:
    """The provider's page where somebody with the mailbox's password agrees."""
    preset = PRESETS.get(grant.preset)
    extra = {"login_hint": grant.account.email_address, **(preset.extra if preset else {})}
    return authorization_url(grant.authorize_url, grant.client_id, grant.scope, redirect_uri(), begun, extra)


def finish_sign_in(grant: OAuthGrant, code: str, begun: Begun, user: User) -> Finding:
    """Trade the code for tokens."""
    try:
        tokens = exchange(client_of(grant), code, redirect_uri(), begun.verifier)
    except (OAuthError, SecretUnreadable) as error:
        return Finding(False, _("The provider gave no token."), str(error))
    if not tokens.refresh and not grant.refresh_secret:
        return Finding(
            False, _("The provider gave no refresh token: it would have to be asked again every hour. Add the scope "
                     "that allows offline access."),
        )  # fmt: skip
    with transaction.atomic():
        keep(grant, tokens)
        grant.granted_at, grant.refused_at, grant.refused_said = timezone.now(), None, ""
        grant.save(update_fields=["granted_at", "refused_at", "refused_said"])
        EmailAccount.objects.filter(pk=grant.account_id).update(failures=0, retry_at=None, last_error="")
        audit(user, "oauth.granted", grant, provider=grant.preset)
    return Finding(True, _("Signed in. The token is renewed by itself from now on."))


def check_oauth(grant: OAuthGrant) -> Finding:
    """Get a token now, as sending would; a fresh one is enough."""
    try:
        fresh_token(grant)
    except ConnectionFailed as failure:
        return Finding(False, _("No token could be had."), str(failure.attempt.reply or failure.attempt.error))
    except SecretUnreadable as error:
        return Finding(False, _("The stored secrets cannot be read. Sign in again."), str(error))
    return Finding(True, _("The token is valid."))


def remove_oauth(grant: OAuthGrant, user: User) -> None:
    with transaction.atomic():
        audit(user, "oauth.removed", grant, provider=grant.preset)
        grant.delete()


def _forget(grant: OAuthGrant) -> None:
    grant.refresh_secret = grant.access_secret = grant.last_error = grant.refused_said = ""
    grant.expires_at = grant.granted_at = grant.refreshing_until = grant.refused_at = None
