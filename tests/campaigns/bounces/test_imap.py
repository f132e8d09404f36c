"""The same over a real IMAP server: incremental, read without a trace, flagged and moved as the account says."""

from collections.abc import Callable

import pytest

from campaigns.bounces.checker import MailboxesFailed, check_mailboxes
from campaigns.models import BounceReport
from crm.mail.imap import ImapBox
from crm.mail.mailbox import ConnectionLost
from crm.mailboxes import check_mailbox
from crm.models import AfterHandling, HandledMessage, Mailbox, MailFolder, SignIn
from tests.campaigns.bounces.conftest import Killed, Sent
from tests.factories import EmailAccountFactory
from tests.imap_server import PASSWORD, USER, ImapServer

ORDINARY = b"From: ana@example.com\nSubject: Re: News\n\nThank you!\n"


@pytest.fixture
def server(imap: ImapServer) -> ImapServer:
    return imap


@pytest.fixture
def mailbox(db: None, server: ImapServer) -> Mailbox:
    Mailbox.objects.all().delete()
    box = Mailbox(
        account=EmailAccountFactory.create(), host="127.0.0.1", port=server.port, security="none", username=USER,
        after=AfterHandling.MARK_READ,
    )  # fmt: skip
    box.password = PASSWORD
    box.save()
    return box


def test_bounces_are_handled_and_marked_and_the_rest_is_untouched(
    sent: Callable[..., Sent], mailbox: Mailbox, server: ImapServer
) -> None:
    mail = sent()
    server.deliver(ORDINARY, mail.bounce(), ORDINARY + b"again\n")
    assert dict(check_mailboxes()) == {"read": 3, "unknown": 2, "hard": 1}
    assert mail.reload().address.invalid_at
    assert list(server.seen().values()) == [False, True, False]
    assert dict(check_mailboxes()) == {}
    assert HandledMessage.objects.count() == 3


def test_only_what_is_new_is_read(sent: Callable[..., Sent], mailbox: Mailbox, server: ImapServer) -> None:
    server.deliver(ORDINARY)
    check_mailboxes()
    server.deliver(sent().bounce("4.2.2"))
    assert dict(check_mailboxes()) == {"read": 1, "soft": 1}
    assert MailFolder.objects.get().last_uid == max(server.seen())


@pytest.mark.parametrize("after", [AfterHandling.MARK_READ, AfterHandling.MOVE])
@pytest.mark.parametrize("is_told", [False, True], ids=["before the server is told", "when it was told"])
def test_killed_between_commit_and_flag(
    sent: Callable[..., Sent], mailbox: Mailbox, server: ImapServer, monkeypatch: pytest.MonkeyPatch,
    after: AfterHandling, is_told: bool,
) -> None:  # fmt: skip
    Mailbox.objects.update(after=after, move_to="Handled")
    mail = sent()
    server.deliver(mail.bounce())
    with monkeypatch.context() as patched:
        _kill_at(patched, after, is_told)
        with pytest.raises(Killed):
            check_mailboxes()
    assert mail.reload().mass_email.hard_bounced_count == 1
    assert not HandledMessage.objects.get().is_settled
    assert dict(check_mailboxes()) == {}
    assert HandledMessage.objects.get().is_settled
    if after == AfterHandling.MOVE:
        assert server.seen() == {}
    assert list(server.seen("Handled" if after == AfterHandling.MOVE else "INBOX").values()) == [True]
    assert mail.reload().mass_email.hard_bounced_count == 1 and BounceReport.objects.count() == 1


def _kill_at(patched: pytest.MonkeyPatch, after: AfterHandling, is_told: bool) -> None:
    verb = "move" if after == AfterHandling.MOVE else "mark_read"
    tell = getattr(ImapBox, verb)

    def die(*args: object) -> None:
        if is_told:
            tell(*args)
        raise Killed

    patched.setattr(ImapBox, verb, die)


