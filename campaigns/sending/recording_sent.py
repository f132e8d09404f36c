"""Recording who got the mail: nearly everybody, so it is what the speed of sending hangs on.

The queue items, their log rows and the counter change together or not at all. Each statement asks whether the portion
still holds the item, so a batch that is written twice changes nothing. PostgreSQL does all of it in one statement: one
question and answer instead of six, while the other thread wants to go on sending. SQLite, which knows no such
statement, is a call in this very process.
"""

from collections.abc import Mapping

from django.db import connection, transaction
from django.db.models import F

from campaigns.models import MassEmail, Portion
from campaigns.sending.recording import LOG
from crm.clock import database_now
from crm.packed import packed, unpacked

# What stands last is done last: everybody who sends this mass email waits for its row. Each person is looked up by id:
# no index knows the portions.
_ALL_AT_ONCE = """
WITH told AS MATERIALIZED ({told}), now AS MATERIALIZED (SELECT clock_timestamp() AS at), marked AS (
    UPDATE campaigns_queueitem q SET status = 3, reason = '', reply = told.reply, attempts = attempts + 1,
        next_try_at = NULL, attempted_at = (SELECT at FROM now), sent_at = (SELECT at FROM now)
    FROM told WHERE q.id = told.id AND q.portion_id = %s AND q.status IN (1, 2)
    RETURNING q.id, q.mass_email_id, q.record_id, q.email_address_id, q.is_test
), logged AS (
    INSERT INTO campaigns_logrecord (campaign_id, mass_email_id, queue_item_id, record_id, email_address_id, address,
        action, link_id, bounce, is_machine, is_test, detail, at)
    SELECT COALESCE((SELECT campaign_id FROM campaigns_frozenmassemail WHERE mass_email_id = %s), 0),
        q.mass_email_id, q.id, q.record_id, q.email_address_id, COALESCE(a.address, ''),
        1, 0, '', FALSE, q.is_test, '', (SELECT at FROM now)
    FROM marked q LEFT JOIN crm_emailaddress a ON a.id = q.email_address_id
    ON CONFLICT DO NOTHING RETURNING 1
), counted AS (
    UPDATE campaigns_massemail SET sent_count = sent_count + (SELECT COUNT(*) FROM marked)
    WHERE id = %s AND (SELECT COUNT(*) FROM logged) >= 0 AND EXISTS (SELECT 1 FROM marked)
)
SELECT COUNT(*) FROM marked
"""

_MARK = """
UPDATE campaigns_queueitem SET status = 3, reason = '', reply = told.reply, attempts = attempts + 1,
    next_try_at = NULL, attempted_at = %s, sent_at = %s
FROM ({told}) told WHERE campaigns_queueitem.id = told.id AND portion_id = %s
    AND status IN (1, 2)
"""


def record_sent(portion: Portion, replies: Mapping[int, str]) -> int:
    """Sent, logged and counted; how many the portion still held. `replies` by item id, as the server said."""
    rows = packed(sorted(replies.items()))
    return _at_once(portion, rows) if connection.vendor == "postgresql" else _one_by_one(portion, rows)


def _at_once(portion: Portion, rows: str) -> int:
    with connection.cursor() as cursor:
        sql = _ALL_AT_ONCE.format(told=unpacked(id="bigint", reply="text"))
        cursor.execute(sql, [rows, portion.pk, portion.mass_email_id, portion.mass_email_id])
        (marked,) = cursor.fetchone()
    return int(marked)


def _one_by_one(portion: Portion, rows: str) -> int:
    moment = connection.ops.adapt_datetimefield_value(database_now())
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_MARK.format(told=unpacked(id="bigint", reply="text")), [moment, moment, rows, portion.pk])
        marked = int(cursor.rowcount)
        if marked:
            log = LOG.format(told=unpacked(id="bigint"), action=1, bounce="''", detail="''", status=3)
            cursor.execute(log, [portion.mass_email_id, rows, portion.pk, moment])
            MassEmail.objects.filter(pk=portion.mass_email_id).update(sent_count=F("sent_count") + marked)
    return marked
