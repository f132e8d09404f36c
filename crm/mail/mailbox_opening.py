"""From the mailbox of an account, as the database has it, to an open one."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from crm.mail.imap import ImapBox, ImapServer
from crm.mail.mailbox import Box, MailboxError, SignInRefused
from crm.mail.maildir import MaildirBox
from crm.mail.oauth_account import SignInFailed, fresh_token, grant_of, replaced_token
from crm.mail.sandbox.keeper import bounces_folder
from crm.mail.secrets import SecretUnreadable
from crm.models import Mailbox, MailboxKind, OAuthGrant, SignIn


@contextmanager
def opened(mailbox: Mailbox, timeout: float = 30.0) -> Iterator[Box]:
    """Raises MailboxError. `timeout`: seconds that a server may be silent."""
    box = _open(mailbox, timeout)
    try:
        yield box
    finally:
        box.close()


def _open(mailbox: Mailbox, timeout: float) -> Box:
    if mailbox.account.is_sandbox:
        bounces_folder().mkdir(parents=True, exist_ok=True)  # the sandbox makes it at its first message
        return MaildirBox(bounces_folder())
    if mailbox.kind == MailboxKind.MAILDIR:
        return MaildirBox(allowed_maildir(mailbox.path))
    return _open_imap(mailbox, timeout)


def _open_imap(mailbox: Mailbox, timeout: float) -> ImapBox:
    """A token that the server refuses is replaced once, before the mailbox counts as lost."""
    is_by_token = mailbox.sign_in == SignIn.OAUTH2
    grant = grant_of(mailbox.account) if is_by_token else None
    server = ImapServer(
        host=mailbox.host,
        port=mailbox.port,
        security=mailbox.security,
        username=mailbox.username,
        secret=_secret(mailbox, grant),
        token=is_by_token,
        timeout=timeout,
    )
    try:
        return ImapBox(server)
    except SignInRefused as refused:
        if grant is None:
            raise
        with _as_mailbox_error():
            token = replaced_token(grant, server.secret, f"IMAP: {refused}")
    return ImapBox(replace(server, secret=token))


def _secret(mailbox: Mailbox, grant: OAuthGrant | None) -> str:
    """The password, or an access token, which is renewed here when its end is near. Raises MailboxError."""
    with _as_mailbox_error():
        return fresh_token(grant) if grant else mailbox.password


@contextmanager
def _as_mailbox_error() -> Iterator[None]:
    try:
        yield
    except SecretUnreadable as error:
        raise MailboxError(_("The stored password cannot be read. Type it again.")) from error
    except SignInFailed as failure:
        raise MailboxError(str(failure.attempt.reply or failure.attempt.error)) from failure


def allowed_maildir(path: str) -> Path:
    """A Maildir below one of HERALD_MAILDIRS: who administers Herald need not be who administers the computer.

    Raises MailboxError.
    """
    real = Path(path).resolve()
    if not any(real.is_relative_to(Path(root).resolve()) for root in settings.HERALD_MAILDIRS):
        sentence = _("A Maildir must lie below one of the folders of HERALD_MAILDIRS (%(roots)s).")
        raise MailboxError(sentence % {"roots": ", ".join(settings.HERALD_MAILDIRS) or "–"})
    return real
