"""What servers refused while sending, as reports beside those that come back by mail. One statement for many.

The address was flagged and the log was written by who calls this; here is only the evidence, so that it can be shown
and reverted like any other.
"""

from collections.abc import Sequence
from datetime import datetime

from django.db import connection

from campaigns.models import Portion
from crm.packed import packed, unpacked

_REPORT = """
INSERT INTO campaigns_bouncereport (key, source, kind, decision, proof, reason, code, said, rule, address, account_id,
    campaign_id, mass_email_id, queue_item_id, record_id, email_address_id, message_key, at, reverted_by)
SELECT 'smtp:' || CAST(q.id AS text) || ':' || CAST(told.number AS text), 'smtp', told.kind, told.decision, 'server',
    told.reason, '', told.said, '', COALESCE(a.address, ''), %s, f.campaign_id, q.mass_email_id, q.id, q.record_id,
    q.email_address_id, '', %s, ''
FROM ({told}) told JOIN campaigns_queueitem q ON q.id = told.id
    LEFT JOIN crm_emailaddress a ON a.id = q.email_address_id
    LEFT JOIN campaigns_frozenmassemail f ON f.mass_email_id = q.mass_email_id
WHERE COALESCE(q.portion_id, 0) = %s
ON CONFLICT DO NOTHING
"""

Refused = tuple[int, str, str, str, int, bool]  # queue item, kind, reason, what the server said, attempt, flagged


def report_refusals(portion: Portion, refused: Sequence[Refused], now: datetime) -> None:
    """Within the transaction that records the outcomes. Twice is harmless."""
    if not refused:
        return
    rows = packed(
        (item, kind, "invalidated" if flagged else "logged", reason[:20], said[:1000], number)
        for item, kind, reason, said, number, flagged in refused
    )
    told = unpacked(id="bigint", kind="text", decision="text", reason="text", said="text", number="smallint")
    moment = connection.ops.adapt_datetimefield_value(now)
    with connection.cursor() as cursor:
        cursor.execute(_REPORT.format(told=told), [portion.account_id, moment, rows, portion.pk])
