"""When sending has to stop, and when it is over. A reason is a sentence that the marketer reads on the mass email."""

import logging

from django.utils import timezone

from campaigns.models import OPEN_STATUSES, FrozenMassEmail, MassEmail, MassEmailStatus, QueueItem
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
        audit(None, "mass_email.paused", MassEmail.objects.get(pk=mass_email_id), reason=reason)
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
    """Complete when nobody is left to send to. An empty claim is not done: retries may be waiting."""
    left = QueueItem.objects.filter(mass_email_id=mass_email_id, status__in=OPEN_STATUSES, is_test=False)
    if left.exists():
        return False
    return MassEmail.objects.move(
        mass_email_id, MassEmailStatus.IN_PROCESS, MassEmailStatus.COMPLETE, completed_at=timezone.now()
    )
