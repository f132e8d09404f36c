"""The optional rule of soft bounces: so many in a row, over some days at least and within others, and the address is
Invalid. As it comes: three mails over 15 days or more, none of which arrived (DUTIES B8).

Mails that were refused for what they are, spam, policy, a block, do not count: that is never blamed on the person.
"""

from collections.abc import Mapping
from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from campaigns.bounces.verdicts import MESSAGE_FAULTS
from campaigns.models import Action, Bounce, BounceReport, LogRecord
from crm.models import EmailAddress, Settings

BOUNCES_COME_WITHIN = timedelta(
    days=5
)  # a mail older than that which did not come back has arrived (RFC 5321 §4.5.4.1)


def mark_at_soft_limit(said: Mapping[int, str]) -> set[int]:
    """Of those who bounced just now, address id → why, the addresses that are Invalid from now on."""
    marked = set()
    for address in EmailAddress.objects.filter(pk__in=said, invalid_at=None).order_by("pk") if said else ():
        if reached_soft_limit(address):
            address.mark_invalid(why_given_up(said[address.pk]))
            marked.add(address.pk)
    return marked


def why_given_up(said: str) -> str:
    return _("Too many soft bounces in a row: %(why)s") % {"why": said}


def reached_soft_limit(address: EmailAddress) -> bool:
    """Whether the newest mails to the address all came back. One that arrived, an open or a click ends the row."""
    settings = Settings.load()
    if not settings.soft_bounce_limit:
        return False
    since = timezone.now() - timedelta(days=settings.soft_bounce_days)
    rows = LogRecord.objects.filter(email_address_id=address.pk, at__gte=since, is_test=False, is_machine=False)
    about_the_mail = BounceReport.objects.filter(email_address_id=address.pk, reason__in=MESSAGE_FAULTS)
    soft = rows.filter(action=Action.BOUNCED, bounce=Bounce.SOFT)
    bounced = list(soft.order_by("-at").values_list("queue_item_id", "at"))
    items = {item for item, _at in bounced}
    settled = timezone.now() - BOUNCES_COME_WITHIN
    arrived = rows.filter(action=Action.SENT, at__lt=settled).exclude(queue_item_id__in=items)
    reacted = rows.filter(action__in=[Action.OPENED, Action.CLICKED])
    good = [row.at for row in (arrived.order_by("-at").first(), reacted.order_by("-at").first()) if row]
    blameless = set(about_the_mail.values_list("queue_item_id", flat=True))
    counted = {item: at for item, at in bounced if item not in blameless and (not good or at > max(good))}
    if len(counted) < settings.soft_bounce_limit:
        return False
    return max(counted.values()) - min(counted.values()) >= timedelta(days=settings.soft_bounce_span)
