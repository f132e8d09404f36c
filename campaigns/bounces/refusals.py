"""What servers refused while sending, as reports beside those that come back by mail. One statement for many.

Every definite no of a server is a bounce and has its report. Those that are about the message, spam, policy, a block,
are soft ones, which are never blamed on the person. The address was flagged and the log was written by who calls this;
here is only the evidence, so that it can be shown and reverted like any other.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

from django.db import connection

from campaigns.bounces.judging import Testimony, judge
from campaigns.bounces.verdicts import MESSAGE_FAULTS, Refusal
from campaigns.models import BounceKind, Decision, Portion
from crm.packed import packed, unpacked

_REPORT = """
INSERT INTO campaigns_bouncereport (key, source, kind, decision, proof, reason, code, said, rule, address, account_id,
    campaign_id, mass_email_id, queue_item_id, record_id, email_address_id, message_key, at, reverted_by)
SELECT 'smtp:' || CAST(q.id AS text) || ':' || CAST(q.portion_id AS text), 'smtp', told.kind, told.decision, 'server',
    told.reason, told.code, told.said, told.rule, COALESCE(a.address, ''), %s, f.campaign_id, q.mass_email_id, q.id,
    q.record_id, q.email_address_id, '', %s, ''
FROM ({told}) told JOIN campaigns_queueitem q ON q.id = told.id
    LEFT JOIN crm_emailaddress a ON a.id = q.email_address_id
    LEFT JOIN campaigns_frozenmassemail f ON f.mass_email_id = q.mass_email_id
WHERE q.portion_id = %s
ON CONFLICT DO NOTHING
"""


class Refused(NamedTuple):
    """One queue item that a server refused, and what followed for the address."""

    item: int
    kind: BounceKind
    decision: Decision
    said: str
    evidence: Refusal


@lru_cache(maxsize=256)
def evidence_in(reply: str) -> Refusal:
    """What a server's no says, read like a bounce message: with the same words and codes. Of nobody by name.

    Cached for servers that give everybody the same answer.
    """
    return judge("", Testimony(diagnostic=reply))


def blames_the_message(evidence: Refusal) -> bool:
    """Whether it speaks of the mail, of us or of a server, whatever its code says of the person."""
    return evidence.reason in MESSAGE_FAULTS


def report_refusals(portion: Portion, refused: Sequence[Refused], now: datetime) -> None:
    """Within the transaction that records the outcomes. Twice is harmless: one portion asks about an item until it is
    settled, and who is tried again after that is in another portion."""
    if not refused:
        return
    rows = packed(
        (one.item, one.kind, one.decision, one.said[:1000],
         one.evidence.reason, one.evidence.code[:20], one.evidence.rule[:120])
        for one in refused
    )  # fmt: skip
    told = unpacked(
        id="bigint", kind="text", decision="text", said="text", reason="text", code="text", rule="text",
    )  # fmt: skip
    moment = connection.ops.adapt_datetimefield_value(now)
    with connection.cursor() as cursor:
        cursor.execute(_REPORT.format(told=told), [portion.account_id, moment, rows, portion.pk])
