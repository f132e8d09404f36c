"""The optional rule of soft bounces: so many in a row, over some days at least and within others, and the address is
Invalid. As it comes: three mails over 15 days or more, none of which arrived (DUTIES B8).

Mails that were refused for what they are, spam, policy, a block, do not count: that is never blamed on the person. Nor
do those that are only late: they may well arrive.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from campaigns.bounces.verdicts import MESSAGE_FAULTS, Reason
from campaigns.models import Action, Bounce, BounceReport, LogRecord
from crm.models import EmailAddress, Settings

BOUNCES_COME_WITHIN = timedelta(
    days=5
)  # a mail older than that which did not come back has arrived (RFC 5321 §4.5.4.1)


SAYS_NOTHING = MESSAGE_FAULTS | {Reason.DELAYED}  # of the person


def mark_at_soft_limit(bounced: Mapping[int, tuple[int, str]]) -> set[int]:
    """Of those who bounced just now, address id → (queue item, why), the addresses that are Invalid from now on."""
    marked = set()
    for address in EmailAddress.objects.filter(pk__in=bounced, invalid_at=None).order_by("pk") if bounced else ():
        item_id, said = bounced[address.pk]
        if reached_soft_limit(address, item_id):
            address.mark_invalid(why_given_up(said))
            marked.add(address.pk)
    return marked


def why_given_up(said: str) -> str:
    return _("Too many soft bounces in a row: %(why)s") % {"why": said}


def reached_soft_limit(address: EmailAddress, item_id: int) -> bool:
    """Whether the newest mails to the address, up to this one, all came back. One that arrived, an open or a click ends
    the row."""
    settings = Settings.load()
    if not settings.soft_bounce_limit:
        return False
    since = timezone.now() - timedelta(days=settings.soft_bounce_days)
    rows = LogRecord.objects.filter(email_address_id=address.pk, at__gte=since, is_test=False, is_machine=False)
    soft = rows.filter(action=Action.BOUNCED, bounce=Bounce.SOFT).order_by("-at")
    bounced = dict(soft.values_list("queue_item_id", "at"))
    reports = BounceReport.objects.filter(email_address_id=address.pk, reverted_at=None)
    told = list(reports.values_list("queue_item_id", "reason"))
    silent = _only(told, SAYS_NOTHING) - {item_id}
    failed = bounced.keys() - _only(told, frozenset({Reason.DELAYED}))
    settled = timezone.now() - BOUNCES_COME_WITHIN
    arrived = rows.filter(action=Action.SENT, at__lt=settled).exclude(queue_item_id__in=failed)
    reacted = rows.filter(action__in=[Action.OPENED, Action.CLICKED])
    good = [row.at for row in (arrived.order_by("-at").first(), reacted.order_by("-at").first()) if row]
    counted = [at for item, at in bounced.items() if item not in silent and (not good or at > max(good))]
    if len(counted) < settings.soft_bounce_limit:
        return False
    return max(counted) - min(counted) >= timedelta(days=settings.soft_bounce_span)


def _only(told: Sequence[tuple[int | None, str]], reasons: frozenset[Reason]) -> set[int | None]:
    """The mails whose bounces were for these reasons and no other."""
    return {item for item, _reason in told} - {item for item, reason in told if reason not in reasons}
