"""The demo's target lists, template, campaign, tracking URLs and a mass email that is ready to be scheduled."""

from django.utils import timezone

from campaigns.models import Campaign, CampaignStatus, CampaignType, MassEmail, TrackingAction, TrackingUrl
from campaigns.templates_store import create_template
from crm.demo import TROUBLE_DOMAIN, register_demo
from crm.demo_people import LASTING_TROUBLE
from crm.models import Record, User
from targets.membership import add_records
from targets.models import TargetList

CATALOGUE_CODE, THANKS_CODE = "0a7a109e000000001", "0a7a109e000000002"  # as in the body below
SUBJECT = "{Person.firstName|Dear reader}, your autumn shelf is ready"
BODY = """<!DOCTYPE html>
<html>
<head>
<meta charset="utf-8">
<title>Autumn newsletter</title>
<style>
  body { margin: 0; background: #f4f1ea; font-family: Georgia, serif; color: #2b2a27; }
  .sheet { width: 100%; max-width: 600px; margin: 0 auto; background: #ffffff; }
  .head { background: #7a3b2e; color: #ffffff; padding: 28px 32px; }
  .text { padding: 24px 32px; line-height: 1.6; font-size: 16px; }
  .button { display: inline-block; padding: 12px 22px; background: #7a3b2e; color: #ffffff; text-decoration: none; }
  .foot { padding: 20px 32px; font-size: 12px; color: #6d6a63; }
</style>
</head>
<body>
<table class="sheet" role="presentation" align="center" cellpadding="0" cellspacing="0">
  <tr><td class="head"><h1>Autumn shelf {currentYear}</h1></td></tr>
  <tr><td class="text">
    <p>Hello {Person.firstName|there},</p>
    <p>the days grow shorter and the evenings longer: time for a good book. We have chosen twelve of them for
      {Contact.account.name|you and your colleagues}.</p>
    <p><a class="button" href="{trackingUrl:0a7a109e000000001}">See the catalogue</a></p>
    <p>Did you like the last one? <a href="{trackingUrl:0a7a109e000000002}">Tell us with one click.</a></p>
    <p>Kind regards<br>Ada Nowak</p>
  </td></tr>
  <tr><td class="foot">
    <p>{senderAddress}</p>
    <p>You get this letter at {Person.emailAddress} because you are on our list of readers.
      <a href="{webVersionUrl}">Read it in the browser</a> &middot; <a href="{optOutUrl}">Unsubscribe</a></p>
  </td></tr>
</table>
</body>
</html>
"""


def create_campaigns(owner: User) -> None:
    """Four target lists, one campaign with a draft, ready to be scheduled."""
    readers, guests, excluded = _target_lists(owner)
    template = create_template(
        owner,
        {"name": "Autumn newsletter", "category": "Newsletters", "subject": SUBJECT, "body": BODY,
         "preview_text": "Twelve books for long evenings"},
    )  # fmt: skip
    campaign = Campaign.objects.create(
        name="Autumn reading",
        status=CampaignStatus.ACTIVE,
        type=CampaignType.NEWSLETTER,
        start_date=timezone.localdate(),
        assigned_user=owner,
        description="The demo campaign: schedule its mass email and follow it to the sandbox.",
    )
    _tracking_urls(campaign)
    mass_email = MassEmail.objects.create(
        campaign=campaign,
        name="Autumn newsletter",
        template=template,
        start_at=timezone.now(),
        from_address="news@herald.example.com",
        from_name="Herald Demo",
        assigned_user=owner,
    )
    for letter in (campaign, mass_email):
        letter.target_lists.set([readers, guests])
        letter.excluding_target_lists.set([excluded])


def _target_lists(owner: User) -> tuple[TargetList, TargetList, TargetList]:
    """Readers, guests and those who are left out; beside them a list of addresses that keep misbehaving."""
    people = Record.objects.exclude(email_address__normalized__in=[f"{n}@{TROUBLE_DOMAIN}" for n in LASTING_TROUBLE])
    contacts, leads = people.filter(entity_type__key="Contact"), Record.objects.filter(entity_type__key="Lead")
    readers = _target_list(owner, "Newsletter readers", "Newsletters", "Every contact of the demo.")
    add_records(readers, contacts)
    guests = _target_list(owner, "Spring fair guests", "Events", "Leads met at the spring fair; some are readers too.")
    add_records(guests, leads)
    add_records(guests, contacts.filter(account__name="Verde Vivo"))
    excluded = _target_list(owner, "Do not mail", "Newsletters", "People who asked by telephone not to be written to.")
    add_records(excluded, contacts.filter(account__name="Polar Light ApS"))
    sandbox = _target_list(owner, "Sandbox: misbehaving", "Tests", "Each address plays a trick of its own.")
    add_records(sandbox, Record.objects.filter(email_address__normalized__endswith=f"@{TROUBLE_DOMAIN}"))
    return readers, guests, excluded


def _target_list(owner: User, name: str, category: str, description: str) -> TargetList:
    return TargetList.objects.create(name=name, category=category, description=description, assigned_user=owner)


def _tracking_urls(campaign: Campaign) -> None:
    TrackingUrl.objects.create(
        campaign=campaign, code=CATALOGUE_CODE, name="Catalogue", url="https://www.example.com/catalogue?season=autumn"
    )
    TrackingUrl.objects.create(
        campaign=campaign,
        code=THANKS_CODE,
        name="I liked it",
        action=TrackingAction.SHOW_MESSAGE,
        message="# Thank you!\n\nWe are glad that you liked the last letter.",
    )


register_demo(20, create_campaigns)
