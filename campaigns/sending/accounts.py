"""The circuit breaker of an SMTP account: trouble of the account charges no recipient."""

import logging
from datetime import timedelta

from django.utils.translation import gettext as _

from campaigns.sending.freeze import CannotStart
from campaigns.sending.stops import pause_account
from crm.clock import database_now
from crm.mail.smtp import Attempt
from crm.mail.verdict import AccountOutcome, verdict
from crm.models import AccountStatus, EmailAccount

logger = logging.getLogger(__name__)

LONGEST_BACK_OFF = timedelta(minutes=30)


def account_in_use(account_id: int) -> EmailAccount:
    """The account that a mass email was frozen with. Raises CannotStart when it cannot send any more."""
    account = EmailAccount.objects.filter(pk=account_id).first()
    if account is None or why_unusable(account):
        raise CannotStart(why_unusable(account))
    return account


def why_unusable(account: EmailAccount | None) -> str:
    """A sentence about an account that was deleted (None) or switched off in mid-run, '' for one that may send."""
    if account is None:
        return _("The SMTP account was deleted while sending. When you resume, the system account sends the rest.")
    if account.status != AccountStatus.ACTIVE:
        return _("The SMTP account “%(name)s” is not active.") % {"name": account.name}
    return ""


def note_trouble(account: EmailAccount, attempt: Attempt) -> None:
    """No connection is left. Ask again after a growing while; pause what needs a person to look at it."""
    rows = EmailAccount.objects.filter(pk=account.pk)  # it may be deleted by now
    account.failures = (rows.values_list("failures", flat=True).first() or 0) + 1
    account.last_error = f"{attempt.phase.upper()}: {attempt.reply or attempt.error}"[:1000]
    account.retry_at = database_now() + min(timedelta(minutes=2 ** min(account.failures - 1, 10)), LONGEST_BACK_OFF)
    rows.update(failures=account.failures, last_error=account.last_error, retry_at=account.retry_at)
    logger.warning("SMTP account %s: %s", account.pk, account.last_error)
    if verdict(attempt).account is AccountOutcome.PAUSE:
        pause_account(account, _("The SMTP account “%(name)s” refused to send: %(error)s") % {
            "name": account.name, "error": account.last_error,
        })  # fmt: skip


def note_answer(account: EmailAccount) -> None:
    """The account works (again)."""
    rows = EmailAccount.objects.filter(pk=account.pk)
    rows.update(failures=0, retry_at=None, last_error="", last_ok_at=database_now())
