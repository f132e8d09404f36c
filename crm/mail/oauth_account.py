"""The access token that an email account signs in with, renewed before it ends.

Providers may change the refresh token at every use, so only one process asks at a time: it holds a lease on the row,
and the others wait for what it gets. A token that a mail server refuses before its end is replaced in the same way:
whoever is refused later, with the same token, finds another one already.
"""

import logging
import time
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q

from crm.clock import DatabaseNow, database_now
from crm.mail.oauth import OAuthClient, OAuthError, OAuthRefused, Tokens, refresh
from crm.mail.secrets import SecretUnreadable, encrypt
from crm.mail.smtp_protocol import Attempt, ConnectionFailed, Phase, Reply, Trouble
from crm.models import EmailAccount, OAuthGrant

logger = logging.getLogger(__name__)

EARLY = timedelta(minutes=10)  # before its end a token is renewed: no worker holds on to one for longer
LEASE = timedelta(seconds=90)
PATIENCE = 20.0  # seconds to wait for another process that asks
PAUSE = 0.2


class SignInFailed(ConnectionFailed):
    """No token: trouble of the account, before any message was touched."""


def grant_of(account: EmailAccount) -> OAuthGrant | None:
    """None when nobody allowed it, and the token is typed by hand."""
    return OAuthGrant.objects.filter(account=account.pk).exclude(refresh_secret="").first()


def fresh_token(grant: OAuthGrant, refused: str = "") -> str:
    """A token that is good for a while yet, and another one than `refused`. Raises SignInFailed, SecretUnreadable."""
    deadline = time.monotonic() + PATIENCE
    while not _serves(grant, refused, EARLY):
        if (lease := _take_lease(grant)) is not None:
            grant.refresh_from_db()
            if not _serves(grant, refused, EARLY):
                return _renewed(grant, lease, refused)
            _give_back(grant, lease)
            return grant.access_token
        if _serves(grant, refused, LEASE):  # another one asks already
            return grant.access_token
        if time.monotonic() > deadline:
            raise SignInFailed(
                Attempt(Phase.AUTH, None, "OAuth 2: another process waits for the token", Trouble.TIMEOUT)
            )
        time.sleep(PAUSE)
        grant.refresh_from_db()
    return grant.access_token


def replaced_token(grant: OAuthGrant, refused: str, said: str) -> str:
    """Another token for one that a mail server refused, with the words `said`. Raises SignInFailed, SecretUnreadable.

    Many who were refused with the same one ask the provider once.
    """
    logger.warning("Email account %s: its token was refused before its end: %s", grant.account_id, said)
    OAuthGrant.objects.filter(pk=grant.pk).update(refused_at=DatabaseNow(), refused_said=said[:500])
    return fresh_token(grant, refused)


def client_of(grant: OAuthGrant) -> OAuthClient:
    """Raises SecretUnreadable."""
    may_be_inside = settings.HERALD_ALLOW_PRIVATE_ADDRESSES
    return OAuthClient(grant.client_id, grant.plain_client_secret, grant.token_url, may_be_inside)


def keep(grant: OAuthGrant, tokens: Tokens, lease: datetime | None = None) -> bool:
    """Store what the token endpoint gave; a refresh token that it did not name stays as it was.

    With a `lease` only as long as it is ours: False, and nothing stored, when somebody signed in anew meanwhile.
    """
    values: dict[str, object] = {
        "access_secret": encrypt(tokens.access),
        "expires_at": database_now() + timedelta(seconds=tokens.lifetime),
        "last_error": "",
        "refreshing_until": None,
    }
    if tokens.refresh:
        values["refresh_secret"] = encrypt(tokens.refresh)
    rows = OAuthGrant.objects.filter(pk=grant.pk)
    is_kept = bool((rows.filter(refreshing_until=lease) if lease else rows).update(**values))
    for name, value in values.items() if is_kept else ():
        setattr(grant, name, value)
    return is_kept


def _serves(grant: OAuthGrant, refused: str, left: timedelta) -> bool:
    """Whether its token is good for longer than `left`, and not the one that was refused.

    We ask early: with less than EARLY, and more than LEASE, a token server that is away for a minute stops nobody.
    """
    is_good = grant.access_secret and grant.expires_at and grant.expires_at > database_now() + left
    return bool(is_good) and (not refused or grant.access_token != refused)


def _take_lease(grant: OAuthGrant) -> datetime | None:
    """When it ends, by which the row shows that it is ours; None while another one has it."""
    now = database_now()
    free = Q(refreshing_until=None) | Q(refreshing_until__lt=now)
    is_ours = OAuthGrant.objects.filter(free, pk=grant.pk).update(refreshing_until=now + LEASE)
    return now + LEASE if is_ours else None


def _give_back(grant: OAuthGrant, lease: datetime, **values: str) -> None:
    OAuthGrant.objects.filter(pk=grant.pk, refreshing_until=lease).update(refreshing_until=None, **values)


def _renewed(grant: OAuthGrant, lease: datetime, refused: str) -> str:
    try:
        tokens = refresh(client_of(grant), grant.refresh_token)
    except SecretUnreadable:
        _give_back(grant, lease)
        raise
    except OAuthError as error:
        _give_back(grant, lease, last_error=str(error)[:500])
        grant.refresh_from_db()
        if _serves(grant, refused, EARLY if isinstance(error, OAuthRefused) else LEASE):
            return grant.access_token
        raise SignInFailed(_attempt_of(error)) from error
    if not keep(grant, tokens, lease):
        grant.refresh_from_db()
        return grant.access_token or tokens.access
    return tokens.access


def _attempt_of(error: OAuthError) -> Attempt:
    """As if the mail server had refused the sign-in, which it would have: for ever, or for now."""
    if isinstance(error, OAuthRefused):
        return Attempt(Phase.AUTH, Reply(535, (f"5.7.8 OAuth 2: {error}",)))
    return Attempt(Phase.AUTH, Reply(454, (f"4.7.0 OAuth 2: {error}",)))
