"""What else a marketing team has around the campaign that is going out: campaigns of every status, people with names.

Only the pictures need it; the walk over every page does with less.
"""

from datetime import datetime, timedelta

from django.utils import timezone

from campaigns.bounces.verdicts import Reason
from campaigns.models import (
    Action,
    Bounce,
    BounceKind,
    BounceReport,
    BounceSource,
    Campaign,
    CampaignStatus,
    CampaignType,
    EmailTemplate,
    LogRecord,
    MassEmail,
    MassEmailStatus,
)
from campaigns.models.bounce import Decision, Proof
from crm.models import EmailAddress, EntityType, Record, User
from targets.models import TargetList
from tests.busy_campaign import FIRST, LAST
from tests.factories import MassEmailFactory

# Name, type, status, days until it starts and ends, budget.
CAMPAIGNS = (
    ("Spring webinar series", CampaignType.NEWSLETTER, CampaignStatus.PLANNING, 20, 80, "2400"),
    ("Customer survey", CampaignType.INFORMATIONAL, CampaignStatus.ACTIVE, -10, 10, None),
    ("Trade fair Lyon", CampaignType.MAIL, CampaignStatus.COMPLETE, -90, -60, "11500"),
    ("Win-back", CampaignType.EMAIL, CampaignStatus.INACTIVE, -30, None, "800"),
)
# Campaign, mass email, days until it starts, sent, opened, clicked.
MAILS = (
    ("Customer survey", "Five questions", -6, 380, 171, 62),
    ("Customer survey", "Reminder", 2, 0, 0, 0),
    ("Spring webinar series", "Save the date", 5, 0, 0, 0),
    ("Win-back", "We miss you", -21, 240, 41, 6),
)
COUNTRIES = ("Spain", "France", "Indonesia", "Portugal", "Morocco", "Germany")
COMPANIES = ("Rocha Lda", "Atlas SA", "Wulan & Co", "Caron SARL", "Nordwind GmbH", "Marín e Hijos")


def live_through(days: int = 45) -> None:
    """Contacts came one after the other, work somewhere; a few of them opted out or have an address that is dead."""
    contacts = list(Record.objects.filter(entity_type=EntityType.objects.get(key="Contact")).order_by("pk"))
    firms = _companies()
    now = timezone.now()
    for at, record in enumerate(contacts):
        record.created_at = now - timedelta(days=(at * at * 7) % days, hours=at % 24)
        record.account = record.account or firms[at % len(firms)]
        record.values = {"country": COUNTRIES[at % len(COUNTRIES)], **{k: v for k, v in record.values.items() if v}}
    Record.objects.bulk_update(contacts, ["created_at", "account", "values"])
    addresses = [record.email_address_id for record in contacts if record.email_address_id]
    EmailAddress.objects.filter(pk__in=addresses[5::37]).update(opted_out_at=now, opted_out_why="Unsubscribed (page)")
    EmailAddress.objects.filter(pk__in=addresses[9::53]).update(invalid_at=now, invalid_why="550 5.1.1 user unknown")


def _companies() -> list[Record]:
    account = EntityType.objects.get(key="Account")
    return [Record.objects.get_or_create(entity_type=account, name=name)[0] for name in COMPANIES]


def bounces_of(campaign: Campaign) -> BounceReport:
    """The evidence of what the log of the campaign calls bounced; the first."""
    rows = LogRecord.objects.filter(campaign_id=campaign.pk, action=Action.BOUNCED)
    reports = [_bounce(row) for row in rows.order_by("pk")]
    BounceReport.objects.bulk_create(reports)
    return BounceReport.objects.order_by("pk")[0]


def _bounce(row: LogRecord) -> BounceReport:
    is_hard = row.bounce == Bounce.HARD
    said = "550 5.1.1 User unknown" if is_hard else "452 4.2.2 The mailbox is over its quota"
    return BounceReport(
        key=f"season-{row.pk}", source=BounceSource.MAILBOX, proof=Proof.VERP, said=said, code=said[4:9],
        kind=BounceKind.HARD if is_hard else BounceKind.SOFT, address=row.address, at=row.at,
        decision=Decision.INVALIDATED if is_hard else Decision.LOGGED,
        reason=Reason.USER_UNKNOWN if is_hard else Reason.MAILBOX_FULL, campaign_id=row.campaign_id,
        mass_email_id=row.mass_email_id, record_id=row.record_id, email_address_id=row.email_address_id,
    )  # fmt: skip


def name_people(records: list[Record]) -> None:
    """Names of many instead of one name with a number behind."""
    for at, record in enumerate(records):
        record.first_name, record.last_name = FIRST[at % 10], LAST[(at * 7 + at // 10) % 10]
        record.name = f"{record.first_name} {record.last_name}"
    Record.objects.bulk_update(records, ["first_name", "last_name", "name"])


def make_season(template: EmailTemplate, target_list: TargetList) -> None:
    owner = User.objects.order_by("pk").first()
    made = {name: _campaign(name, *facts, owner) for name, *facts in CAMPAIGNS}
    for campaign, name, days, *counts in MAILS:
        _mass_email(made[campaign], name, timezone.now() + timedelta(days=days), counts, template, target_list)


def _campaign(
    name: str, kind: str, status: str, start: int, end: int | None, budget: str | None, owner: User | None
) -> Campaign:
    today = timezone.localdate()
    return Campaign.objects.create(
        name=name, type=kind, status=status, start_date=today + timedelta(days=start), budget=budget,
        end_date=None if end is None else today + timedelta(days=end), assigned_user=owner,
    )  # fmt: skip


def _mass_email(
    campaign: Campaign, name: str, at: datetime, counts: list[int], template: EmailTemplate, target_list: TargetList
) -> MassEmail:
    """One that went out when it was sent to somebody, else one that is going to."""
    sent, opened, clicked = counts
    gone = {"status": MassEmailStatus.COMPLETE, "started_at": at, "completed_at": at + timedelta(hours=1)}
    return MassEmailFactory.create(
        campaign=campaign, name=name, start_at=at, template=template, lists=[target_list], total_count=sent,
        sent_count=sent, opened_count=opened, clicked_count=clicked,
        **(gone if sent else {"status": MassEmailStatus.PENDING}),
    )  # fmt: skip
