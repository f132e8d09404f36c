"""How much may go out now, and to whom: portions under the limits of the rolling hour.

All limits are kept by counting portions, not messages: an open portion counts with its size, a finished one for
60 minutes with what it attempted. Every message of a portion is attempted before the portion finishes, so no window of
60 minutes can hold more than the limit, whatever workers, hosts and restarts do in between.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import transaction
from django.db.models import F, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from campaigns.models import LARGEST_ID, FrozenMassEmail, MassEmail, Portion, PortionStatus, QueueItem, QueueStatus
from campaigns.sending.accounts import why_unusable
from campaigns.sending.stops import pause_with_reason
from crm.clock import database_now
from crm.models import EmailAccount, Settings

PORTION_SIZE = 2000  # what a portion costs by itself is a few dozen statements, shared by so many
PORTIONS_AT_ONCE = 10  # in one transaction
WINDOW = timedelta(minutes=60)


@dataclass(slots=True)
class _Share:
    """One mass email in this run: what it may still take, and the account it goes through.

    `retried` and `taken` are the ids up to which its deferred and its pending people were dealt out already: whoever
    stands before them is not looked at again for every portion.
    """

    mass_email_id: int
    account: EmailAccount
    left: int
    retried: int = 0
    taken: int = 0


def cut_portions() -> list[int]:
    """Claim what may be sent now, fairly between mass emails. Returns the ids of the new portions, for the workers."""
    return list(deal_portions())


def deal_portions() -> Iterator[int]:
    """The same, a few portions at a time: workers begin while the rest of a million is being dealt out."""
    shares: list[_Share] | None = None
    while shares is None or shares:
        with transaction.atomic():
            # One row, locked: two runs at once would each see the same allowance and spend it twice.
            settings = Settings.objects.select_for_update().get(pk=Settings.load().pk)
            now = database_now()
            shares = _shares(settings, now) if shares is None else shares
            made = _deal(shares, settings.max_per_hour - spent(now), now)
        yield from made
        if not made:
            return


def spent(now: datetime, account_id: int | None = None) -> int:
    """What counts against an hourly limit at `now`."""
    portions = Portion.objects.filter(~Q(status=PortionStatus.DONE) | Q(finished_at__gt=now - WINDOW))
    if account_id is not None:
        portions = portions.filter(account_id=account_id)
    open_ones = portions.exclude(status=PortionStatus.DONE).aggregate(n=Coalesce(Sum("size"), 0))["n"]
    done = portions.filter(status=PortionStatus.DONE).aggregate(n=Coalesce(Sum("attempted"), 0))["n"]
    return int(open_ones) + int(done)


def _shares(settings: Settings, now: datetime) -> list[_Share]:
    """The mass emails that may send, the longest waiting first. Accounts that back off take no part."""
    accounts = {account.pk: account for account in EmailAccount.objects.all()}
    frozen = dict(FrozenMassEmail.objects.values_list("pk", "account_id"))
    waiting = MassEmail.objects.sending().order_by(F("last_portion_at").asc(nulls_first=True), "pk")
    shares = []
    for pk in waiting.values_list("pk", flat=True):
        account = accounts.get(frozen.get(pk) or 0)
        if account is None or why_unusable(account):
            pause_with_reason(pk, why_unusable(account))
        elif not (account.retry_at and account.retry_at > now) and not _is_throttled(account):
            shares.append(_Share(pk, account, settings.max_per_batch))
    return shares


def _is_throttled(account: EmailAccount) -> bool:
    """A limit per second is kept inside one portion, so such an account has one portion at a time."""
    open_ones = Portion.objects.filter(account_id=account.pk).exclude(status=PortionStatus.DONE)
    return bool(account.max_per_second) and open_ones.exists()


def _deal(shares: list[_Share], allowance: int, now: datetime) -> list[int]:
    """Deal portions round by round, so that nobody waits for somebody else's million. Removes shares that are over."""
    made: list[int] = []
    accounts = {
        share.account.pk: share.account.max_per_hour - spent(now, share.account.pk)
        for share in shares
        if share.account.max_per_hour
    }
    while shares and allowance > 0 and len(made) < PORTIONS_AT_ONCE:
        fair = min(PORTION_SIZE, math.ceil(allowance / len(shares)))
        for share in list(shares):
            if share not in shares:
                continue
            size = min(fair, share.left, allowance, accounts.get(share.account.pk, allowance))
            portion = _cut(share, size, now) if size > 0 else None
            if portion is None:
                shares.remove(share)
                continue
            made.append(portion.pk)
            allowance -= portion.size
            share.left -= portion.size
            if share.account.pk in accounts:
                accounts[share.account.pk] -= portion.size
            if share.account.max_per_second:
                shares[:] = [other for other in shares if other.account.pk != share.account.pk]
    return made


def _cut(share: _Share, size: int, now: datetime) -> Portion | None:
    """Claim up to `size` due items for a new portion; None when nobody is due, or it may not send any more."""
    # The mass email's row before the items' rows, as everybody locks them who decides about both (`cancel`).
    if not MassEmail.objects.sending().filter(pk=share.mass_email_id).select_for_update(of=("self",)).exists():
        return None
    portion = Portion.objects.create(
        mass_email_id=share.mass_email_id, account_id=share.account.pk, size=size, created_at=now
    )
    items, stretches = QueueItem.objects.filter(mass_email_id=share.mass_email_id, is_test=False), []
    if share.retried < LARGEST_ID:
        again = items.filter(status=QueueStatus.DEFERRED, next_try_at__lte=now)
        stretches.append(_claim(again, share.retried, size, portion))
        share.retried = stretches[-1].last
    if (left := size - sum(stretch.taken for stretch in stretches)) > 0:
        fresh = items.filter(status=QueueStatus.PENDING)
        stretches.append(_claim(fresh, share.taken, left, portion))
        share.taken = stretches[-1].last
    taken = [stretch for stretch in stretches if stretch.taken]
    if not taken:
        portion.delete()
        return None
    portion.size = sum(stretch.taken for stretch in taken)
    portion.behind_item = min(stretch.behind for stretch in taken)
    portion.last_item = max(stretch.last for stretch in taken)
    portion.save(update_fields=["size", "behind_item", "last_item"])
    MassEmail.objects.filter(pk=share.mass_email_id).update(last_portion_at=now)
    return portion


class _Stretch(NamedTuple):
    """So many items were taken behind the one id and up to the other."""

    taken: int
    behind: int
    last: int


def _claim(waiting: "QuerySet[QueueItem]", behind: int, most: int, portion: Portion) -> _Stretch:
    """Give the first `most` behind the id `behind` to the portion.

    A stretch of the index (mass email, status, id), and no list of ids: the database is told where it ends.
    """
    ahead = waiting.filter(pk__gt=behind)
    last = ahead.order_by("pk").values_list("pk", flat=True)[most - 1 : most].first()
    if last is not None:
        ahead = ahead.filter(pk__lte=last)
    count = ahead.update(status=QueueStatus.CLAIMED, portion_id=portion.pk)
    return _Stretch(count, behind, last or LARGEST_ID)
