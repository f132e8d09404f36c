"""A campaign in full swing, as data: two mass emails that went out, tracking URLs, three days of events, a draft.

Also run inside of a started Herald: `stack.shell("from tests.busy_campaign import make_busy_campaign; …")`.
"""

import math
import random
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from campaigns.models import (
    Action,
    Bounce,
    Campaign,
    CampaignStatus,
    EmailTemplate,
    LogRecord,
    MassEmail,
    MassEmailStatus,
    TrackingUrl,
)
from crm.models import EmailAddress, EntityType, Record, User
from targets.membership import add_records
from targets.models import Membership, TargetList

FIRST = ("Ines", "Karim", "Siti", "Julien", "Maya", "Tomás", "Ayu", "Elena", "Noor", "Pierre")
LAST = ("Rocha", "Benali", "Wulandari", "Caron", "Ortiz", "Vidal", "Lestari", "Marin", "Haddad", "Leroy")
MOST_PEOPLE = 1_000_000
LINKS = ("Try the demo", "Pricing", "Launch video", "Thank you, survey")


@dataclass(frozen=True)
class BusyCampaign:
    campaign: Campaign
    complete: MassEmail
    target_list: TargetList
    tracking_urls: list[TrackingUrl]


def make_busy_campaign(people: int = 200, seed: int = 4, domain: str = "acme.example.com") -> BusyCampaign:
    """The same for the same seed, but for the dates, which end now. The people have their addresses at `domain`."""
    chance = random.Random(seed)
    owner = User.objects.order_by("pk").first()
    records = _people(people, domain)
    target_list, excluding = (
        _target_list("Newsletter EU", records, owner),
        _target_list("Existing customers", [], owner),
    )
    earlier = _campaign("Summer sale", owner, CampaignStatus.COMPLETE)
    _sent(
        earlier,
        "Summer sale",
        timezone.now() - timedelta(days=60),
        sent=people,
        opened=people // 3,
        clicked=people // 12,
    )
    campaign = _campaign("Autumn product launch", owner, CampaignStatus.ACTIVE)
    campaign.target_lists.set([target_list])
    campaign.excluding_target_lists.set([excluding])
    urls = [
        TrackingUrl.objects.create(campaign=campaign, name=name, url=f"https://acme.example.com/{number}")
        for number, name in enumerate(LINKS)
    ]
    start = timezone.now() - timedelta(days=2, hours=20)
    teaser = _sent(campaign, "Teaser", start, sent=len(records))
    _events(chance, teaser, records, urls, start)
    _draft(campaign, target_list)
    return BusyCampaign(campaign, teaser, target_list, urls)


