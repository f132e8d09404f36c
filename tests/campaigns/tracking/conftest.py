"""One mail in the hands of one person, and a client that looks like their visitor."""

from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from campaigns.models import FrozenMassEmail, Link, LogRecord, MassEmail, QueueItem, QueueStatus
from campaigns.tracking import links
from crm.models import EmailAddress, Record
from targets.models import TargetList
from tests.factories import CampaignFactory, MassEmailFactory, RecordFactory, TargetListFactory, TrackingUrlFactory

BROWSER = {
    "user-agent": "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
    "accept-language": "en-GB,en;q=0.7",
}


@pytest.fixture
def visitor() -> Client:
    """No session, no cookie; checks CSRF as a real request does."""
    return Client(headers=BROWSER, enforce_csrf_checks=True)


@dataclass
class Mail:
    item: QueueItem
    record: Record
    target_list: TargetList
    mass_email: MassEmail
    link: Link

    @property
    def address(self) -> EmailAddress:
        return EmailAddress.objects.get(pk=self.item.email_address_id or 0)

    @property
    def click_url(self) -> str:
        return links.click("", self.item.pk, self.link.pk)

    @property
    def open_url(self) -> str:
        return links.open_pixel("", self.item.pk)

    @property
    def opt_out_url(self) -> str:
        return links.opt_out("", self.item.pk, self.item.email_address_id or 0)

    @property
    def preferences_url(self) -> str:
        return links.preferences("", self.item.pk, self.item.email_address_id or 0)

    @property
    def web_version_url(self) -> str:
        return links.web_version("", self.item.pk)

    def urls(self) -> dict[str, str]:
        return {
            "click": self.click_url,
            "open": self.open_url,
            "opt_out": self.opt_out_url,
            "preferences": self.preferences_url,
            "web_version": self.web_version_url,
        }

    def is_listed(self, target_list: TargetList | None = None) -> bool:
        lists = self.record.memberships.filter(target_list=target_list or self.target_list)
        return lists.filter(opted_out_at=None).exists()

    def is_flagged(self) -> bool:
        return self.address.opted_out_at is not None


def make_mail(entirely: bool = False, is_test: bool = False, language: str = "") -> Mail:
    """A mail sent an hour ago to ines@rocha.example.com, who is on the list Newsletter EU."""
    record = RecordFactory.create(email="ines@rocha.example.com", language=language)
    newsletter = TargetListFactory.create(name="Newsletter EU", description="Monthly stories", records=[record])
    campaign = CampaignFactory.create()
    campaign.target_lists.add(newsletter)
    mass_email = MassEmailFactory.create(campaign=campaign, lists=[newsletter], opt_out_entirely=entirely)
    tracked = TrackingUrlFactory.create(campaign=campaign)
    link = Link.objects.create(
        mass_email_id=mass_email.pk, tracking_url_id=tracked.pk, code=tracked.code, name=tracked.name, url=tracked.url
    )
    FrozenMassEmail.objects.create(
        mass_email_id=mass_email.pk,
        campaign_id=campaign.pk,
        campaign_name=campaign.name,
        content={"subject": ["Hello"], "html": ["<p>Hi ", ["Person.firstName", "", "html"], "</p>"], "text": ["Hi"]}
        | {"links": []},
        sender={"from_address": "news@acme.example.com", "from_name": "Acme", "postal_address": "", "company": "Acme"}
        | {"reply_to_address": "", "reply_to_name": "", "envelope_address": "news@acme.example.com"},
        target_lists={str(newsletter.pk): newsletter.name},
        opt_out_entirely=entirely,
        base_url="https://crm.acme.example.com",
    )
    item = QueueItem.objects.create(
        mass_email_id=mass_email.pk,
        record_id=record.pk,
        email_address_id=record.email_address_id,
        status=QueueStatus.SENT,
        sent_at=timezone.now() - timedelta(hours=1),
        is_test=is_test,
    )
    return Mail(item, record, newsletter, mass_email, link)


@pytest.fixture
def mail(db: None) -> Mail:
    return make_mail()


@pytest.fixture
def mail_entirely(db: None) -> Mail:
    return make_mail(entirely=True)


@pytest.fixture
def test_mail(db: None) -> Mail:
    return make_mail(is_test=True)


def logged(mail: Mail) -> list[tuple[int, bool]]:
    """(action, is machine) of every log row of the mail, oldest first."""
    rows = LogRecord.objects.filter(queue_item_id=mail.item.pk).order_by("id")
    return list(rows.values_list("action", "is_machine"))
