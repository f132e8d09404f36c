"""Each message is handled once: killed between commit and flag, broken, huge, hostile, read by two at once."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from campaigns.bounces.checker import check_mailboxes, handle
from campaigns.models import BounceMessage, BounceReport
from crm import mailbox_reading
from crm.clock import database_now
from crm.mail.mailbox import READ_AT_MOST, Letter
from crm.models import AfterHandling, HandledMessage, Mailbox
from tests.campaigns.bounces.conftest import Killed, Sent, deliver
from tests.examples import examples


def test_killed_between_commit_and_flag(
    sent: Callable[..., Sent], maildir: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    mail = sent()
    path = deliver(maildir, mail.bounce())

    def die(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr("crm.mail.maildir.MaildirBox.mark_read", die)
        with pytest.raises(Killed):
            check_mailboxes()
    assert mail.reload().mass_email.hard_bounced_count == 1
    assert not HandledMessage.objects.get().is_settled and path.exists()
    assert dict(check_mailboxes()) == {}
    assert HandledMessage.objects.get().is_settled and not path.exists()
    assert (path.parent.parent / "cur" / f"{path.name}:2,S").exists()
    assert mail.reload().mass_email.hard_bounced_count == 1
    assert BounceReport.objects.count() == 1


def test_killed_before_commit(sent: Callable[..., Sent], maildir: Mailbox, monkeypatch: pytest.MonkeyPatch) -> None:
    mail = sent()
    deliver(maildir, mail.bounce())

    def die(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr("crm.mailbox_reading._remember", die)
        with pytest.raises(Killed):
            check_mailboxes()
    assert mail.reload().address.invalid_at is None and not BounceReport.objects.exists()
    assert dict(check_mailboxes()) == {"read": 1, "hard": 1}
    assert mail.reload().address.invalid_at


def test_one_bad_message_never_stops_the_run(
    sent: Callable[..., Sent], maildir: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    mail = sent()
    deliver(maildir, b"Subject: poison\n\n")
    deliver(maildir, mail.bounce())

    def picky(mailbox: Mailbox, letter: Letter) -> tuple[str, mailbox_reading.Treat]:
        if b"poison" in letter.raw:
            raise ZeroDivisionError
        return handle(mailbox, letter)

    monkeypatch.setattr("campaigns.bounces.checker.handle", picky)
    assert dict(check_mailboxes()) == {"read": 2, "error": 1, "hard": 1}
    assert dict(check_mailboxes()) == {}


def test_two_at_once_do_no_harm(sent: Callable[..., Sent], maildir: Mailbox) -> None:
    deliver(maildir, sent().bounce())
    Mailbox.objects.update(reading_until=database_now() + timedelta(minutes=1))
    assert dict(check_mailboxes()) == {}
    Mailbox.objects.update(reading_until=database_now() - timedelta(seconds=1))  # its reader was killed
    assert dict(check_mailboxes()) == {"read": 1, "hard": 1}


def test_a_message_of_50_megabytes_is_read_at_its_beginning(sent: Callable[..., Sent], maildir: Mailbox) -> None:
    mail = sent()
    path = deliver(maildir, mail.bounce())
    with path.open("ab") as file:
        file.truncate(50 * 1024 * 1024)
    assert dict(check_mailboxes()) == {"read": 1, "hard": 1}
    kept = BounceMessage.objects.get()
    assert kept.size == 50 * 1024 * 1024 and len(kept.raw) <= BounceMessage.MOST < READ_AT_MOST


def test_handled_mail_is_moved_where_the_account_says(sent: Callable[..., Sent], maildir: Mailbox) -> None:
    Mailbox.objects.update(after=AfterHandling.MOVE, move_to="Handled")
    deliver(maildir, sent().bounce())
    other = deliver(maildir, b"Subject: Hello\n\nHi\n")
    check_mailboxes()
    assert len(list((Path(maildir.path) / ".Handled" / "cur").iterdir())) == 1
    assert other.exists()


def test_leaving_it_leaves_it(sent: Callable[..., Sent], maildir: Mailbox) -> None:
    Mailbox.objects.update(after=AfterHandling.LEAVE)
    path = deliver(maildir, sent().bounce())
    check_mailboxes()
    assert path.exists() and dict(check_mailboxes()) == {}


@pytest.mark.django_db
@settings(max_examples=examples(60), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    headers=st.binary(max_size=300),
    kind=st.sampled_from(["multipart/report; boundary=b", "multipart/mixed; boundary=b", "text/plain; charset=x-none"]),
    body=st.binary(max_size=600),
)
def test_no_message_raises(maildir: Mailbox, headers: bytes, kind: str, body: bytes) -> None:
    raw = b"From: MAILER-DAEMON@x\nContent-Type: " + kind.encode() + b"\n" + headers + b"\n\n--b\n" + body
    outcome, _treat = handle(maildir, Letter("INBOX", 0, "1", len(raw), raw))
    assert outcome in {"hard", "soft", "complaint", "ignored", "unknown", "opt_out"}
