"""What bounces and complaints do, and what they do not do."""

from collections.abc import Callable

import pytest

from campaigns.bounces.checker import check_mailboxes
from campaigns.models import Action, BounceReport, Decision, LogRecord, MassEmail, Proof, QueueItem, QueueStatus
from campaigns.tracking.links import ReturnPaths
from crm.models import Mailbox
from tests.campaigns.bounces.conftest import Sent, deliver


def _come_home(mailbox: Mailbox, *messages: bytes) -> dict[str, int]:
    for message in messages:
        deliver(mailbox, message)
    return dict(check_mailboxes())


def test_a_hard_bounce_makes_the_address_invalid(sent: Callable[..., Sent], maildir: Mailbox) -> None:
    mail = sent()
    assert _come_home(maildir, mail.bounce()) == {"read": 1, "hard": 1}
    mail.reload()
    assert mail.address.invalid_at and "User unknown" in mail.address.invalid_why
    assert (mail.mass_email.hard_bounced_count, mail.mass_email.soft_bounced_count) == (1, 0)
    report = BounceReport.objects.get()
    assert (report.decision, report.proof, report.code) == (Decision.INVALIDATED, Proof.VERP, "5.1.1")
    row = LogRecord.objects.get(action=Action.BOUNCED)
    assert (row.bounce, row.address, row.queue_item_id) == ("hard", "ana@example.com", mail.item.pk)


@pytest.mark.parametrize("status", ["4.2.2", "5.7.1"])
def test_what_is_not_the_persons_fault_is_only_logged(sent: Callable[..., Sent], maildir: Mailbox, status: str) -> None:
    mail = sent()
    assert _come_home(maildir, mail.bounce(status)) == {"read": 1, "soft": 1}
    assert mail.reload().address.invalid_at is None
    assert mail.mass_email.soft_bounced_count == 1
    assert BounceReport.objects.get().decision == Decision.LOGGED


def test_the_same_bounce_three_times_counts_once(sent: Callable[..., Sent], maildir: Mailbox) -> None:
    mail = sent()
    same = mail.bounce()
    assert _come_home(maildir, same, same, mail.bounce()) == {"read": 3, "hard": 2, "repeated": 1}
    assert mail.reload().mass_email.hard_bounced_count == 1
    assert LogRecord.objects.filter(action=Action.BOUNCED).count() == 1


def test_a_hard_bounce_after_a_soft_one_counts_as_hard(sent: Callable[..., Sent], maildir: Mailbox) -> None:
    mail = sent()
    _come_home(maildir, mail.bounce("4.2.2"))
    _come_home(maildir, mail.bounce("5.1.1"))
    mail.reload()
    assert (mail.mass_email.hard_bounced_count, mail.mass_email.soft_bounced_count) == (1, 0)
    assert mail.address.invalid_at


def _one_digit_changed(sender: str) -> str:
    tag = sender.index("+") + 5
    return f"{sender[:tag]}{'0' if sender[tag] != '0' else '1'}{sender[tag + 1 :]}"


def test_a_forged_token_changes_nothing(sent: Callable[..., Sent], maildir: Mailbox) -> None:
    mail = sent()
    assert _come_home(maildir, mail.bounce(to=_one_digit_changed(mail.verp))) == {"read": 1, "ignored": 1}
    _nothing_happened(mail, Decision.FORGED)


def test_a_bounce_that_names_nothing_of_ours_changes_nothing(sent: Callable[..., Sent], maildir: Mailbox) -> None:
    mail = sent()
    assert _come_home(maildir, mail.bounce(to="news@acme.example.com")) == {"read": 1, "ignored": 1}
    _nothing_happened(mail, Decision.UNPROVEN)


def test_a_bounce_about_another_address_changes_nothing(sent: Callable[..., Sent], maildir: Mailbox) -> None:
    mail = sent()
    assert _come_home(maildir, mail.bounce(about="forwarded@elsewhere.example.net")) == {"read": 1, "ignored": 1}
    _nothing_happened(mail, Decision.STRANGER)


def _returned(message_id: str) -> bytes:
    return f"From: news@acme.example.com\r\nMessage-ID: {message_id}\r\nSubject: News\r\n\r\nHello\r\n".encode()


def test_a_returned_message_id_is_believed_for_its_recipient_only(sent: Callable[..., Sent], maildir: Mailbox) -> None:
    mail, other = sent(), sent("ben@example.com")
    returned = (
        f"From: news@acme.example.com\r\nMessage-ID: {mail.message_id}\r\nSubject: News\r\n\r\nHello\r\n".encode()
    )
    plain = "news@acme.example.com"
    assert _come_home(maildir, other.bounce(to=plain, original=returned)) == {"read": 1, "ignored": 1}
    assert mail.reload().address.invalid_at is None and other.reload().address.invalid_at is None
    assert _come_home(maildir, mail.bounce(to=plain, original=returned)) == {"read": 1, "hard": 1}
    assert mail.reload().address.invalid_at
    assert BounceReport.objects.latest("pk").proof == Proof.MESSAGE_ID


