"""What people did with campaigns as criteria of every entity type: was sent, opened, clicked, bounced, opted out."""

from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from campaigns.models import Action, Campaign, LogRecord, TrackingUrl
from crm.criteria import Field, Kind, Part, register_fields
from crm.models import EntityType

MOST_OFFERED = 500


def _campaigns() -> Sequence[tuple[str, str]]:
    newest = Campaign.objects.order_by("-id").values_list("pk", "name")[:MOST_OFFERED]
    return [(str(pk), name) for pk, name in newest]


def _tracking_urls() -> Sequence[tuple[str, str]]:
    newest = TrackingUrl.objects.order_by("-id").values_list("pk", "name", "campaign__name")[:MOST_OFFERED]
    return [(str(pk), f"{name} ({campaign})") for pk, name, campaign in newest]


def happened(action: Action, operator: str, value: Any) -> Q:
    """`value`: campaign, number of days and, for clicks, tracking URL; None stands for any. Machines do not count."""
    campaign, days, *more = value
    events = LogRecord.objects.filter(record_id=OuterRef("pk"), action=action, is_test=False, is_machine=False)
    if campaign is not None:
        events = events.filter(campaign_id=campaign)
    if days is not None:
        events = events.filter(at__gte=timezone.now() - timedelta(days=days))
    if more and more[0] is not None:
        events = events.filter(tracking_url_id=more[0])
    return Q(Exists(events))


def behaviour_fields(entity_type: EntityType) -> list[Field]:
    campaign, days = Part(_("Campaign"), _campaigns), Part(_("In the last … days"))
    labels = {
        "sent": (_("Was sent an email"), Action.SENT),
        "opened": (_("Opened an email"), Action.OPENED),
        "clicked": (_("Clicked a tracking URL"), Action.CLICKED),
        "bounced": (_("An email bounced"), Action.BOUNCED),
        "opted_out": (_("Opted out through an email"), Action.OPTED_OUT),
    }
    parts = {"clicked": (campaign, days, Part(_("Tracking URL"), _tracking_urls))}
    return [
        Field(
            key, label, Kind.EVENT, partial(happened, action), heading=_("Campaigns"),
            parts=parts.get(key, (campaign, days)),
        )
        for key, (label, action) in labels.items()
    ]  # fmt: skip


register_fields(behaviour_fields)
