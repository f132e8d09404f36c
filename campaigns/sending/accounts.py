"""The circuit breaker of an SMTP account: trouble of the account charges no recipient."""

import logging
from datetime import timedelta

from django.utils.translation import gettext as _

from campaigns.sending.stops import pause_account
from crm.clock import database_now
from crm.mail.smtp import Attempt
from crm.mail.verdict import AccountOutcome, verdict
from crm.models import EmailAccount

logger = logging.getLogger(__name__)

LONGEST_BACK_OFF = timedelta(minutes=30)


def note_trouble(account: EmailAccount, attempt: Attempt) -> None:
    """No connection is left. Ask again after a growing while; pause what needs a person to look at it."""
    account.refresh_from_db(fields=["failures"])
    account.failures += 1
    account.last_error = f"{attempt.phase.upper()}: {attempt.reply or attempt.error}"[:1000]
    account.retry_at = database_now() + min(timedelta(minutes=2 ** min(account.failures - 1, 10)), LONGEST_BACK_OFF)
    account.save(update_fields=["failures", "last_error", "retry_at"])
    logger.warning("SMTP account %s: %s", account.pk, account.last_error)
    if verdict(attempt).account is AccountOutcome.PAUSE:
        pause_account(account, _("The SMTP account “%(name)s” refused to send: %(error)s") % {
            "name": account.name, "error": account.last_error,
        })  # fmt: skip


def note_answer(account: EmailAccount) -> None:
    """The account works (again)."""
    account.failures, account.retry_at, account.last_error = 0, None, ""
    account.last_ok_at = database_now()
    account.save(update_fields=["failures", "retry_at", "last_error", "last_ok_at"])
