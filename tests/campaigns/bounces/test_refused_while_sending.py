"""What a server refused while we were sending is evidence like any other: shown, and taken back."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from campaigns.lifecycle import retry_failed
from campaigns.models import Action, BounceReport, LogRecord, MassEmail, MassEmailStatus
from crm.models import AuditEntry, EmailAddress, Settings, User
from tests.campaigns.sending.conftest import Run, states
from tests.campaigns.sending.conftest import due as due
from tests.campaigns.sending.conftest import run as run
from tests.campaigns.sending.conftest import server as server
from tests.factories import MassEmailFactory
from tests.smtp_server import Act, SmtpServer

UNKNOWN = "550 5.1.1 <p0@example.com>: Recipient address rejected: User unknown in local table"
SPAM = "554 5.7.1 Your message looks like spam"
BLAMED = "550 5.1.1 <p0@example.com>: Message rejected as spam by our content filter"
FULL = "550 5.2.2 <p1@example.com>: The mailbox is over its quota"
TOO_FAST = "550 5.2.2 The user you are trying to contact is receiving mail too quickly"
GREYLISTED = "550 5.2.2 Greylisted, please try again later"


@pytest.fixture
def refused(due: Callable[..., MassEmail], server: SmtpServer, run: Run) -> MassEmail:
    """p0 does not exist, p1's mailbox is full."""
    server.on("RCPT", Act(UNKNOWN), recipient="p0@example.com")
    server.on("RCPT", Act(FULL), recipient="p1@example.com", times=1)
    mass_email = due(people=2)
    run()
    assert states(mass_email) == {"FAILED": 2}
    return mass_email


@pytest.fixture
def report(refused: MassEmail) -> BounceReport:
    return BounceReport.objects.get(address="p0@example.com")


def test_a_refusal_has_a_report_with_what_was_said_and_decided(refused: MassEmail) -> None:
    hard, soft = BounceReport.objects.order_by("address")
    assert (hard.source, hard.kind, hard.decision, hard.proof) == ("smtp", "hard", "invalidated", "server")
    assert (soft.source, soft.kind, soft.decision, soft.proof) == ("smtp", "soft", "logged", "server")
    assert "User unknown in local table" in hard.said and "over its quota" in soft.said
    assert hard.mass_email_id == soft.mass_email_id == refused.pk and hard.campaign_id == refused.campaign_id
    invalid = EmailAddress.objects.exclude(invalid_at=None)
    assert [address.pk for address in invalid] == [hard.email_address_id]


def test_its_page_shows_the_evidence(report: BounceReport, as_viewer: Client) -> None:
    answer = as_viewer.get(report.get_absolute_url())
    page = answer.content.decode()
    assert answer.status_code == 200
    for words in ("User unknown in local table", "p0@example.com", report.get_source_display()):
        assert words in page
    assert as_viewer.get(reverse("campaigns:bounce_of_item", args=[report.queue_item_id]))["Location"] in (
        report.get_absolute_url()
    )


def test_revert_lets_the_address_be_mailed_again(
    refused: MassEmail, report: BounceReport, as_marketer: Client, server: SmtpServer, run: Run
) -> None:
    where = reverse("campaigns:bounce_revert", args=[report.pk])
    as_marketer.post(where)
    report.refresh_from_db()
    assert report.reverted_at and EmailAddress.objects.get(pk=report.email_address_id or 0).invalid_at is None
    row = LogRecord.objects.get(action=Action.BOUNCED, queue_item_id=report.queue_item_id)
    assert row.detail.startswith("Reverted by")
    assert AuditEntry.objects.filter(action="bounce.reverted").count() == 1
    again = MassEmailFactory.create(
        account=refused.account, status=MassEmailStatus.PENDING, lists=list(refused.target_lists.all())
    )
    run()
    assert states(again) == {"FAILED": 1, "SENT": 1}  # asked again, and refused again


def test_a_refusal_that_changed_nothing_has_nothing_to_revert(refused: MassEmail, as_marketer: Client) -> None:
    soft = BounceReport.objects.get(address="p1@example.com")
    as_marketer.post(reverse("campaigns:bounce_revert", args=[soft.pk]))
    soft.refresh_from_db()
    assert soft.reverted_at is None and not AuditEntry.objects.filter(action="bounce.reverted").exists()


