"""Fetch Since, and mailboxes that other people read too: what is left alone, over IMAP and in a Maildir."""

import os
from collections.abc import Callable
from datetime import date, datetime

import pytest

from campaigns.bounces.checker import check_mailboxes
from campaigns.models import BounceReport
from crm.models import AfterHandling, HandledMessage, Mailbox
from tests.campaigns.bounces.conftest import Sent, deliver
from tests.factories import EmailAccountFactory
from tests.imap_server import PASSWORD, USER, ImapServer

SINCE = date(2026, 3, 10)
DAY_BEFORE, SAME_DAY = datetime(2026, 3, 9, 12), datetime(2026, 3, 10, 12)


@pytest.fixture
def mailbox(db: None, imap: ImapServer) -> Mailbox:
    Mailbox.objects.all().delete()
    box = Mailbox(
        account=EmailAccountFactory.create(), host="127.0.0.1", port=imap.port, security="none", username=USER,
        after=AfterHandling.MARK_READ,
    )  # fmt: skip
    box.password = PASSWORD
    box.save()
    return box


def test_what_came_to_an_imap_server_before_fetch_since_is_not_fetched(
    sent: Callable[..., Sent], mailbox: Mailbox, imap: ImapServer
) -> None:
    old, new = sent("old@example.com"), sent("new@example.com")
    Mailbox.objects.update(fetch_since=SINCE)
    imap.deliver(old.bounce(), at=DAY_BEFORE)
    assert dict(check_mailboxes()) == {}
    imap.deliver(new.bounce(), at=SAME_DAY)
    assert dict(check_mailboxes()) == {"read": 1, "hard": 1}
    assert new.reload().address.invalid_at and old.reload().address.invalid_at is None
    assert list(imap.seen().values()) == [False, True]


def test_what_came_into_a_maildir_before_fetch_since_is_not_read(sent: Callable[..., Sent], maildir: Mailbox) -> None:
    old, new = sent("old@example.com"), sent("new@example.com")
    Mailbox.objects.update(fetch_since=SINCE)
    for mail, moment in ((old, DAY_BEFORE), (new, SAME_DAY)):
        os.utime(deliver(maildir, mail.bounce()), (moment.timestamp(), moment.timestamp()))
    assert dict(check_mailboxes()) == {"read": 1, "hard": 1}
    assert new.reload().address.invalid_at and old.reload().address.invalid_at is None


def test_leave_leaves_a_bounce_unseen_and_handles_it_once(
    sent: Callable[..., Sent], mailbox: Mailbox, imap: ImapServer
) -> None:
    Mailbox.objects.update(after=AfterHandling.LEAVE)
    imap.deliver(sent().bounce())
    assert dict(check_mailboxes()) == {"read": 1, "hard": 1}
    assert list(imap.seen().values()) == [False]
    assert HandledMessage.objects.get().is_settled
    assert dict(check_mailboxes()) == {} and list(imap.seen().values()) == [False]
    assert BounceReport.objects.count() == 1
