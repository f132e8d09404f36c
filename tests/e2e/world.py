"""What the walk over every page looks at: one object of each kind that a URL can be about."""

import time
import zlib
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText

from campaigns.content.starters import STARTERS
from campaigns.models import EmailTemplate, MassEmail, MassEmailStatus, QueueItem, StoredEmail
from campaigns.templates_store import create_template
from campaigns.tracking import links
from crm import background
from crm.imports import running
from crm.models import (
    EmailAccount,
    EntityField,
    EntityType,
    Import,
    Record,
    ScheduledJob,
    Settings,
    Suppression,
    User,
)
from targets.models import TargetList
from tests.busy_campaign import make_busy_campaign
from tests.campaigns.pages_world import make_world
from tests.crm.imports.world import draft
from tests.e2e.lists_world import following
from tests.e2e.reports_world import reports
from tests.e2e.season import bounces_of, live_through, make_season, name_people
from tests.factories import EmailAccountFactory, MassEmailFactory

PEOPLE = """First name,Last name,Email,Company,City
Inês,Rocha,ines.import@example.com,,Lisbon
Karim,Haddad,karim at example.com,,Beirut
Zoé,"Lefèvre,zoe.import@example.com,,Orléans
佐藤,花子,hanako.import@example.com,Nobody & Sons,Kyōto
Ann,Lee,ann.import@example.com,,"New
York"
"""


def import_with_refusals(user: User) -> Import:
    """Done here, or by a worker of the running Herald that was faster."""
    batch = draft(user, PEOPLE, target_list="new", new_list="Autumn fair")
    task = running.start(batch, user)
    background.run(task.pk)
    while not task.is_finished:
        time.sleep(0.1)
        task.refresh_from_db()
    return batch


def custom_field() -> EntityField:
    """A choice of a custom type, with records of which each has one."""
    members, _made = EntityType.objects.get_or_create(
        key="Member",
        defaults={"slug": "members", "label_singular": "Member", "label_plural": "Members", "icon": "id-badge",
                  "tone": "teal"},
    )  # fmt: skip
    options = {"label": "Tier", "kind": "choice", "options": ["Gold", "Silver", "Bronze"], "on_list": True}
    tier, made = EntityField.objects.get_or_create(entity_type=members, name="tier", defaults=options)
    if made:
        Record.objects.bulk_create(
            Record(entity_type=members, name=f"Member {number}", last_name=f"Member {number}", values={"tier": "Gold"})
            for number in range(12)
        )
    return tier


def stored(mass_email: MassEmail) -> StoredEmail:
    """The copy of a mail that somebody got through it."""
    item = QueueItem.objects.filter(mass_email_id=mass_email.pk, sent_at__isnull=False).order_by("pk")[0]
    opt_out = links.opt_out("http://127.0.0.1:8000", item.pk, item.email_address_id or 0)
    mail = MIMEMultipart("alternative")
    mail["Subject"], mail["From"] = "Autumn is here", "Acme <news@acme.example.com>"
    mail["To"] = "Ines Rocha <ines@rocha.example.com>"
    mail.attach(MIMEText(f"Dear Ines,\n\nautumn is here.\n\nUnsubscribe: {opt_out}"))
    mail.attach(MIMEText(f'<h1>Dear Ines,</h1><p>autumn is here. <a href="{opt_out}">Unsubscribe</a></p>', "html"))
    message = zlib.compress(mail.as_bytes())
    return StoredEmail.objects.update_or_create(pk=item.pk, defaults={"message": message})[0]