def _people(number: int, domain: str) -> list[Record]:
    contacts = EntityType.objects.get(key="Contact")
    addresses = EmailAddress.objects.bulk_create(
        EmailAddress(address=f"busy{at}@{domain}", normalized=f"busy{at}@{domain}") for at in range(number)
    )
    return Record.objects.bulk_create(
        Record(
            entity_type=contacts, first_name=FIRST[at % 10], last_name=LAST[at // 10 % 10],
            name=f"{FIRST[at % 10]} {LAST[at // 10 % 10]}", email_address=address,
        )
        for at, address in enumerate(addresses)
    )  # fmt: skip


def _target_list(name: str, records: list[Record], owner: User | None) -> TargetList:
    target_list = TargetList.objects.create(name=name, category="Newsletters", assigned_user=owner)
    add_records(target_list, Record.objects.filter(pk__in=[record.pk for record in records]))
    begin, step = timezone.now() - timedelta(days=40), timedelta(days=39) / max(1, len(records))
    for at, member in enumerate(Membership.objects.filter(target_list=target_list).order_by("pk")):
        Membership.objects.filter(pk=member.pk).update(created_at=begin + step * at)
    return target_list


def _campaign(name: str, owner: User | None, status: CampaignStatus) -> Campaign:
    today = timezone.localdate()
    return Campaign.objects.create(
        name=name, status=status, budget="6000", assigned_user=owner, start_date=today - timedelta(days=3),
        end_date=today + timedelta(days=22), description="Announce the 4.0 release to newsletter and trial audiences.",
    )  # fmt: skip


def _sent(campaign: Campaign, name: str, start: datetime, sent: int, opened: int = 0, clicked: int = 0) -> MassEmail:
    template = EmailTemplate.objects.create(
        name="Plain letter", subject=name, body="<p>Hello {Person.firstName|there}</p>"
    )
    return MassEmail.objects.create(
        campaign=campaign, name=name, template=template, status=MassEmailStatus.COMPLETE, start_at=start,
        started_at=start, completed_at=start + timedelta(hours=1), total_count=sent, sent_count=sent,
        opened_count=opened, clicked_count=clicked,
    )  # fmt: skip


def _draft(campaign: Campaign, target_list: TargetList) -> None:
    template = EmailTemplate.objects.create(name="Last call", subject="Last call", body="<p>Last call</p>")
    draft = MassEmail.objects.create(
        campaign=campaign, name="Last call", template=template, start_at=timezone.now() + timedelta(days=7),
        from_address="news@acme.example.com", from_name="Acme",
    )  # fmt: skip
    draft.target_lists.set([target_list])


def _events(
    chance: random.Random, mass_email: MassEmail, records: list[Record], urls: list[TrackingUrl], start: datetime
) -> None:
    """Everybody is sent to within an hour; then they open, more by day than by night and less and less."""
    rows: list[LogRecord] = []

    def note(number: int, action: Action, at: datetime, **more: object) -> None:
        record = records[number]
        rows.append(
            LogRecord(
                campaign_id=mass_email.campaign_id,
                mass_email_id=mass_email.pk,
                queue_item_id=-(mass_email.pk * MOST_PEOPLE + number + 1),  # of nobody who is really in the queue
                record_id=record.pk,
                email_address_id=record.email_address_id,
                address=str(record.email_address),
                action=action,
                at=at,
                **more,
            )  # fmt: skip
        )

    clicks = dict.fromkeys(urls, 0)
    opened = clicked = 0
    for number in range(len(records)):
        sent_at = start + timedelta(seconds=3600 * number / len(records))
        note(number, Action.SENT, sent_at)
        if number % 30 == 7:  # at any time of day, with few people too
            bounce = Bounce.SOFT if number % 60 == 7 else Bounce.HARD
            note(number, Action.BOUNCED, sent_at + timedelta(minutes=2), bounce=bounce, detail="550 5.1.1 user unknown")
            continue
        if chance.random() < 0.2:
            note(number, Action.OPENED, sent_at + timedelta(seconds=20), is_machine=True, detail="privacy proxy")
        if chance.random() < 0.46:
            at = _some_time(chance, sent_at)
            opened += 1
            note(number, Action.OPENED, at)
            if chance.random() < 0.3:
                clicked += 1
                for link, url in enumerate(chance.sample(urls, chance.choice([1, 1, 2]))):
                    clicks[url] += 1
                    moment = at + timedelta(minutes=chance.randint(1, 30))
                    note(number, Action.CLICKED, moment, tracking_url_id=url.pk, link_id=link + 1, detail=url.name)
            if chance.random() < 0.03:
                note(number, Action.OPTED_OUT, at + timedelta(minutes=3), detail="link")
    rows.sort(key=lambda row: row.at)
    LogRecord.objects.bulk_create(rows)
    _counters(mass_email, rows, opened, clicked)
    for url, number in clicks.items():
        TrackingUrl.objects.filter(pk=url.pk).update(people_count=number, click_count=math.ceil(number * 1.2))


def _some_time(chance: random.Random, after: datetime) -> datetime:
    while True:
        at = after + timedelta(hours=chance.expovariate(1 / 14))
        is_day = 7 <= timezone.localtime(at).hour < 22
        if at < timezone.now() and (is_day or chance.random() < 0.15):
            return at


def _counters(mass_email: MassEmail, rows: list[LogRecord], opened: int, clicked: int) -> None:
    def number(action: Action, **more: object) -> int:
        return sum(row.action == action and all(getattr(row, k) == v for k, v in more.items()) for row in rows)

    MassEmail.objects.filter(pk=mass_email.pk).update(
        opened_count=opened, clicked_count=clicked, opted_out_count=number(Action.OPTED_OUT),
        hard_bounced_count=number(Action.BOUNCED, bounce=Bounce.HARD),
        soft_bounced_count=number(Action.BOUNCED, bounce=Bounce.SOFT),
    )  # fmt: skip
