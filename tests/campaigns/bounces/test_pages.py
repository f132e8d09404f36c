"""The pages: the list, the evidence, Revert, the mailbox, the probe."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from campaigns.bounces.checker import check_mailboxes
from campaigns.bounces.probing import probe_state
from campaigns.models import Action, BounceProbe, BounceReport, LogRecord
from campaigns.tracking.links import ReturnPaths
from crm.models import AuditEntry, EmailAccount, Mailbox
from tests.campaigns.bounces.conftest import Sent, deliver
from tests.factories import EmailAccountFactory
from tests.smtp_server import SmtpServer


@pytest.fixture
def bounced(sent: Callable[..., Sent], maildir: Mailbox) -> Sent:
    mail = sent()
    deliver(maildir, mail.bounce(original=b"Subject: <script>alert(1)</script>\r\n\r\n\x1b[31m\xe2\x80\xaered\r\n"))
    check_mailboxes()
    return mail


@pytest.fixture
def report(bounced: Sent) -> BounceReport:
    return BounceReport.objects.get()


def test_the_evidence_tells_everything_and_runs_nothing(report: BounceReport, as_viewer: Client) -> None:
    page = as_viewer.get(report.get_absolute_url()).content.decode()
    for words in ("User unknown", "ana@example.com", "5.1.1", "Signed return path", "Undelivered Mail Returned"):
        assert words in page
    assert "<script>alert" not in page and "\x1b" not in page and "\u202e" not in page
    assert "revert/" not in page  # a viewer is not offered it


def test_the_list_is_searched_and_filtered(report: BounceReport, as_viewer: Client) -> None:
    where = reverse("campaigns:bounce_list")
    assert "ana@example.com" in as_viewer.get(where).content.decode()
    assert "ana@example.com" in as_viewer.get(where, {"q": "ana@", "show": "hard"}).content.decode()
    assert report.get_absolute_url() not in as_viewer.get(where, {"show": "ignored"}).content.decode()


def test_revert_makes_the_address_good_and_keeps_the_log(
    bounced: Sent, report: BounceReport, as_marketer: Client, as_viewer: Client
) -> None:
    where = reverse("campaigns:bounce_revert", args=[report.pk])
    assert as_viewer.post(where).status_code == 403
    assert bounced.reload().address.invalid_at
    as_marketer.post(where)
    assert bounced.reload().address.invalid_at is None
    report.refresh_from_db()
    assert report.reverted_at and report.reverted_by
    assert LogRecord.objects.get(action=Action.BOUNCED).detail.startswith(f"Reverted by {report.reverted_by} · ")
    page = as_viewer.get(report.get_absolute_url()).content.decode()
    assert "<strong>Reverted</strong>" in page and "<strong>The address is Invalid</strong>" not in page
    assert AuditEntry.objects.filter(action="bounce.reverted").count() == 1
    as_marketer.post(where)
    assert AuditEntry.objects.filter(action="bounce.reverted").count() == 1


def test_log_and_queue_lead_to_the_evidence(bounced: Sent, report: BounceReport, as_viewer: Client) -> None:
    link = reverse("campaigns:bounce_of_item", args=[bounced.item.pk])
    log = as_viewer.get(reverse("campaigns:log", args=[bounced.mass_email.campaign_id])).content.decode()
    queue = as_viewer.get(reverse("campaigns:mass_email_queue", args=[bounced.mass_email.pk])).content.decode()
    assert link in log and link in queue
    assert as_viewer.get(link)["Location"] == report.get_absolute_url()
    assert as_viewer.get(reverse("campaigns:bounce_of_item", args=[987654])).status_code == 404


FORM = {
    "is_active": "on", "kind": "imap", "host": "imap.example.com", "security": "tls", "port": "", "sign_in": "password",
    "username": "returns", "password": "secret words", "folders": "INBOX\n\nJunk\nINBOX", "after": "mark_read",
}  # fmt: skip


def test_a_mailbox_is_saved_and_its_password_never_shown(as_administrator: Client) -> None:
    account = EmailAccountFactory.create()
    where = reverse("crm:email_account_mailbox", args=[account.pk])
    assert as_administrator.post(where, FORM).status_code == 302
    mailbox = Mailbox.objects.get(account=account)
    assert (mailbox.port, mailbox.folder_names, mailbox.password) == (993, ["INBOX", "Junk"], "secret words")
    assert "secret words" not in mailbox.secret
    page = as_administrator.get(where).content.decode()
    assert "secret words" not in page and mailbox.secret not in page
    as_administrator.post(where, {**FORM, "password": "", "username": "other"})
    mailbox.refresh_from_db()
    assert (mailbox.password, mailbox.username) == ("secret words", "other")
    assert all("secret words" not in str(entry.changes) for entry in AuditEntry.objects.all())


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"security": "none"}, "security"),
        ({"host": ""}, "host"),
        ({"password": ""}, "password"),
        ({"after": "move"}, "move_to"),
        ({"after": "move", "move_to": "Junk"}, "move_to"),
        ({"kind": "maildir"}, "path"),
        ({"kind": "maildir", "path": "/etc"}, "path"),
    ],
)
def test_what_cannot_work_is_refused(as_administrator: Client, change: dict[str, str], field: str) -> None:
    where = reverse("crm:email_account_mailbox", args=[EmailAccountFactory.create().pk])
    answer = as_administrator.post(where, {**FORM, **change})
    assert answer.status_code == 422 and field in answer.context["form"].errors


def test_another_host_does_not_get_the_stored_password(as_administrator: Client) -> None:
    account = EmailAccountFactory.create()
    where = reverse("crm:email_account_mailbox", args=[account.pk])
    as_administrator.post(where, FORM)
    for page in ("crm:email_account_mailbox", "crm:email_account_mailbox_test"):
        elsewhere = {**FORM, "password": "", "host": "evil.example.net"}
        assert as_administrator.post(reverse(page, args=[account.pk]), elsewhere).status_code == 422


def test_the_sandbox_is_tested_live(as_administrator: Client) -> None:
    account = EmailAccount.objects.get(is_sandbox=True)
    answer = as_administrator.post(
        reverse("crm:email_account_mailbox_test", args=[account.pk]), headers={"HX-Request": "true"}
    )
    assert "INBOX" in answer.content.decode()


def test_the_bounce_of_a_probe_comes_home(as_administrator: Client, maildir: Mailbox) -> None:
    with SmtpServer() as server:
        account = EmailAccountFactory.create(smtp_port=server.port)
        where = reverse("bounces:probe", args=[account.pk])
        assert as_administrator.post(where, {"recipient": "nobody@acme.example.com"}).status_code == 302
    probe = BounceProbe.objects.get()
    assert probe.is_accepted and probe_state(probe)[0] == "info"
    fragment = as_administrator.get(where, headers={"HX-Request": "true", "HX-Target": "probe"}).content.decode()
    assert "hx-trigger" in fragment and "<html" not in fragment
    home = ReturnPaths(account.email_address).of(probe.queue_item_id)
    deliver(maildir, _bounce_to(home))
    check_mailboxes()
    probe.refresh_from_db()
    assert probe_state(probe)[0] == "success"
    assert "hx-trigger" not in as_administrator.get(where, headers={"HX-Target": "probe"}).content.decode()


def _bounce_to(sender: str) -> bytes:
    return (
        f"Return-Path: <>\nDelivered-To: {sender}\nFrom: MAILER-DAEMON@mx.example.net\nTo: {sender}\n"
        "Subject: Undelivered Mail Returned to Sender\nMIME-Version: 1.0\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\n\n--b\n\n'
        "<nobody@acme.example.com>: 550 5.1.1 User unknown\n\n--b\nContent-Type: message/delivery-status\n\n"
        "Reporting-MTA: dns; mx.example.net\n\nFinal-Recipient: rfc822; nobody@acme.example.com\nAction: failed\n"
        "Status: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 User unknown\n\n--b--\n"
    ).encode()
