"""What stands in a mailbox's way never stands in the way of the rest of it, nor of the other mailboxes."""

import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientError

from campaigns.bounces.checker import MailboxesFailed, check_mailboxes
from campaigns.models import BounceReport
from crm import mailbox_reading
from crm.mail import imap
from crm.mail.mailbox import MailboxError
from crm.models import AfterHandling, HandledMessage, Mailbox, MailFolder
from tests.campaigns.bounces.conftest import Sent, deliver
from tests.campaigns.bounces.test_imap import ORDINARY
from tests.campaigns.bounces.test_imap import mailbox as mailbox
from tests.campaigns.bounces.test_imap import server as server
from tests.factories import EmailAccountFactory
from tests.imap_server import ImapServer

MakeSent = Callable[..., Sent]


def test_a_folder_that_is_gone_keeps_nobody_from_the_others(
    sent: MakeSent, mailbox: Mailbox, server: ImapServer
) -> None:
    Mailbox.objects.update(folders="Gone\nINBOX")
    mail = sent()
    server.deliver(mail.bounce())
    assert dict(check_mailboxes()) == {"read": 1, "hard": 1}
    mailbox.refresh_from_db()
    assert mailbox.last_error.startswith("Gone:") and not mailbox.is_backing_off and mail.reload().address.invalid_at


def test_where_no_folder_can_be_read_the_mailbox_cannot(mailbox: Mailbox) -> None:
    Mailbox.objects.update(folders="Gone")
    with pytest.raises(MailboxesFailed, match="Gone"):
        check_mailboxes()
    mailbox.refresh_from_db()
    assert mailbox.is_backing_off


def test_a_bounce_that_cannot_be_moved_keeps_nobody_from_reading(
    sent: MakeSent, mailbox: Mailbox, server: ImapServer
) -> None:
    """Its folder was deleted; after a week it is left as it is."""
    old = HandledMessage.objects.create(
        mailbox=mailbox, folder="Gone", validity=1, uid="7", digest="x", outcome="hard", is_settled=False
    )
    server.deliver(sent().bounce())
    assert dict(check_mailboxes()) == {"read": 1, "hard": 1}
    mailbox.refresh_from_db()
    assert mailbox.last_error.startswith("Gone:")
    HandledMessage.objects.filter(pk=old.pk).update(at=timezone.now() - timedelta(days=8))
    check_mailboxes()
    check_mailboxes()
    mailbox.refresh_from_db()
    assert mailbox.last_error == "" and not HandledMessage.objects.filter(is_settled=False).exists()


