"""What a bounce or a complaint does: one report per recipient, its consequences, and how they are taken back.

Hard: the address is Invalid. Soft: logged, and Invalid after too many in a row where the settings say so. Complaint:
opted out entirely. Faults of the message (blocked, spam, policy, DNS) are soft whatever a server called them: they are
never blamed on the person.
"""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from campaigns.bounces.proving import Proven
from campaigns.bounces.soft_limit import SAYS_NOTHING, reached_soft_limit, why_given_up
from campaigns.bounces.verdicts import DEAD, Classification, Kind, Refusal
from campaigns.log import log_bounce, log_complaint, mark_bounce_reverted
from campaigns.log_words import reverted_by
from campaigns.models import (
    Bounce,
    BounceKind,
    BounceMessage,
    BounceProbe,
    BounceReport,
    BounceSource,
    Decision,
    FrozenMassEmail,
    QueueItem,
)
from crm.audit import audit
from crm.models import EmailAddress, User


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a report came from. `key` is the same whenever the same message or event comes again."""

    source: BounceSource
    key: str
    account_id: int | None = None
    message_key: str = ""


def keep_message(digest: str, raw: bytes, size: int) -> str:
    """Store the beginning of a bounce message; its key for Origin."""
    packed = zlib.compress(raw[: BounceMessage.MOST], 6)
    BounceMessage.objects.get_or_create(key=digest, defaults={"packed": packed, "size": size})
    return digest


def act(origin: Origin, told: Refusal, proven: Proven) -> BounceReport:
    """Do what follows, once per origin; the report of it. A repetition gives the report of the first time."""
    with transaction.atomic():
        before = BounceReport.objects.filter(key=origin.key).first()
        if before is not None:
            return before
        kind = kind_of(told)
        report = _report(origin, told, proven, kind)
        report.decision = proven.why_not or Decision.UNPROVEN
        if proven.item is not None:
            report.decision = _consequences(proven.item, kind, told)
        report.save(force_insert=True)
        _answer_probe(report)
    return report


def refusals_of(told: Classification) -> Iterator[Refusal]:
    """One per recipient; of a message that names nobody the one person whom it is about."""
    if told.recipients:
        yield from (one for one in told.recipients if one.kind is not Kind.NONE)
    elif told.kind is not Kind.NONE:
        yield Refusal("", told.kind, told.reason, told.code, told.evidence, told.rule)


def kind_of(told: Refusal) -> BounceKind:
    if told.kind is Kind.COMPLAINT:
        return BounceKind.COMPLAINT
    return BounceKind.HARD if told.kind is Kind.HARD and told.reason in DEAD else BounceKind.SOFT


def revert(report: BounceReport, user: User) -> bool:
    """The address may be mailed again. The log row and the report stay, marked. False when it was done before."""
    with transaction.atomic():
        rows, name = BounceReport.objects.filter(pk=report.pk, reverted_at=None), str(user)
        if not report.may_be_reverted or not rows.update(reverted_at=timezone.now(), reverted_by=name):
            return False
        address = EmailAddress.objects.filter(pk=report.email_address_id or 0).first()
        if address is not None and report.decision == Decision.OPTED_OUT:
            address.clear_opted_out()
        elif address is not None:
            address.clear_invalid()
        mark_bounce_reverted(report.queue_item_id or 0, reverted_by(name))
        audit(user, "bounce.reverted", report, address=report.address, decision=report.decision)
    report.refresh_from_db()
    return True


def _consequences(item: QueueItem, kind: BounceKind, told: Refusal) -> Decision:
    why = told.evidence or told.code or told.reason
    if item.is_test:
        return Decision.TEST
    address = EmailAddress.objects.filter(pk=item.email_address_id or 0).first()
    if kind is BounceKind.COMPLAINT:
        complaints = BounceReport.objects.filter(queue_item_id=item.pk, kind=BounceKind.COMPLAINT)
        log_complaint(item, item.email_address_id or 0, told.reason, is_first=not complaints.exists())
        return Decision.OPTED_OUT
    log_bounce(item, Bounce(kind), why)
    if kind is BounceKind.HARD and address is not None:
        address.mark_invalid(why)
        return Decision.INVALIDATED
    is_about_person = kind is BounceKind.SOFT and told.reason not in SAYS_NOTHING
    if is_about_person and address is not None and reached_soft_limit(address, item.pk):
        address.mark_invalid(why_given_up(why))
        return Decision.SOFT_LIMIT
    return Decision.LOGGED


def _report(origin: Origin, told: Refusal, proven: Proven, kind: BounceKind) -> BounceReport:
    item = proven.item
    address = EmailAddress.objects.filter(pk=item.email_address_id or 0).first() if item else None
    frozen = FrozenMassEmail.objects.filter(pk=item.mass_email_id).first() if item else None
    return BounceReport(
        key=origin.key,
        source=origin.source,
        account_id=origin.account_id,
        message_key=origin.message_key,
        kind=kind,
        proof=proven.proof,
        reason=told.reason,
        code=told.code[:20],
        said=_storable(told.evidence)[:1000],
        rule=_storable(told.rule)[:120],
        address=_storable(address.address if address else told.address)[:254],
        campaign_id=frozen.campaign_id if frozen else None,
        mass_email_id=item.mass_email_id if item else None,
        queue_item_id=item.pk if item else None,
        record_id=item.record_id if item else None,
        email_address_id=item.email_address_id if item else None,
    )


def _answer_probe(report: BounceReport) -> None:
    probes = BounceProbe.objects.filter(queue_item_id=report.queue_item_id or 0, answered_at=None)
    probes.update(answered_at=timezone.now(), report_id=report.pk)


def _storable(text: str) -> str:
    """What every database takes."""
    return text.replace("\0", " ")