def objects() -> dict[str, int]:
    """The object of a URL by the beginning of its name, as tests.crm.test_permissions.path_of takes it."""
    world = make_world(people=30)
    contact = next(record for record in world.records if record.entity_type == EntityType.objects.get(key="Contact"))
    account = EmailAccount.objects.filter(is_sandbox=False).first() or EmailAccountFactory.create(status="inactive")
    campaign, tier = world.campaign.pk, custom_field()
    following(world.target_list)
    suppression = Suppression.objects.get_or_create(digest="0" * 64, defaults={"reason": "Asked by letter"})[0]
    administrator = User.objects.get(username="admin")
    return {
        "campaigns:": campaign,
        "campaigns:mass_email_": world.draft.pk,
        "campaigns:mass_email_new": campaign,
        "campaigns:mass_email_cancel": world.sending.pk,
        "campaigns:stored_": stored(world.sending).pk,
        "campaigns:template_": world.template.pk,
        "campaigns:tracking_url_": world.tracking_url.pk,
        "campaigns:tracking_url_new": campaign,
        "targets:": world.target_list.pk,
        "crm:record": contact.pk,
        "crm:address": contact.email_address_id or 0,
        "crm:suppression": suppression.pk,
        "crm:import_": import_with_refusals(administrator).pk,
        "draft_import": draft(administrator, PEOPLE).pk,
        "crm:email_account": account.pk,
        "crm:job": ScheduledJob.objects.get(key="send_mass_emails").pk,
        "crm:user": User.objects.order_by("pk")[0].pk,
        "crm:entity_": tier.entity_type_id,
        "crm:entity_field": tier.pk,
        "crm:entity_field_new": tier.entity_type_id,
        "membership": world.target_list.memberships.order_by("pk")[0].pk,
        "sending": world.sending.pk,
        "campaign": campaign,
        "list": world.target_list.pk,
        "template": world.template.pk,
        "entity_type": tier.entity_type_id,
        "entity_field": tier.pk,
        **reports(),
    }


def in_full_swing(people: int = 400, per_hour: int = 260) -> dict[str, str]:
    """Name → path of the pages about a campaign with days of events, which is sending more than one hour may take."""
    templates = [
        create_template(
            None, {"name": str(one.name), "subject": one.subject, "preview_text": one.preview_text, "body": one.html}
        )
        for one in STARTERS
    ]
    busy = make_busy_campaign(people)
    busy.campaign.mass_emails.filter(name="Last call").update(template=templates[1])
    Settings.objects.update(max_per_hour=per_hour)
    launch = MassEmailFactory.create(
        name="Launch day", status=MassEmailStatus.PENDING, campaign=busy.campaign, template=templates[1],
        lists=[busy.target_list],
    )  # fmt: skip
    make_season(templates[0], busy.target_list)
    name_people(list(Record.objects.filter(first_name="Ines", last_name__startswith="Rocha").order_by("pk")))
    EmailTemplate.objects.filter(body__startswith="<p>").update(body=templates[4].body)
    TargetList.objects.filter(name="Newsletter EU").exclude(pk=busy.target_list.pk).update(name="Trial users")
    live_through()
    draft = busy.campaign.mass_emails.get(name="Last call")
    return {
        "busy-campaign": busy.campaign.get_absolute_url(),
        "busy-sending": launch.get_absolute_url(),
        "busy-draft": f"/mass-emails/{draft.pk}/edit/",
        "busy-last-call": draft.get_absolute_url(),
        "busy-template": f"/email-templates/{templates[1].pk}/edit/",
        "busy-tracking-url": busy.tracking_urls[0].get_absolute_url(),
        "busy-list": busy.target_list.get_absolute_url(),
        "busy-bounce": bounces_of(busy.campaign).get_absolute_url(),
    }


def recipients() -> dict[str, str]:
    """Name → path of the pages that a recipient sees, and the page to sign in. Who is at “opted-out” has to opt out
    there first."""
    asked, gone = QueueItem.objects.exclude(email_address_id=None).order_by("pk")[:2]
    return {
        "login": "/login/",
        "recipient-opt-out": links.opt_out("", asked.pk, asked.email_address_id or 0),
        "recipient-preferences": links.preferences("", asked.pk, asked.email_address_id or 0),
        "recipient-opted-out": links.opt_out("", gone.pk, gone.email_address_id or 0),
        "recipient-bad-link": "/u/not-a-link",
    }
