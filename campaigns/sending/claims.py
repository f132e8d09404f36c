"""Who may work on a portion: claims by compare-and-set, held by a lease in database time."""

import os
import secrets
import socket
import time
from collections.abc import Collection
from datetime import timedelta

from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Least

from campaigns.models import Portion, PortionStatus, QueueItem, QueueStatus
from campaigns.sending.stops import skip_if_canceled
from crm.clock import DatabaseNow, compiled

LEASE = timedelta(minutes=2)
LEASE_MARGIN = 20.0  # seconds before the end of the lease after which nothing is put on the wire any more


class LeaseLost(Exception):
    """Somebody else may own the portion by now: nothing more may be sent by us."""


class Lease:
    """The right of one worker to send what it holds. `deadline` is when it ends, in this process's monotonic time."""

    def __init__(self) -> None:
        self.token = secrets.token_hex(12)
        self.deadline = 0.0

    def check(self) -> None:
        """Raises LeaseLost. Cheap: asked before every final dot."""
        if time.monotonic() > self.deadline:
            raise LeaseLost(self.token)

    def renew(self, portions: Collection[int]) -> bool:
        """Extend the claims. False when one of the portions is not ours any more."""
        begun = time.monotonic()
        ours = Portion.objects.filter(pk__in=portions, claim_token=self.token, status=PortionStatus.RUNNING)
        if ours.update(lease_until=DatabaseNow(LEASE)) != len(portions):
            self.deadline = 0.0
            return False
        self.deadline = begun + LEASE.total_seconds() - LEASE_MARGIN
        return True


def claim(portion_id: int, token: str) -> Portion | None:
    """Ready → Running by compare-and-set; None when it was not ours to take."""
    return _claim("id = %s", portion_id, token)


def claim_next(account_id: int, token: str, alone_only: bool) -> Portion | None:
    """The oldest Ready portion of this account, None when there is none.

    With `alone_only` also None when another account's portions wait: then they are to have their turn.
    """
    waiting = Portion.objects.filter(status=PortionStatus.READY)
    if alone_only and waiting.exclude(account_id=account_id).exists():
        return None
    return _claim("account_id = %s", account_id, token)


# A worker's portions carry one number of connections: with the next one nothing changes, and nothing has to be locked.
_CLAIM = f"""
UPDATE campaigns_portion SET status = {PortionStatus.RUNNING:d}, claim_token = %s, worker = %s, reached = 0,
    lease_until = {{until}}, connections = COALESCE((
        SELECT MAX(connections) FROM campaigns_portion WHERE claim_token = %s AND status = {PortionStatus.RUNNING:d}
    ), 0)
WHERE status = {PortionStatus.READY:d} AND id = (
    SELECT id FROM campaigns_portion WHERE {{which}} AND status = {PortionStatus.READY:d} ORDER BY id LIMIT 1
    {{passing}}
) RETURNING *
"""


def _claim(which: str, pk: int, token: str) -> Portion | None:
    """One statement, so that nobody comes between the look and the claim; what others are claiming is passed over."""
    passing = "FOR UPDATE SKIP LOCKED" if connection.features.has_select_for_update_skip_locked else ""
    until, moment = compiled(DatabaseNow(LEASE))
    worker = f"{socket.gethostname()}:{os.getpid()}"
    statement = _CLAIM.format(until=until, which=which, passing=passing)
    taken = Portion.objects.raw(statement, [token, worker, *moment, token, pk])
    return next(iter(taken), None)


def reach(portion: Portion, item_id: int) -> bool:
    """To be called, and committed, before items up to this id go on the wire. False when the portion is not ours."""
    ours = Portion.objects.filter(pk=portion.pk, claim_token=portion.claim_token, status=PortionStatus.RUNNING)
    return bool(ours.update(reached=item_id))


def finish(portion: Portion, attempted: int) -> bool:
    """Close the portion and give back what was not attempted; False when it is not ours any more."""
    with transaction.atomic():
        ours = Portion.objects.filter(
            pk=portion.pk, claim_token=portion.claim_token, status=PortionStatus.RUNNING
        ).update(
            status=PortionStatus.DONE,
            attempted=Least(F("attempted") + attempted, F("size")),
            finished_at=DatabaseNow(),
            lease_until=None,
        )
        if ours:
            QueueItem.in_hand_of(portion).update(status=QueueStatus.PENDING, portion_id=None)
            skip_if_canceled(portion.mass_email_id)
    return bool(ours)


def hand_on(portion: Portion, attempted: int) -> bool:
    """Running → Ready with the rest of its people, for another worker: ours has to end. False when it is not ours.

    What was attempted stays counted: an open portion counts with its whole size towards the hourly limits.
    """
    ours = Portion.objects.filter(pk=portion.pk, claim_token=portion.claim_token, status=PortionStatus.RUNNING)
    return bool(
        ours.update(status=PortionStatus.READY, attempted=F("attempted") + attempted, claim_token="", lease_until=None)
    )
