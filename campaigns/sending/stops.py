"""When sending has to stop, and when it is over. A reason is a sentence that the marketer reads on the mass email."""

import logging

from django.db import transaction
from django.utils import timezone

from campaigns.models import (
    OPEN_STATUSES,
    FrozenMassEmail,
    MassEmail,
    MassEmailStatus,
    QueueItem,
    QueueStatus,
    Reason,
)
from crm.audit import audit
from crm.models import EmailAccount

logger = logging.getLogger(__name__)


def pause_with_reason(mass_email_id: int, reason: str) -> bool:
    """Pause because something needs a person; False when it is paused already."""
    rows = MassEmail.objects.filter(
        pk=mass_email_id, status__in=[MassEmailStatus.PENDING, MassEmailStatus.IN_PROCESS], paused_at=None
    )
    paused = bool(rows.update(paused_at=timezone.now(), pause_reason=reason[:2000]))
    if paused:
        logger.warning("Mass email %s is paused: %s", mass_email_id, reason)
        audit(None, "mass_email.paused", MassEmail.objects.filter(pk=mass_email_id).first(), reason=reason)
    return paused


def pause_account(account: EmailAccount, reason: str) -> None:
    """The account needs a person: everything that sends through it pauses, no recipient is charged."""
    frozen = FrozenMassEmail.objects.filter(account_id=account.pk).values_list("pk", flat=True)
    for pk in MassEmail.objects.sending().filter(pk__in=frozen).values_list("pk", flat=True):
        pause_with_reason(pk, reason)


def may_send(mass_email_id: int) -> bool:
    """Asked again and again while sending: not paused, not canceled, campaign not Inactive."""
    return MassEmail.objects.sending().filter(pk=mass_email_id).exists()


def complete_if_done(mass_email_id: int) -> bool:
    """Complete when nobody is left to send to. An empty claim is not done: retries may be waiting.

    What was paused with a reason waits for the person who reads it, even when nobody is left.
    """
    left = QueueItem.objects.filter(mass_email_id=mass_email_id, status__in=OPEN_STATUSES, is_test=False)
    if left.exists():
        return False
    with transaction.atomic():
        # Asked again behind the lock: a retry at this very moment either waits, or is seen.
        status = locked_status(mass_email_id)
        if status != MassEmailStatus.IN_PROCESS or left.exists():
            return False
        return MassEmail.objects.filter(pause_reason="").move(
            mass_email_id, MassEmailStatus.IN_PROCESS, MassEmailStatus.COMPLETE,
            completed_at=timezone.now(), paused_at=None,
        )  # fmt: skip


def skip_if_canceled(mass_email_id: int) -> None:
    """Whoever is waiting in a canceled mass email is Skipped. In the transaction that cancels or that gives back."""
    if locked_status(mass_email_id) == MassEmailStatus.CANCELED:
        QueueItem.objects.filter(
            mass_email_id=mass_email_id, status__in=[QueueStatus.PENDING, QueueStatus.DEFERRED], is_test=False
        ).update(status=QueueStatus.SKIPPED, reason=Reason.CANCELED)


def locked_status(mass_email_id: int) -> str | None:
    """The status, which nobody else can change before the end of this transaction; None when it is deleted."""
    rows = MassEmail.objects.select_for_update().filter(pk=mass_email_id)
    return rows.values_list("status", flat=True).first()