def test_another_uidvalidity_repeats_nothing(sent: Callable[..., Sent], mailbox: Mailbox, server: ImapServer) -> None:
    """The provider rebuilt the mailbox: all numbers are new, the messages are not."""
    mail = sent()
    server.deliver(mail.bounce())
    check_mailboxes()
    MailFolder.objects.update(validity=1)
    HandledMessage.objects.update(validity=1)
    assert dict(check_mailboxes()) == {"read": 1, "repeated": 1}
    assert mail.reload().mass_email.hard_bounced_count == 1


def test_handled_mail_is_moved(sent: Callable[..., Sent], mailbox: Mailbox, server: ImapServer) -> None:
    Mailbox.objects.update(after=AfterHandling.MOVE, move_to="Handled")
    server.deliver(ORDINARY, sent().bounce())
    check_mailboxes()
    assert len(server.seen()) == 1
    assert list(server.seen("Handled").values()) == [True]


def test_every_monitored_folder_is_read(sent: Callable[..., Sent], mailbox: Mailbox, server: ImapServer) -> None:
    Mailbox.objects.update(folders="INBOX\nJunk")
    server.create_folder("Junk")
    server.deliver(sent().bounce(), folder="Junk")
    assert dict(check_mailboxes()) == {"read": 1, "hard": 1}


def test_a_lost_connection_is_opened_again_where_reading_was(
    sent: Callable[..., Sent], mailbox: Mailbox, server: ImapServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crm.mail.imap.BATCH", 1)
    server.deliver(*(sent(f"p{number}@example.com").bounce() for number in range(3)))
    fetched = ImapBox._fetched
    asked: list[object] = []

    def breaks_once(self: ImapBox, *args: object) -> object:
        asked.append(args)
        if len(asked) == 2:
            raise ConnectionLost("socket error: EOF")
        return fetched(self, *args)  # type: ignore[arg-type]

    monkeypatch.setattr(ImapBox, "_fetched", breaks_once)
    assert dict(check_mailboxes()) == {"read": 3, "hard": 3}
    assert len(asked) == 4 and BounceReport.objects.count() == 3


def test_a_large_message_is_fetched_in_part(sent: Callable[..., Sent], mailbox: Mailbox, server: ImapServer) -> None:
    mail = sent()
    server.deliver(mail.bounce() + b"x" * 76 + (b"\n" + b"x" * 76) * 40_000)
    assert dict(check_mailboxes()) == {"read": 1, "hard": 1}


def test_a_wrong_password_is_an_alert_and_backs_off(mailbox: Mailbox) -> None:
    mailbox.password = "another"
    mailbox.save()
    with pytest.raises(MailboxesFailed):
        check_mailboxes()
    mailbox.refresh_from_db()
    assert mailbox.failures == 1 and mailbox.is_backing_off and mailbox.last_error
    assert dict(check_mailboxes()) == {}  # it is not asked again at once


def test_a_server_that_is_away_keeps_no_other_mailbox_from_being_read(
    sent: Callable[..., Sent], mailbox: Mailbox, maildir: Mailbox, server: ImapServer
) -> None:
    away = Mailbox.objects.create(account=EmailAccountFactory.create(), host="127.0.0.1", port=9, security="none")
    with pytest.raises(MailboxesFailed, match=str(away)):
        check_mailboxes()
    maildir.refresh_from_db()
    assert maildir.last_ok_at


def test_connection_test_tells_the_folders(mailbox: Mailbox, server: ImapServer) -> None:
    finding = check_mailbox(mailbox)
    assert finding.ok and "INBOX" in finding.said
    mailbox.folders = "Nowhere"
    assert not check_mailbox(mailbox).ok and "Nowhere" in check_mailbox(mailbox).sentence


def test_an_access_token_signs_in_by_xoauth2(mailbox: Mailbox) -> None:
    """The test server offers no XOAUTH2: the refusal shows that it was asked for."""
    mailbox.sign_in = SignIn.OAUTH2
    finding = check_mailbox(mailbox)
    assert not finding.ok and finding.said