def test_an_invented_message_id_is_not_believed(sent: Callable[..., Sent], maildir: Mailbox) -> None:
    mail = sent()
    invented = f"<{mail.mass_email.pk}.{mail.item.pk}.0123456789ab@acme.example.com>"
    returned = _returned(invented)
    assert _come_home(maildir, mail.bounce(to="news@acme.example.com", original=returned)) == {"read": 1, "ignored": 1}
    assert mail.reload().address.invalid_at is None


def _nothing_happened(mail: Sent, why: Decision) -> None:
    mail.reload()
    assert mail.address.invalid_at is None and mail.address.opted_out_at is None
    assert (mail.mass_email.hard_bounced_count, mail.mass_email.soft_bounced_count) == (0, 0)
    assert not LogRecord.objects.filter(action=Action.BOUNCED).exists()
    assert BounceReport.objects.get().decision == why


def test_the_bounce_of_an_uncertain_mail_proves_that_it_was_sent(sent: Callable[..., Sent], maildir: Mailbox) -> None:
    mail = sent(status=QueueStatus.UNCERTAIN)
    _come_home(maildir, mail.bounce())
    assert mail.reload().item.status == QueueStatus.SENT
    assert mail.mass_email.sent_count == 2
    assert LogRecord.objects.filter(action=Action.SENT, queue_item_id=mail.item.pk).count() == 1


def test_the_bounce_of_a_test_changes_nobody(sent: Callable[..., Sent], maildir: Mailbox) -> None:
    mail = sent()
    QueueItem.objects.filter(pk=mail.item.pk).update(is_test=True)
    _come_home(maildir, mail.bounce())
    assert mail.reload().address.invalid_at is None and mail.mass_email.hard_bounced_count == 0
    assert BounceReport.objects.get().decision == Decision.TEST


def test_a_complaint_opts_out_entirely(sent: Callable[..., Sent], maildir: Mailbox) -> None:
    mail = sent()
    assert _come_home(maildir, _complaint(mail)) == {"read": 1, "complaint": 1}
    mail.reload()
    assert mail.address.opted_out_at and mail.address.invalid_at is None
    assert (mail.mass_email.complaint_count, mail.mass_email.opted_out_count) == (1, 1)
    assert LogRecord.objects.get(action=Action.OPTED_OUT).detail.startswith("complaint")


def _complaint(mail: Sent) -> bytes:
    """RFC 5965."""
    return (
        "From: Feedback <feedback@provider.example.net>\r\nTo: abuse@acme.example.com\r\nSubject: Abuse report\r\n"
        'MIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=feedback-report; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain\r\n\r\nThis is an abuse report.\r\n"
        "--b\r\nContent-Type: message/feedback-report\r\n\r\nFeedback-Type: abuse\r\nUser-Agent: Provider/1\r\n"
        f"Version: 1\r\nOriginal-Mail-From: <{ReturnPaths('bounce@acme.example.com').of(mail.item.pk)}>\r\n"
        f"Original-Rcpt-To: <{mail.address.address}>\r\n\r\n"
        "--b\r\nContent-Type: message/rfc822\r\n\r\n"
        f"Return-Path: <{mail.verp}>\r\nFrom: news@acme.example.com\r\nTo: {mail.address.address}\r\n"
        f"Message-ID: {mail.message_id}\r\nSubject: News\r\n\r\nHello\r\n--b--\r\n"
    ).encode()


def test_ordinary_mail_stays_as_it_is(sent: Callable[..., Sent], maildir: Mailbox) -> None:
    sent()
    path = deliver(maildir, b"From: ana@example.com\nTo: news@acme.example.com\nSubject: Re: News\n\nThank you!\n")
    assert dict(check_mailboxes()) == {"read": 1, "unknown": 1}
    assert path.exists() and path.parent.name == "new"
    assert not BounceReport.objects.exists()
    assert MassEmail.objects.get().hard_bounced_count == 0


@pytest.mark.parametrize(
    ("known", "told"),
    [
        ("b\u00fccher", "B\u00fccher"),
        ("stra\u00dfe", "Stra\u00dfe"),
        ("\u03bf\u03b4\u03cc\u03c2", "\u039f\u03b4\u03cc\u03c2"),
    ],
)
def test_a_report_may_write_the_domain_in_its_own_letters(
    sent: Callable[..., Sent], maildir: Mailbox, known: str, told: str
) -> None:
    """RFC 6533 lets it, and we know addresses by their A-label: that of IDNA 2008, with \u00df and a final sigma."""
    mail = sent(f"ana@{known}.example")
    assert "xn--" in mail.address.normalized
    assert _come_home(maildir, mail.bounce(about=f"ana@{told}.example")) == {"read": 1, "hard": 1}
