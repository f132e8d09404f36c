"""From an email account of the database to the SMTP server that the client talks to."""

import ipaddress
from urllib.parse import urlsplit

from django.conf import settings

from crm.mail.smtp_protocol import Security, Server, Timeouts
from crm.models import EmailAccount, Settings

STANDARD = Timeouts()  # seconds, as RFC 5321 section 4.5.3.2 asks


def server_for(account: EmailAccount, timeouts: Timeouts = STANDARD) -> Server:
    """How to reach the account's server; the sandbox account leads to the sandbox on loopback, without credentials.

    Raises SecretUnreadable when the stored password fits none of the encryption keys.
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
    return Server(
        host=account.smtp_host,
        port=account.smtp_port,
        security=Security(account.smtp_security),
        username=account.smtp_username if account.smtp_auth else "",
        password=account.password if account.smtp_auth else "",
        mechanism=account.smtp_mechanism,
        ehlo_name=ehlo_name(account),
        timeouts=timeouts,
        messages_per_connection=account.messages_per_connection,
    )


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
