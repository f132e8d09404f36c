"""From an email account of the database to the SMTP server, or the provider's API, that the client talks to."""

import ipaddress
from dataclasses import replace
from urllib.parse import urlsplit

from django.conf import settings

from crm.mail.api.server import ApiServer
from crm.mail.oauth_account import fresh_token, grant_of, replaced_token
from crm.mail.outlets import AnyServer
from crm.mail.smtp_protocol import Attempt, Phase, Security, Server, Timeouts
from crm.models import EmailAccount, Mechanism, OAuthGrant, Settings

STANDARD = Timeouts()  # seconds, as RFC 5321 section 4.5.3.2 asks


def server_for(account: EmailAccount, timeouts: Timeouts = STANDARD) -> AnyServer:
    """How to reach the account's server; the sandbox account leads to the sandbox on loopback, without credentials.

    Raises SecretUnreadable when the stored password fits none of the encryption keys, SignInFailed without a token.
    """
    if account.is_sandbox:
        return Server(
            host=settings.HERALD_SANDBOX_HOST,
            port=settings.HERALD_SANDBOX_PORT,
            security=Security.NONE,
            ehlo_name=ehlo_name(account),
            timeouts=timeouts,
            messages_per_connection=account.messages_per_connection,
        )
    if account.is_api:
        return ApiServer(
            provider=account.provider,
            key=account.api_key,
            second_key=account.api_second_key,
            option=account.api_option,
            url=account.api_url,
            timeouts=timeouts,
            messages_per_connection=account.messages_per_connection,
            may_be_inside=settings.HERALD_ALLOW_PRIVATE_ADDRESSES,
        )
    return Server(
        host=account.smtp_host,
        port=account.smtp_port,
        security=Security(account.smtp_security),
        username=account.smtp_username if account.smtp_auth else "",
        password=_password(account) if account.smtp_auth else "",
        mechanism=account.smtp_mechanism,
        ehlo_name=ehlo_name(account),
        timeouts=timeouts,
        messages_per_connection=account.messages_per_connection,
    )


def with_another_token(account: EmailAccount, server: AnyServer, attempt: Attempt) -> Server | None:
    """The server again where `attempt` says that it refused our token, with another one; None for any other trouble.

    Whoever is refused with that one too gives up. Raises SecretUnreadable, SignInFailed.
    """
    is_refused = attempt.phase is Phase.AUTH and attempt.reply is not None and attempt.reply.digit == 5
    grant = _grant_for_smtp(account)
    if not is_refused or grant is None or isinstance(server, ApiServer):
        return None
    return replace(server, password=replaced_token(grant, server.password, f"SMTP: {attempt.reply}"))


def _password(account: EmailAccount) -> str:
    """With XOAUTH2 a token, which is renewed here when its end is near."""
    grant = _grant_for_smtp(account)
    return fresh_token(grant) if grant else account.password


def _grant_for_smtp(account: EmailAccount) -> OAuthGrant | None:
    is_by_token = account.smtp_auth and account.smtp_mechanism == Mechanism.XOAUTH2
    return grant_of(account) if is_by_token else None


def ehlo_name(account: EmailAccount) -> str:
    """The name we introduce ourselves by: the Site URL's host where that is a domain name, else the sender's domain.

    RFC 5321 section 4.1.1.1 wants a fully qualified name; the name of a container would cost reputation.
    """
    host = urlsplit(Settings.load().base_url).hostname or ""
    if "." in host and not _is_address(host):
        return host.encode("idna").decode()
    return account.email_address.rpartition("@")[2]


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