@pytest.mark.parametrize("step", ["RCPT", "DATA", "DOT"])
@pytest.mark.parametrize(("said", "reason"), [(SPAM, "spam"), (BLAMED, "spam"), ("550 5.7.26 no DMARC", "auth")])
def test_what_is_refused_for_the_message_has_its_evidence_and_is_never_blamed_on_the_person(
    due: Callable[..., MassEmail], server: SmtpServer, run: Run, as_viewer: Client, step: str, said: str, reason: str
) -> None:
    server.on(step, Act(said))
    mass_email = due(people=1)
    run()
    assert states(mass_email) == {"FAILED": 1}
    report = BounceReport.objects.get()
    assert (report.source, report.kind, report.decision, report.proof) == ("smtp", "soft", "logged", "server")
    assert report.reason.startswith(reason) and report.rule and report.code in said
    assert not EmailAddress.objects.exclude(invalid_at=None).exists()
    mass_email.refresh_from_db()
    assert (mass_email.hard_bounced_count, mass_email.soft_bounced_count, mass_email.failed_count) == (0, 1, 1)
    row = LogRecord.objects.get(action=Action.BOUNCED)
    assert (row.queue_item_id, row.bounce) == (report.queue_item_id, "soft") and said in row.detail
    where = as_viewer.get(reverse("campaigns:bounce_of_item", args=[report.queue_item_id]))["Location"]
    assert said.partition(" ")[2] in as_viewer.get(where).content.decode().replace("&lt;", "<").replace("&gt;", ">")


def test_a_fault_of_ours_is_no_refusal_of_a_server(due: Callable[..., MassEmail], run: Run) -> None:
    mass_email = due(people=1)
    EmailAddress.objects.update(address="us\u00e9r@example.com")
    run()
    assert states(mass_email) == {"FAILED": 1} and not BounceReport.objects.exists()


@pytest.mark.parametrize(
    ("said", "last", "is_invalid"),
    [(FULL, FULL, True), (SPAM, SPAM, False), (FULL, TOO_FAST, False), (FULL, GREYLISTED, False)],
    ids=["full", "spam", "too fast", "greylisted"],
)
def test_the_third_full_mailbox_in_a_row_is_invalid_and_no_refusal_that_says_nothing_of_it_counts(
    due: Callable[..., MassEmail], server: SmtpServer, run: Run, as_marketer: Client, said: str,
    last: str, is_invalid: bool,
) -> None:  # fmt: skip
    Settings.load()
    Settings.objects.update(soft_bounce_limit=3, soft_bounce_span=0)
    server.on("RCPT", Act(said), times=2)
    server.on("RCPT", Act(last))
    first = due(people=1)
    run()
    for _number in range(2):
        MassEmailFactory.create(
            account=first.account, status=MassEmailStatus.PENDING, lists=list(first.target_lists.all())
        )
        run()
    decisions = list(BounceReport.objects.order_by("pk").values_list("decision", flat=True))
    assert decisions == ["logged", "logged", "soft_limit" if is_invalid else "logged"]
    assert EmailAddress.objects.exclude(invalid_at=None).exists() is is_invalid
    if is_invalid:
        as_marketer.post(reverse("campaigns:bounce_revert", args=[BounceReport.objects.latest("pk").pk]))
        assert not EmailAddress.objects.exclude(invalid_at=None).exists()


def test_what_is_refused_again_after_retry_failed_has_its_evidence_and_can_be_taken_back(
    due: Callable[..., MassEmail], server: SmtpServer, run: Run, marketer: User, as_marketer: Client
) -> None:
    """A full mailbox, full again, and then there is nobody any more: one bounce, which is a hard one in the end."""
    server.on("RCPT", Act(FULL), times=2)
    server.on("RCPT", Act(UNKNOWN))
    mass_email = due(people=1)
    run()
    for counts in ((0, 1), (1, 0)):
        assert retry_failed(mass_email, marketer) == 1
        run()
        mass_email.refresh_from_db()
        assert (mass_email.hard_bounced_count, mass_email.soft_bounced_count) == counts
        assert mass_email.refused_count == 1
        assert states(mass_email) == {"FAILED": 1} and mass_email.failed_count == 1
    *before, last = BounceReport.objects.order_by("pk")
    assert [one.decision for one in before] == ["logged", "logged"] and last.decision == "invalidated"
    row = LogRecord.objects.get(action=Action.BOUNCED)
    assert row.bounce == "hard" and "User unknown" in row.detail
    assert EmailAddress.objects.exclude(invalid_at=None).exists()
    as_marketer.post(reverse("campaigns:bounce_revert", args=[last.pk]))
    assert not EmailAddress.objects.exclude(invalid_at=None).exists()
