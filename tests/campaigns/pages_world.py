"""What the page tests look at: a campaign with a draft, one being sent, one complete, a template, a link, a log."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Model
from django.utils import timezone

from campaigns.models import (
    Action,
    Campaign,
    EmailTemplate,
    Link,
    LogRecord,
    MassEmail,
    MassEmailStatus,
    QueueItem,
    QueueStatus,
    TrackingUrl,
)
from campaigns.sending.queue import start_due
from campaigns.templates_store import create_template
from campaigns.tracking.hits import follow
from crm.models import Record
from targets.models import TargetList
from tests.factories import CampaignFactory, MassEmailFactory, RecordFactory, TargetListFactory, TrackingUrlFactory

BODY = "<html><body><p>Dear {Person.firstName|friend}, see <a href='{trackingUrl:%s}'>the demo</a>.</p></body></html>"


@dataclass(frozen=True)
class World:
    campaign: Campaign
    draft: MassEmail
    sending: MassEmail
    template: EmailTemplate
    tracking_url: TrackingUrl
    target_list: TargetList
    excluding: TargetList
    records: list[Record]


def make_world(people: int = 3) -> World:
    """`people` contacts on the list, one more excluded; one of them got "Launch day" already and clicked."""
    records = [RecordFactory.create() for _number in range(people)]
    excluded = RecordFactory.create()
    target_list = TargetListFactory.create(name="Newsletter EU", records=[*records, excluded])
    excluding = TargetListFactory.create(name="Existing customers", records=[excluded])
    campaign = CampaignFactory.create(name="Autumn launch")
    campaign.target_lists.set([target_list])
    campaign.excluding_target_lists.set([excluding])
    url = TrackingUrlFactory.create(campaign=campaign)
    composition = {"name": "Launch", "subject": "Hello {Person.firstName|there}", "body": BODY % url.code}
    template = create_template(None, composition)
    common: dict[str, Any] = {
        "campaign": campaign, "template": template, "lists": [target_list], "excluding": [excluding],
    }  # fmt: skip
    sending = MassEmailFactory.create(name="Launch day", status=MassEmailStatus.PENDING, **common)
    start_due()
    draft = MassEmailFactory.create(name="Last call", start_at=timezone.now() + timedelta(days=2), **common)
    sending.refresh_from_db()
    assert sending.status == MassEmailStatus.IN_PROCESS, sending.failure or sending.pause_reason
    _one_got_it_and_clicked(sending)
    return World(campaign, draft, sending, template, url, target_list, excluding, records)


def _one_got_it_and_clicked(mass_email: MassEmail) -> None:
    item = QueueItem.objects.filter(mass_email_id=mass_email.pk, status=QueueStatus.PENDING).order_by("id")[0]
    now = timezone.now()
    QueueItem.objects.filter(pk=item.pk).update(status=QueueStatus.SENT, sent_at=now, reply="250 2.0.0 queued")
    MassEmail.objects.filter(pk=mass_email.pk).update(sent_count=1)
    address = Record.objects.get(pk=item.record_id or 0).email_address
    LogRecord.objects.create(
        campaign_id=mass_email.campaign_id, mass_email_id=mass_email.pk, queue_item_id=item.pk,
        record_id=item.record_id, email_address_id=item.email_address_id, address=str(address), action=Action.SENT,
    )  # fmt: skip
    link = Link.objects.get(mass_email_id=mass_email.pk)
    follow(item.pk, link.pk, "GET", {"user-agent": "Firefox", "accept-language": "en"})


def everything_in(*models: type[Model]) -> list[list[dict[str, Any]]]:
    """The rows of the tables, to see that a refused request changed nothing."""
    return [list(model._default_manager.order_by("pk").values()) for model in models]
