"""The optional rule of soft bounces: so many in a row, over some days at least and within others, and the address is
Invalid. As it comes: three mails over 15 days or more, none of which arrived (DUTIES B8).
"""

from datetime import timedelta

from django.utils import timezone

from campaigns.models import Action, Bounce, LogRecord
from crm.models import EmailAddress, Settings

BOUNCES_COME_WITHIN = timedelta(
    days=5
)  # a mail older than that which did not come back has arrived (RFC 5321 §4.5.4.1)


def reached_soft_limit(address: EmailAddress) -> bool:
    """Whether the newest mails to the address all came back. One that arrived, an open or a click ends the row."""
    settings = Settings.load()
    if not settings.soft_bounce_limit:
        return False
    since = timezone.now() - timedelta(days=settings.soft_bounce_days)
    rows = LogRecord.objects.filter(email_address_id=address.pk, at__gte=since, is_test=False, is_machine=False)
    bounced = list(
        rows.filter(action=Action.BOUNCED, bounce=Bounce.SOFT).order_by("-at").values_list("queue_item_id", "at")
    )
    items = {item for item, _at in bounced}
    settled = timezone.now() - BOUNCES_COME_WITHIN
    arrived = rows.filter(action=Action.SENT, at__lt=settled).exclude(queue_item_id__in=items)
    reacted = rows.filter(action__in=[Action.OPENED, Action.CLICKED])
    good = [row.at for row in (arrived.order_by("-at").first(), reacted.order_by("-at").first()) if row]
    counted = {item: at for item, at in bounced if not good or at > max(good)}
    if len(counted) < settings.soft_bounce_limit:
        return False
    return max(counted.values()) - min(counted.values()) >= timedelta(days=settings.soft_bounce_span)
