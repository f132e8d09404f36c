"""What else a marketing team has around the campaign that is going out: campaigns of every status, people with names.

Only the pictures need it; the walk over every page does with less.
"""

from datetime import datetime, timedelta

from django.utils import timezone

from campaigns.models import Campaign, CampaignStatus, CampaignType, EmailTemplate, MassEmail, MassEmailStatus
from crm.models import Record, User
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