def test_a_message_that_the_server_cannot_read_is_passed_by(
    sent: MakeSent, mailbox: Mailbox, server: ImapServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    mail = sent()
    server.deliver(ORDINARY, mail.bounce(), ORDINARY + b"again\n")
    broken = min(server.seen())
    fetch = IMAPClient.fetch

    def refuse(client: IMAPClient, uids: list[int], items: list[str]) -> Any:
        if broken in uids:
            raise IMAPClientError("FETCH failed: NO [SERVERBUG] corrupted")
        return fetch(client, uids, items)

    monkeypatch.setattr(IMAPClient, "fetch", refuse)
    assert dict(check_mailboxes()) == {"read": 3, "error": 1, "hard": 1, "unknown": 1}
    assert mail.reload().address.invalid_at and dict(check_mailboxes()) == {}


def test_a_server_that_can_read_nothing_has_lost_nothing(
    sent: MakeSent, mailbox: Mailbox, server: ImapServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.deliver(sent().bounce(), ORDINARY)

    def refuse(client: IMAPClient, uids: list[int], items: list[str]) -> Any:
        raise IMAPClientError("FETCH failed: NO [UNAVAILABLE] later")

    with monkeypatch.context() as patched:
        patched.setattr(IMAPClient, "fetch", refuse)
        with pytest.raises(MailboxesFailed, match="UNAVAILABLE"):
            check_mailboxes()
    assert not HandledMessage.objects.exists() and not MailFolder.objects.exists()
    Mailbox.objects.update(retry_at=None)
    assert dict(check_mailboxes()) == {"read": 2, "hard": 1, "unknown": 1}


def test_a_huge_folder_is_listed_some_at_a_time(
    sent: MakeSent, mailbox: Mailbox, server: ImapServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """imaplib refuses a line of more than a million octets: the UIDs of some 140,000 messages."""
    monkeypatch.setattr(imap, "LISTED", 2)
    server.deliver(*(ORDINARY + b"%d\n" % number for number in range(5)), sent().bounce())
    assert dict(check_mailboxes()) == {"read": 6, "unknown": 5, "hard": 1}
    server.deliver(ORDINARY + b"new\n")
    assert dict(check_mailboxes()) == {"read": 1, "unknown": 1}


def test_many_are_told_to_the_mailbox_in_several_commands(
    sent: MakeSent, mailbox: Mailbox, server: ImapServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mailbox_reading, "TOLD_AT_ONCE", 2)
    server.deliver(*(sent(f"p{number}@example.com").bounce() for number in range(5)))
    assert check_mailboxes()["hard"] == 5
    assert list(server.seen().values()) == [True] * 5


@pytest.mark.parametrize("error", [RuntimeError("unforeseen"), MailboxError("unreachable")])
def test_one_mailbox_that_fails_in_whatever_way_keeps_nobody_from_the_next(
    sent: MakeSent, maildir: Mailbox, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    deliver(maildir, sent().bounce())
    other = Mailbox.objects.create(account=EmailAccountFactory.create(), kind="maildir", path=maildir.path + "/none")
    opened = mailbox_reading.opened

    def fail(box: Mailbox) -> Any:
        if box == other:
            raise error
        return opened(box)

    monkeypatch.setattr(mailbox_reading, "opened", fail)
    with pytest.raises(MailboxesFailed, match=str(error)):
        check_mailboxes()
    other.refresh_from_db()
    assert other.is_backing_off and str(error) in other.last_error and other.reading_until is None
    assert HandledMessage.objects.filter(mailbox=maildir, outcome="hard").exists()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_passed_by(sent: MakeSent, maildir: Mailbox) -> None:
    deliver(maildir, ORDINARY).chmod(0)
    deliver(maildir, sent().bounce())
    assert dict(check_mailboxes()) == {"read": 2, "error": 1, "hard": 1}


def test_what_is_no_file_is_passed_by(sent: MakeSent, maildir: Mailbox) -> None:
    """A pipe would never end."""
    new = Path(maildir.path) / "new"
    os.mkfifo(new / "1.pipe.host")
    (new / "2.folder.host").mkdir()
    deliver(maildir, sent().bounce())
    assert dict(check_mailboxes()) == {"read": 1, "hard": 1}


def test_a_run_that_lost_its_lease_stops_and_takes_nothing_from_the_one_that_has_it(
    sent: MakeSent, maildir: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was asleep for longer than the lease; the other run has read everything meanwhile."""
    monkeypatch.setattr(mailbox_reading, "RENEW_AFTER", -1.0)
    mails = [sent(f"p{number}@example.com") for number in range(2)]
    for mail in mails:
        deliver(maildir, mail.bounce())
    until = timezone.now() + timedelta(minutes=4)
    handled = mailbox_reading._Run._handled

    def slow(run: Any, letter: Any) -> str:
        Mailbox.objects.filter(pk=maildir.pk).update(reading_until=until)
        return handled(run, letter)

    monkeypatch.setattr(mailbox_reading._Run, "_handled", slow)
    assert dict(check_mailboxes()) == {"read": 1, "hard": 1}
    maildir.refresh_from_db()
    assert maildir.reading_until == until and maildir.last_error == ""


def test_what_another_run_took_at_the_same_time_is_no_error(
    sent: MakeSent, mailbox: Mailbox, server: ImapServer
) -> None:
    """Both have fetched it; the other one was faster."""
    server.deliver(sent().bounce())
    (uid,) = server.seen()
    HandledMessage.objects.create(
        mailbox=mailbox, folder="INBOX", validity=_validity(server), uid=str(uid), digest="told", outcome="hard"
    )
    assert dict(check_mailboxes()) == {}
    assert HandledMessage.objects.get().outcome == "hard" and not BounceReport.objects.exists()


def test_the_watermark_never_goes_back(mailbox: Mailbox, server: ImapServer) -> None:
    server.deliver(ORDINARY)
    (uid,) = server.seen()
    row = MailFolder.objects.create(mailbox=mailbox, name="INBOX", validity=_validity(server), last_uid=uid - 1)
    check_mailboxes()
    MailFolder.objects.filter(pk=row.pk).update(last_uid=uid + 40)
    check_mailboxes()
    row.refresh_from_db()
    assert row.last_uid == uid + 40


def test_after_another_uidvalidity_nothing_counts_twice(sent: MakeSent, mailbox: Mailbox, server: ImapServer) -> None:
    """UIDVALIDITY (RFC 3501 §2.3.1.1)."""
    Mailbox.objects.update(after=AfterHandling.LEAVE)
    mail = sent()
    server.deliver(mail.bounce())
    assert dict(check_mailboxes()) == {"read": 1, "hard": 1}
    MailFolder.objects.update(validity=12345)
    HandledMessage.objects.update(validity=12345)
    assert dict(check_mailboxes()) == {"read": 1, "repeated": 1}
    assert mail.reload().mass_email.hard_bounced_count == 1


def _validity(server: ImapServer) -> int:
    with server.client() as client:
        return int(client.select_folder("INBOX", readonly=True)[b"UIDVALIDITY"])
