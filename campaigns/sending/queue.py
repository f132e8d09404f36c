"""Start of a due mass email: freeze it and fill its queue with one set-based statement, reasons included."""

import logging

from django.db import connection, transaction
from django.utils.translation import gettext as _

from campaigns.audience import frozen_audience
from campaigns.models import FrozenMassEmail, MassEmail, MassEmailStatus, QueueItem, QueueStatus
from campaigns.sending.database import DATABASE_AWAY
from campaigns.sending.errors import described
from campaigns.sending.freeze import CannotStart, freeze
from campaigns.sending.stops import pause_with_reason
from crm.clock import database_now
from targets.audience import MUCH_MEMORY

logger = logging.getLogger(__name__)

_FILL = """
INSERT INTO campaigns_queueitem
    (mass_email_id, record_id, email_address_id, status, reason, is_test, attempts, reply)
SELECT %s, record_id, email_address_id, CASE WHEN reason = '' THEN 0 ELSE 7 END, reason, FALSE, 0, ''
FROM ({audience}) audience
"""


def start_due() -> int:
    """Start every Pending mass email whose time has come; how many were started. What cannot start is paused."""
    started = 0
    for pk in MassEmail.objects.due().exclude(campaign__status="inactive").values_list("pk", flat=True):
        try:
            started += start(pk)
        except CannotStart as refusal:
            pause_with_reason(pk, str(refusal))
        except DATABASE_AWAY:
            raise
        except Exception as error:
            logger.exception("Mass email %s cannot be started", pk)
            pause_with_reason(pk, _("It cannot be started: %(error)s") % {"error": described(error)})
    return started


def start(mass_email_id: int) -> bool:
    """Pending → In Process with a filled queue, or nothing at all. Raises CannotStart; False when another was first."""
    with transaction.atomic():
        now = database_now()
        if not MassEmail.objects.due().move(
            mass_email_id, MassEmailStatus.PENDING, MassEmailStatus.IN_PROCESS, started_at=now, queued_at=now
        ):
            return False
        # Read behind the move, when nobody can edit it any more: what was saved last is what is sent.
        mass_email = MassEmail.objects.select_related("campaign", "template", "account").get(pk=mass_email_id)
        people = fill_queue(freeze(mass_email))
        if not people:
            raise CannotStart(_("Nobody on the target lists can get this email. Look at the audience for the reasons."))
        MassEmail.objects.filter(pk=mass_email_id).update(total_count=people)
    logger.info("Mass email %s is queued for %s people", mass_email_id, people)
    return True


def fill_queue(frozen: FrozenMassEmail) -> int:
    """One row per record on the lists; how many people get the mail. May run again: it begins anew."""
    QueueItem.objects.filter(mass_email_id=frozen.pk, is_test=False).delete()
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # One long statement: compiling it takes longer than it saves, and its hashes and sorts fit into memory.
            cursor.execute(MUCH_MEMORY)
        cursor.execute(_FILL.format(audience=frozen_audience(frozen).sql()), [frozen.pk])
    return QueueItem.objects.filter(mass_email_id=frozen.pk, status=QueueStatus.PENDING, is_test=False).count()
