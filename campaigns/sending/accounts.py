"""The circuit breaker of an email account: trouble of the account charges no recipient."""

import logging
from datetime import timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from campaigns.models import Portion, PortionStatus
from campaigns.sending.freeze import CannotStart
from campaigns.sending.stops import pause_account
from crm.clock import DatabaseNow, database_now
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
        return _("The email account was deleted while sending. When you resume, the system account sends the rest.")
    if account.status != AccountStatus.ACTIVE:
        return _("The email account “%(name)s” is not active.") % {"name": account.name}
    return ""


def backs_off(account_id: int) -> bool:
    """Whether the account had trouble and is left alone for now, also by the portions that were cut before."""
    return EmailAccount.objects.filter(pk=account_id, retry_at__gt=DatabaseNow()).exists()


def note_trouble(account: EmailAccount, attempt: Attempt) -> None:
    """No connection is left. Ask again after a growing while; pause what needs a person to look at it.

    Workers that fail at the same time are one failure: the while grows from one attempt to the next.
    """
    now = database_now()
    rows = EmailAccount.objects.filter(pk=account.pk).exclude(retry_at__gt=now)  # it may be deleted by now
    account.failures = (rows.values_list("failures", flat=True).first() or 0) + 1
    account.last_error = f"{attempt.phase.upper()}: {attempt.reply or attempt.error}"[:1000]
    wait = max(timedelta(minutes=2 ** min(account.failures - 1, 10)), timedelta(seconds=attempt.retry_after))
    account.retry_at = now + min(wait, LONGEST_BACK_OFF)
    rows.update(failures=account.failures, last_error=account.last_error, retry_at=account.retry_at)
    logger.warning("Email account %s: %s", account.pk, account.last_error)
    if verdict(attempt).account is AccountOutcome.PAUSE:
        pause_account(account, _("The email account “%(name)s” refused to send: %(error)s") % {
            "name": account.name, "error": account.last_error,
        })  # fmt: skip


def note_answer(account: EmailAccount) -> None:
    """The account works (again)."""
    rows = EmailAccount.objects.filter(pk=account.pk)
    rows.update(failures=0, retry_at=None, last_error="", last_ok_at=DatabaseNow())


def connections_for(portion: Portion, in_use: int = 0) -> int:
    """How many connections the worker that runs this portion may have open now; 0: it waits for somebody's end.

    An account has so many over all workers and hosts. They are shared evenly, the first workers get what is left over,
    and nobody is given what another one still has: who is told to have fewer first closes some, and says with `in_use`
    how many it has open meanwhile. A dead worker keeps its share until its lease ends. Cheap enough to ask five times a
    second: as long as nothing changes, nothing is written or locked.
    """
    share, free, mine = _share(portion)
    if mine == {share} and in_use <= share <= free:
        return share
    with transaction.atomic():
        EmailAccount.objects.select_for_update().filter(pk=portion.account_id).first()
        share, free, _mine = _share(portion)
        allowed = min(share, free)
        own = Portion.objects.filter(claim_token=portion.claim_token, status=PortionStatus.RUNNING)
        own.update(connections=max(allowed, in_use))
    return allowed


def _share(portion: Portion) -> tuple[int, int, set[int]]:
    """The even share of the portion's worker, how many the others leave it, and what its portions say that it has.

    A worker is the claim token of its portions; it may run several, and all of them carry its number.
    """
    account = EmailAccount.objects.filter(pk=portion.account_id).values_list("connections", flat=True).first()
    most = max(1, account or 0)
    alive = Portion.objects.filter(
        account_id=portion.account_id, status=PortionStatus.RUNNING, lease_until__gte=DatabaseNow()
    )
    given: dict[str, set[int]] = {}  # the longest running worker first
    for token, connections in alive.order_by("pk").values_list("claim_token", "connections"):
        given.setdefault(token, set()).add(connections)
    mine = given.setdefault(portion.claim_token, set())
    each, left_over = divmod(most, len(given))
    share = each + (list(given).index(portion.claim_token) < left_over)
    others = sum(max(numbers) for token, numbers in given.items() if token != portion.claim_token)
    return share, max(0, most - others), mine
