"""The one vocabulary of events: each verb writes its log row, its consequences and its counters in one transaction.

Opens and clicks, which come by the hundred in a second, have a way of their own: `campaigns.tracking.hits`.

Every verb may be called twice: what counts once is counted once, by a unique constraint. Tests (`item.is_test`) are
logged as tests, count nowhere and change nobody.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.db.models import F, Subquery
from django.utils import timezone

from campaigns.audience import serving
from campaigns.models import (
    Action,
    Bounce,
    FrozenMassEmail,
    LogRecord,
    MassEmail,
    QueueItem,
    QueueStatus,
)
from campaigns.sending.stops import locked_status
from crm.models import EmailAddress, Record
from targets.membership import opt_in_to_lists, opt_out_of_lists
from targets.models import TargetList

_BOUNCE_COUNTERS = {Bounce.HARD: "hard_bounced_count", Bounce.SOFT: "soft_bounced_count"}


@dataclass(frozen=True, slots=True)
class OptOutResult:
    """What an opt-out did. `list_names` are the lists of a partial one; `changed` is False for a repetition."""

    entirely: bool
    list_names: Sequence[str]
    changed: bool
    is_test: bool = False


def opt_out(item: QueueItem | None, address_id: int, channel: str, entirely: bool = False) -> OptOutResult:
    """The recipient does not want this mail any more.

    *Opt-Out Entirely* (of the mass email, or asked for by `entirely`) flags the address; otherwise the address is opted
    out on every target list of the campaign and of the mass email. Where nothing is left to tell which lists those
    were, the address is flagged: nobody who asked to be left alone gets mail.
    """
    frozen = _frozen(item)
    if item is not None and item.is_test:
        return OptOutResult(entirely, [], changed=False, is_test=True)
    with transaction.atomic():
        addresses = _addresses_of(item, address_id)
        lists = {} if entirely or frozen is None or frozen.opt_out_entirely else lists_of(frozen)
        changed = False
        if lists and frozen is not None:
            changed = sum(len(opt_out_of_lists(pk, lists, frozen.mass_email_id)) for pk in addresses) > 0
        if not changed and not (lists and any(_on_lists(pk, lists) for pk in addresses)):
            lists = {}
            changed = sum(_flag(pk, f"Unsubscribed ({channel})") for pk in addresses) > 0
        if changed and item is not None:
            _write(item, Action.OPTED_OUT, detail=channel if lists else f"{channel}, entirely")
            _count(item, "opted_out_count")
    return OptOutResult(not lists, sorted(lists.values()), changed)


def opt_in(item: QueueItem | None, address_id: int, channel: str) -> bool:
    """*Subscribe again*: undo an opt-out. The log keeps both."""
    if item is not None and item.is_test:
        return False
    frozen = _frozen(item)
    with transaction.atomic():
        addresses = EmailAddress.objects.filter(pk__in=_addresses_of(item, address_id))
        changed = sum(address.clear_opted_out() for address in addresses) > 0
        if frozen is not None:
            lists = lists_of(frozen)
            changed = sum(len(opt_in_to_lists(address.pk, lists)) for address in addresses) > 0 or changed
        if changed and item is not None:
            _write(item, Action.OPTED_IN, detail=channel)
            _count(item, "opted_in_count")
    return changed


def choose_lists(
    item: QueueItem | None, address_id: int, wanted: Sequence[int], unwanted: Sequence[int], resume: bool = False
) -> bool:
    """Preferences: the address gets the mail of the wanted lists and no more of the unwanted ones; other lists stay as
    they are. `resume` ends an opt-out from everything. True when this changed anything."""
    if item is not None and item.is_test:
        return False
    with transaction.atomic():
        left = bool(opt_out_of_lists(address_id, unwanted, item.mass_email_id if item else None))
        joined = bool(opt_in_to_lists(address_id, wanted))
        address = EmailAddress.objects.filter(pk=address_id).first() if resume else None
        joined = (address is not None and address.clear_opted_out()) or joined
        if item is not None and left:
            _write(item, Action.OPTED_OUT, detail="preferences")
            _count(item, "opted_out_count")
        if item is not None and joined:
            _write(item, Action.OPTED_IN, detail="preferences")
            _count(item, "opted_in_count")
    return left or joined


def log_bounce(item: QueueItem, kind: Bounce, detail: str) -> bool:
    """The mail came back. True when that is news: the first bounce of the item, or a hard one after a soft one.

    What came back was sent, so an Uncertain item is Sent.
    """
    with transaction.atomic():
        if not item.is_test:
            locked_status(item.mass_email_id)
        written = _write(item, Action.BOUNCED, bounce=kind, detail=detail)
        if written:
            _count(item, _BOUNCE_COUNTERS[kind])
        elif kind is Bounce.HARD:
            written = _harden(item, detail)
        evidence_of_delivery(item, "Proved by its bounce")
    return written


def mark_bounce_reverted(queue_item_id: int, words: str) -> None:
    """A person decided that the bounce was wrong: the row stays, and says so."""
    for row in LogRecord.objects.filter(queue_item_id=queue_item_id, action=Action.BOUNCED):
        LogRecord.objects.filter(pk=row.pk).update(detail=f"{words} · {row.detail}"[:500])


def log_complaint(item: QueueItem, address_id: int, detail: str, is_first: bool) -> bool:
    """The recipient called it spam: opted out entirely. False when the address was so already."""
    with transaction.atomic():
        changed = opt_out(item, address_id, f"complaint: {detail}"[:400], entirely=True).changed
        if is_first:
            _count(item, "complaint_count")
        evidence_of_delivery(item, "Proved by a complaint")
    return changed


def _harden(item: QueueItem, detail: str) -> bool:
    """A soft bounce turns out to be a hard one."""
    rows = LogRecord.objects.filter(queue_item_id=item.pk, action=Action.BOUNCED, bounce=Bounce.SOFT)
    if not rows.update(bounce=Bounce.HARD, detail=detail[:500]):
        return False
    if not item.is_test:
        MassEmail.objects.filter(pk=item.mass_email_id).update(
            hard_bounced_count=F("hard_bounced_count") + 1, soft_bounced_count=F("soft_bounced_count") - 1
        )
    return True


def lists_of(frozen: FrozenMassEmail) -> dict[int, str]:
    """Id → name of the lists that an opt-out is about: those of the mass email, frozen, and those of its campaign."""
    of_campaign = dict(TargetList.objects.filter(serving(frozen.campaign_id)).values_list("pk", "name"))
    return of_campaign | {int(pk): name for pk, name in (frozen.campaign_lists | frozen.target_lists).items()}


def _addresses_of(item: QueueItem | None, address_id: int) -> set[int]:
    """The address that was mailed, and the one that the same person has got since."""
    record = Record.objects.filter(pk=item.record_id).first() if item is not None and item.record_id else None
    return {address_id} | ({record.email_address_id} if record is not None and record.email_address_id else set())


def _frozen(item: QueueItem | None) -> FrozenMassEmail | None:
    return FrozenMassEmail.objects.filter(pk=item.mass_email_id).first() if item else None


def _flag(address_id: int, why: str) -> bool:
    address = EmailAddress.objects.filter(pk=address_id).first()
    return address is not None and address.mark_opted_out(why)


def _on_lists(address_id: int, lists: Iterable[int]) -> bool:
    address = EmailAddress.objects.filter(pk=address_id)
    return address.filter(records__memberships__target_list_id__in=list(lists)).exists()


def _write(
    item: QueueItem,
    action: Action,
    detail: str = "",
    bounce: Bounce = Bounce.NONE,
) -> bool:
    """The log row; False when this event was counted before."""
    campaign_id, address = _campaign_and_address(item)
    row = LogRecord(
        campaign_id=campaign_id,
        mass_email_id=item.mass_email_id,
        queue_item_id=item.pk,
        record_id=item.record_id,
        email_address_id=item.email_address_id,
        address=address,
        action=action,
        bounce=bounce,
        is_test=item.is_test,
        detail=detail[:500],
    )
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        return False
    return True


def _campaign_and_address(item: QueueItem) -> tuple[int, str]:
    """In one statement; 0 and "" where they are gone."""
    address = Subquery(EmailAddress.objects.filter(pk=item.email_address_id or 0).values("address"))
    for rows in (FrozenMassEmail.objects.all(), MassEmail.objects.all()):
        if found := rows.filter(pk=item.mass_email_id).values_list("campaign_id", address).first():
            return found[0], found[1] or ""
    return 0, EmailAddress.objects.filter(pk=item.email_address_id or 0).values_list("address", flat=True).first() or ""


def _count(item: QueueItem, counter: str) -> None:
    if not item.is_test:
        MassEmail.objects.filter(pk=item.mass_email_id).update(**{counter: F(counter) + 1})


def evidence_of_delivery(item: QueueItem, why: str = "Proved by the recipient's reaction") -> None:
    """Who opens, clicks, complains or whose mail comes back was sent it: an Uncertain item is Sent after all.

    Comes last, and locks the mass email before the item: as everybody does who changes both, so nobody deadlocks.
    """
    now = timezone.now()
    uncertain = QueueItem.objects.filter(pk=item.pk, status=QueueStatus.UNCERTAIN)
    if not uncertain.exists():
        return
    locked_status(item.mass_email_id)
    if uncertain.update(status=QueueStatus.SENT, reason="", sent_at=F("attempted_at")):
        _write(item, Action.SENT, detail=why)
        if not item.is_test:
            MassEmail.objects.filter(pk=item.mass_email_id).update(sent_count=F("sent_count") + 1, modified_at=now)
