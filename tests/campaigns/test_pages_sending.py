"""Schedule, unschedule, pause, resume, cancel, retry, resend, duplicate, remove, Send Test."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from campaigns.models import (
    CampaignStatus,
    EmailTemplate,
    LogRecord,
    MassEmail,
    MassEmailStatus,
    QueueItem,
    QueueStatus,
)
from crm.models import AuditEntry, EmailAccount, Role, User
from targets.models import TargetList
from tests.campaigns.pages_world import World, make_world
from tests.factories import EmailAccountFactory, RecordFactory, UserFactory
from tests.smtp_server import Act, SmtpServer


@pytest.fixture
def world(db: None) -> World:
    return make_world()


def url(mass_email: MassEmail, name: str) -> str:
    return reverse(f"campaigns:mass_email_{name}", args=[mass_email.pk])


def said(answer: Any) -> str:
    return " ".join(str(message) for message in get_messages(answer.wsgi_request))


def test_the_schedule_page_names_all_facts(world: World, as_marketer: Client) -> None:
    page = as_marketer.get(url(world.draft, "schedule")).content.decode()
    for fact in (
        "to 3 people",
        "Acme &lt;news@acme.example.com&gt;",
        "Hello Ines",
        "Launch",
        "at most 10,000 per hour",
    ):
        assert fact in page


def test_scheduling_makes_it_pending_once(world: World, as_marketer: Client, marketer: User) -> None:
    answer = as_marketer.post(url(world.draft, "schedule"), {"accept": "1"})
    assert answer["Location"] == world.draft.get_absolute_url()
    assert "Scheduled for" in said(answer)
    world.draft.refresh_from_db()
    assert world.draft.status == MassEmailStatus.PENDING
    assert AuditEntry.objects.get(action="mass_email.scheduled").user == marketer
    assert "Only a Draft" in said(as_marketer.post(url(world.draft, "schedule"), {"accept": "1"}))


def test_warnings_have_to_be_accepted(world: World, as_marketer: Client) -> None:
    answer = as_marketer.post(url(world.draft, "schedule"))
    assert answer.status_code == 422
    assert "tick the box" in answer.content.decode()
    world.draft.refresh_from_db()
    assert world.draft.status == MassEmailStatus.DRAFT


def test_send_now_takes_this_moment(world: World, as_marketer: Client) -> None:
    as_marketer.post(url(world.draft, "schedule"), {"accept": "1", "now": "1"})
    world.draft.refresh_from_db()
    assert world.draft.start_at is not None
    assert timezone.now() - world.draft.start_at < timedelta(minutes=1)


def _without_people(world: World) -> None:
    TargetList.objects.all().delete()


def _without_template(world: World) -> None:
    EmailTemplate.objects.all().delete()


def _past(world: World) -> None:
    MassEmail.objects.filter(pk=world.draft.pk).update(start_at=timezone.now() - timedelta(days=1))


def _without_date(world: World) -> None:
    MassEmail.objects.filter(pk=world.draft.pk).update(start_at=None)


def _unknown_code(world: World) -> None:
    world.tracking_url.delete()


def _unknown_placeholder(world: World) -> None:
    EmailTemplate.objects.filter(pk=world.template.pk).update(body="<p>{Person.shoeSize}</p>")


def _empty_body(world: World) -> None:
    EmailTemplate.objects.filter(pk=world.template.pk).update(body="")


def _bad_account(world: World) -> None:
    account = EmailAccountFactory.create(status="inactive")
    MassEmail.objects.filter(pk=world.draft.pk).update(account=account)


def _inactive_campaign(world: World) -> None:
    world.campaign.status = CampaignStatus.INACTIVE
    world.campaign.save(update_fields=["status"])


@pytest.mark.parametrize(
    ("break_it", "field"),
    [
        (_without_people, "target_lists"), (_without_template, "template"), (_past, "start_at"),
        (_without_date, "start_at"), (_unknown_code, "template"), (_unknown_placeholder, "template"),
        (_empty_body, "template"), (_bad_account, "account"), (_inactive_campaign, "campaign"),
    ],
)  # fmt: skip
def test_what_is_missing_blocks_and_leads_to_its_field(
    break_it: Any, field: str, world: World, as_marketer: Client
) -> None:
    break_it(world)
    answer = as_marketer.post(url(world.draft, "schedule"), {"accept": "1"})
    assert answer.status_code == 422
    assert field in {problem["check"].field for problem in answer.context["problems"]}
    assert f"{url(world.draft, 'edit')}#id_{field}" in answer.content.decode()
    world.draft.refresh_from_db()
    assert world.draft.status == MassEmailStatus.DRAFT
    assert not AuditEntry.objects.filter(action="mass_email.scheduled").exists()


def test_informational_email_needs_its_own_permission(world: World, as_marketer: Client, marketer: User) -> None:
    world.campaign.type = "informational"
    world.campaign.save(update_fields=["type"])
    EmailTemplate.objects.update(body="<p>Notice</p>")
    refused = as_marketer.post(url(world.draft, "schedule"), {"accept": "1"})
    assert "You may not send informational email" in refused.content.decode()
    User.objects.filter(pk=marketer.pk).update(may_send_informational=True)
    assert as_marketer.post(url(world.draft, "schedule"), {"accept": "1"}).status_code == 302


def test_unschedule_pause_and_resume(world: World, as_marketer: Client, marketer: User) -> None:
    as_marketer.post(url(world.draft, "schedule"), {"accept": "1"})
    as_marketer.post(url(world.draft, "unschedule"))
    world.draft.refresh_from_db()
    assert world.draft.status == MassEmailStatus.DRAFT
    back = world.campaign.get_absolute_url()
    assert as_marketer.post(url(world.sending, "pause"), {"next": back})["Location"] == back
    world.sending.refresh_from_db()
    assert world.sending.is_paused
    assert "Resume" in as_marketer.get(back).content.decode()
    assert "can be paused" in said(as_marketer.post(url(world.sending, "pause")))
    as_marketer.post(url(world.sending, "resume"))
    world.sending.refresh_from_db()
    assert not world.sending.is_paused
    actions = list(AuditEntry.objects.filter(user=marketer).order_by("id").values_list("action", flat=True))
    assert actions == [f"mass_email.{verb}" for verb in ("scheduled", "unscheduled", "paused", "resumed")]


def test_cancel_asks_with_the_numbers_first(world: World, as_marketer: Client) -> None:
    page = as_marketer.get(url(world.sending, "cancel")).content.decode()
    assert "1 person has got it." in page
    assert "2 people will not get it." in page
    as_marketer.post(url(world.sending, "cancel"))
    world.sending.refresh_from_db()
    assert world.sending.status == MassEmailStatus.CANCELED
    assert not QueueItem.objects.filter(mass_email_id=world.sending.pk, status=QueueStatus.PENDING).exists()
    assert as_marketer.post(url(world.sending, "cancel")).status_code == 422
    assert AuditEntry.objects.filter(action="mass_email.canceled").count() == 1


def test_uncertain_messages_go_again_only_by_decision(world: World, as_marketer: Client) -> None:
    item = QueueItem.objects.filter(mass_email_id=world.sending.pk, status=QueueStatus.PENDING).first()
    assert item is not None
    QueueItem.objects.filter(pk=item.pk).update(status=QueueStatus.UNCERTAIN)
    page = as_marketer.get(url(world.sending, "resend_uncertain")).content.decode()
    assert "it may have arrived" in page
    assert "gets it twice" in page
    as_marketer.post(url(world.sending, "resend_uncertain"))
    item.refresh_from_db()
    assert item.status == QueueStatus.PENDING


def test_names_come_before_domains_in_the_search_of_send_test(world: World, as_marketer: Client) -> None:
    for number in range(25):
        RecordFactory.create(first_name="Ada", last_name=f"A{number}", email=f"ada{number}@seven.example")
    RecordFactory.create(first_name="Zoe", last_name="Everett", email="zoe@example.com")
    RecordFactory.create(first_name="Eve", last_name="Xu", email="x@example.com")
    page = as_marketer.get(url(world.draft, "send_test"), {"q": "eve"}).content.decode()
    assert 0 < page.index("Eve Xu") < page.index("ada0@seven.example")
    assert 0 < page.index("Zoe Everett") < page.index("ada0@seven.example")


def test_retry_failed_takes_the_temporary_ones_only(world: World, as_marketer: Client) -> None:
    soft, hard = QueueItem.objects.filter(mass_email_id=world.sending.pk, status=QueueStatus.PENDING).order_by("id")[:2]
    QueueItem.objects.filter(pk=soft.pk).update(status=QueueStatus.FAILED, reason="mailbox_full")
    QueueItem.objects.filter(pk=hard.pk).update(status=QueueStatus.FAILED, reason="user_unknown")
    MassEmail.objects.filter(pk=world.sending.pk).update(failed_count=2)
    assert "1 person is tried again." in said(as_marketer.post(url(world.sending, "retry_failed")))
    hard.refresh_from_db()
    assert hard.status == QueueStatus.FAILED
    assert "Nobody failed temporarily" in said(as_marketer.post(url(world.sending, "retry_failed")))


def test_duplicate_gives_a_draft_and_remove_keeps_the_log(world: World, as_marketer: Client) -> None:
    as_marketer.post(url(world.sending, "duplicate"))
    copy = MassEmail.objects.get(name="Launch day (copy)")
    assert copy.status == MassEmailStatus.DRAFT
    assert as_marketer.post(url(world.sending, "remove")).status_code == 422
    MassEmail.objects.filter(pk=world.sending.pk).update(status=MassEmailStatus.COMPLETE)
    answer = as_marketer.post(url(world.sending, "remove"))
    assert answer["Location"] == world.campaign.get_absolute_url()
    assert LogRecord.objects.filter(mass_email_id=world.sending.pk).count() == 2
    assert as_marketer.get(world.campaign.get_absolute_url()).status_code == 200


# ---- Send Test


@pytest.fixture
def account(world: World) -> Any:
    with SmtpServer() as server:
        EmailAccount.objects.filter(is_system=True).update(is_system=False)
        EmailAccountFactory.create(smtp_port=server.port, is_system=True)
        yield server


def test_i_am_chosen_already_and_viewers_of_the_company_can_be(
    world: World, as_marketer: Client, marketer: User
) -> None:
    UserFactory.create(first_name="Vic", last_name="Torres", role=Role.VIEWER)
    page = as_marketer.get(url(world.draft, "send_test"))
    assert page.context["form"]["users"].value() == [marketer.pk]
    assert "Vic Torres" in page.content.decode()


def test_a_test_shows_what_the_server_said(
    account: SmtpServer, world: World, as_marketer: Client, marketer: User
) -> None:
    account.on("RCPT", Act("550 5.1.1 no such <user>"), recipient="gone@example.com")
    record = RecordFactory.create(email="ines@example.org")
    data = {"users": [marketer.pk], "records": [record.pk], "addresses": "gone@example.com"}
    answer = as_marketer.post(url(world.draft, "send_test"), data)
    assert answer.status_code == 302
    assert "2 of 3 test emails were accepted." in said(answer)
    page = as_marketer.get(answer["Location"]).content.decode()
    assert "550 5.1.1 no such &lt;user&gt;" in page
    assert "ines@example.org: accepted" in page
    assert {message.recipient for message in account.messages} == {marketer.email, "ines@example.org"}
    assert "ines@example.org: accepted" not in as_marketer.get(answer["Location"]).content.decode()  # said once
    assert len(account.messages) == 2


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({}, "Select at least one target."),
        ({"addresses": "nobody"}, "not an email address"),
        ({"addresses": ", ".join(f"a{n}@example.com" for n in range(21))}, "at most 20 targets"),
        ({"users": ["987"]}, "valid choice"),
        ({"records": ["987"]}, "valid choice"),
    ],
)
def test_a_test_to_nobody_or_to_nonsense_is_refused(
    data: dict[str, Any], words: str, account: SmtpServer, world: World, as_marketer: Client
) -> None:
    answer = as_marketer.post(url(world.draft, "send_test"), data)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert account.messages == []


def test_a_test_without_template_says_so(account: SmtpServer, world: World, as_marketer: Client) -> None:
    EmailTemplate.objects.all().delete()
    answer = as_marketer.post(url(world.draft, "send_test"), {"addresses": "a@example.com"})
    assert answer.status_code == 422
    assert "template was deleted" in answer.content.decode()


def test_records_are_found_and_stay_ticked(world: World, as_marketer: Client) -> None:
    first, second = RecordFactory.create(last_name="Quill"), RecordFactory.create(last_name="Zorn")
    page = as_marketer.post(url(world.draft, "send_test"), {"search": "1", "q": "quill", "records": [second.pk]})
    assert page.status_code == 200
    found = {row["record"]: row["is_ticked"] for row in page.context["found"]}
    assert found == {first: False, second: True}
