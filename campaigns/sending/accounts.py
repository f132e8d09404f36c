"""The circuit breaker of an email account: trouble of the account charges no recipient."""

import logging
from datetime import datetime, timedelta

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


def note_trouble(account: EmailAccount, attempt: Attempt, has_sent: bool = False) -> None:
    """No connection is left. Ask again after a growing while; pause what needs a person to look at it.

    Workers that fail at the same time are one failure: the while grows from one attempt to the next, and begins anew
    where the run `has_sent` before. For as long as the server asks for, a day at most, it is left alone in any case.
    """
    now = database_now()
    asked = now + timedelta(seconds=attempt.retry_after)
    account.last_error = f"{attempt.phase.upper()}: {attempt.reply or attempt.error}"[:1000]
    logger.warning("Email account %s: %s", account.pk, account.last_error)
    with transaction.atomic():
        row = EmailAccount.objects.select_for_update().filter(pk=account.pk).first()  # it may be deleted by now
        if row is not None:
            _back_off(row, account.last_error, now, asked, has_sent)
    if verdict(attempt).account is AccountOutcome.PAUSE:
        pause_account(account, _("The email account “%(name)s” refused to send: %(error)s") % {
            "name": account.name, "error": account.last_error,
        })  # fmt: skip


def _back_off(row: EmailAccount, error: str, now: datetime, asked: datetime, has_sent: bool) -> None:
    """`row` is locked."""
    if row.retry_at is not None and row.retry_at > now:  # another worker had the same trouble
        row.retry_at = max(row.retry_at, asked)
    else:
        row.failures = 1 if has_sent else row.failures + 1
        wait = min(timedelta(minutes=2 ** min(row.failures - 1, 10)), LONGEST_BACK_OFF)
        row.retry_at, row.last_error = max(now + wait, asked), error
    row.last_ok_at = now if has_sent else row.last_ok_at
    row.save(update_fields=["failures", "retry_at", "last_error", "last_ok_at"])


def note_answer(account: EmailAccount) -> None:
    """The account works (again). What another worker was told meanwhile, to come later, stays."""
    rows = EmailAccount.objects.filter(pk=account.pk)
    rows.update(last_ok_at=DatabaseNow())
    rows.exclude(retry_at__gt=DatabaseNow()).update(failures=0, retry_at=None, last_error="")


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
