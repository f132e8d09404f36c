"""*Test Connection* and *Send Test Email*: one short conversation with an account's server, retold."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from email import policy
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from typing import Any, TypeAlias

import requests
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.mail.account_server import server_for, with_another_token
from crm.mail.api.answers import unreachable, unusable
from crm.mail.api.asking import ask, reach
from crm.mail.api.server import ApiServer
from crm.mail.dkim_account import signer_for
from crm.mail.outlets import AnyServer, open_connection
from crm.mail.secrets import SecretUnreadable
from crm.mail.smtp import Attempt, Connection, ConnectionFailed, Envelope, Phase, Server, Timeouts
from crm.models import EmailAccount, Provider

AT_MOST = 20.0  # seconds that somebody waits for the page
SHORT = Timeouts(connect=8, tls=8, greeting=10, ehlo=8, auth=10, mail=10, rcpt=10, data=10, block=10, dot=15, quit=1)

FAILED_AT = {
    Phase.CONNECT: gettext_lazy("Connecting failed"),
    Phase.GREETING: gettext_lazy("The server did not welcome us"),
    Phase.EHLO: gettext_lazy("The server refused our greeting"),
    Phase.STARTTLS: gettext_lazy("Encryption could not be started"),
    Phase.AUTH: gettext_lazy("Signing in failed"),
    Phase.MAIL: gettext_lazy("The sender address was refused"),
    Phase.RCPT: gettext_lazy("The recipient was refused"),
    Phase.DATA: gettext_lazy("The message was refused"),
    Phase.BODY: gettext_lazy("The message was refused"),
    Phase.DOT: gettext_lazy("The message was refused"),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """How a check ended, in a sentence, and what the server said in its own words (untrusted text)."""

    ok: bool
    sentence: str
    said: str = ""
    size: int | None = None  # octets that the server takes at most, 0 for no limit; None when it was not asked


Conversation: TypeAlias = Callable[[AnyServer], Coroutine[Any, Any, Finding]]


def check_connection(account: EmailAccount) -> Finding:
    """Connect, encrypt, sign in, say goodbye. Nothing is sent."""
    return _ask(account, _connect)


def send_test_email(account: EmailAccount, recipient: str, sender: str = "", message_id: str = "") -> Finding:
    """Send one short message from the account to `recipient`, a parsed address.

    `sender` and `message_id` replace the usual return path and Message-ID.
    """
    try:
        signer = signer_for(account)
    except SecretUnreadable as error:
        return Finding(False, _("The stored DKIM key cannot be read. Make a new one."), str(error))
    message = _message(account, recipient, message_id)
    data = signer.sign(message) if signer else message
    envelope = Envelope(sender or account.envelope_address or account.email_address, recipient, data)
    return _ask(account, lambda server: _send(server, envelope))


def _ask(account: EmailAccount, conversation: Conversation) -> Finding:
    try:
        return _asked(account, conversation)
    except SecretUnreadable as error:
        return Finding(False, _("The stored password cannot be read. Type it again."), str(error))
    except ConnectionFailed as failure:
        return _failed(failure.attempt)
    except TimeoutError:
        return Finding(False, _("The server did not answer in time."))


def _asked(account: EmailAccount, conversation: Conversation) -> Finding:
    """As sending does: once more with another token where the server refused the one that we had."""
    server = server_for(account, SHORT)
    try:
        return asyncio.run(asyncio.wait_for(conversation(server), AT_MOST))
    except ConnectionFailed as failure:
        again = with_another_token(account, server, failure.attempt)
        if again is None:
            raise
    return asyncio.run(asyncio.wait_for(conversation(again), AT_MOST))


async def _connect(server: AnyServer) -> Finding:
    if isinstance(server, ApiServer):
        return await asyncio.to_thread(_ask_provider, server)
    return await _greet(server)


async def _greet(server: Server) -> Finding:
    connection = await Connection.open(server)
    offered, size = _offered(connection), connection.extensions.size or 0
    await connection.close()
    return Finding(
        True, _("The connection to %(server)s works.") % {"server": f"{server.host}:{server.port}"}, offered, size
    )


def _ask_provider(server: ApiServer) -> Finding:
    name = Provider(server.provider).label
    try:
        if not server.row.question:
            reach(server)
            told = _("%(provider)s can be reached. Only a message shows whether the key is right: send a test email.")
            return Finding(True, told % {"provider": name})
        is_known, said = ask(server)
    except ValueError as error:
        return _failed(unusable(error))
    except requests.RequestException as error:
        return _failed(unreachable(error))
    sentence = _("%(provider)s knows this key.") if is_known else _("%(provider)s does not accept this key.")
    return Finding(is_known, sentence % {"provider": name}, said)


async def _send(server: AnyServer, envelope: Envelope) -> Finding:
    connection = await open_connection(server)
    attempt = await connection.send(envelope, on_dot=lambda: None)
    await connection.close()
    if attempt.phase is not Phase.ACCEPTED:
        return _failed(attempt)
    said = str(attempt.reply or "")
    return Finding(True, _("The server accepted the message to %(address)s.") % {"address": envelope.recipient}, said)


def _failed(attempt: Attempt) -> Finding:
    return Finding(False, str(FAILED_AT.get(attempt.phase, attempt.phase)), str(attempt.reply or attempt.error))


def _offered(connection: Connection) -> str:
    """What a person may want to know of the server's EHLO."""
    extensions = connection.extensions
    words = {"PIPELINING": extensions.pipelining, "8BITMIME": extensions.eight_bit, "STARTTLS": extensions.starttls}
    size = [f"SIZE {extensions.size}"] if extensions.size else []
    return " ".join([word for word, there in words.items() if there] + size)


def _message(account: EmailAccount, recipient: str, message_id: str) -> bytes:
    message = EmailMessage(policy.SMTP)
    local, _at, domain = account.email_address.rpartition("@")
    message["From"] = Address(account.from_name, local, domain)
    message["To"] = recipient
    message["Subject"] = _("Test email from Herald")
    message["Date"] = format_datetime(timezone.localtime())
    message["Message-ID"] = message_id or make_msgid(domain=domain)
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(
        _("This message was sent by the account “%(name)s” of Herald. The settings work.") % {"name": account.name}
    )
    return message.as_bytes()
