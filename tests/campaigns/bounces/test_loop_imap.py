"""The whole loop over real SMTP and a real IMAP server: what comes back by mail decides who is mailed next time."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import replace
from email import message_from_bytes
from email.policy import default
from smtplib import SMTP

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP as Session
from aiosmtpd.smtp import Envelope

from campaigns.bounces.checker import check_mailboxes
from campaigns.models import Action, BounceReport, LogRecord, MassEmail, MassEmailStatus, QueueItem
from crm.models import EmailAccount, EmailAddress, Mailbox, Record, Settings
from scripts.servers import free_port
from tests.campaigns.bounces.messages import block, report, status
from tests.campaigns.sending.conftest import Run, states
from tests.campaigns.sending.conftest import run as run
from tests.factories import EmailAccountFactory, MassEmailFactory, RecordFactory, TargetListFactory
from tests.imap_server import PASSWORD, USER, ImapServer
from tests.smtp_server import Received, SmtpServer

HARD, SPAM, BYE, GOOD = (f"{name}@shop.example.com" for name in ("hard", "spam", "bye", "good"))


@pytest.fixture
def smtp() -> Iterator[SmtpServer]:
    with SmtpServer() as server:
        yield server


@pytest.fixture
def account(db: None, smtp: SmtpServer, imap: ImapServer) -> EmailAccount:
    """Sends with VERP over the one server, and reads what comes back on the other."""
    Settings.load()
    Settings.objects.update(use_verp=True)
    Mailbox.objects.all().delete()
    account: EmailAccount = EmailAccountFactory.create(smtp_port=smtp.port, envelope_address="bounce@acme.example.com")
    mailbox = Mailbox(
        account=account, host="127.0.0.1", port=imap.port, security="none", username=USER,
        opt_out_address="opt-out@acme.example.com",
    )  # fmt: skip
    mailbox.password = PASSWORD
    mailbox.save()
    return account


@pytest.fixture
def people(db: None) -> list[Record]:
    return [RecordFactory.create(email=address) for address in (HARD, SPAM, BYE, GOOD)]


def send(account: EmailAccount, people: list[Record], run: Callable[[], object]) -> MassEmail:
    mass_email: MassEmail = MassEmailFactory.create(
        account=account, status=MassEmailStatus.PENDING, lists=[TargetListFactory.create(records=people)]
    )
    run()
    return mass_email


def came_to(smtp: SmtpServer, address: str) -> list[Received]:
    return [message for message in smtp.messages if message.recipient == address]


def bounced(message: Received) -> bytes:
    """What the recipient's server sends to the return path."""
    raw = status(block(message.recipient, "5.1.1", "550 5.1.1 User unknown"))
    return raw.replace(b"To: bounce@crm.example", f"To: {message.sender}".encode(), 1)


def complained(message: Received) -> bytes:
    """What a feedback loop sends: the mail itself is in it, its recipient blacked out."""
    original = message.data.decode().replace(message.recipient, "redacted@example.net")
    parts = [
        "Content-Type: text/plain\n\nThis is an email abuse report.\n",
        "Content-Type: message/feedback-report\n\nFeedback-Type: abuse\nUser-Agent: Loop/1\nVersion: 1\n",
        f"Content-Type: message/rfc822\n\n{original}",
    ]
    return report("feedback-report", "fbl@provider.example", "Abuse report", parts)


def unsubscribed(message: Received) -> bytes:
    """What a mail program sends when somebody presses Unsubscribe."""
    offered = str(message_from_bytes(message.data, policy=default)["List-Unsubscribe"])
    address, _mark, subject = offered.partition("mailto:")[2].rstrip(">").partition("?subject=")
    return (
        f"From: somebody@shop.example.com\nTo: {address}\nSubject: {subject.replace('%20', ' ')}\n\n".encode()
    )  # fmt: skip


def test_bounce_complaint_and_opt_out_come_home_and_nobody_of_them_is_mailed_again(
    account: EmailAccount, people: list[Record], smtp: SmtpServer, imap: ImapServer, run: Run
) -> None:
    first = send(account, people, run)
    assert states(first) == {"SENT": 4}
    told = (bounced(came_to(smtp, HARD)[0]), complained(came_to(smtp, SPAM)[0]), unsubscribed(came_to(smtp, BYE)[0]))
    imap.deliver(*told, b"From: good@shop.example.com\nTo: news@acme.example.com\nSubject: Re: Hello\n\nThanks\n")
    assert dict(check_mailboxes()) == {"read": 4, "hard": 1, "complaint": 1, "opt_out": 1, "unknown": 1}
    assert check_mailboxes() == {}
    assert EmailAddress.objects.get(normalized=HARD).invalid_at
    assert EmailAddress.objects.get(normalized=SPAM).opted_out_at
    assert set(BounceReport.objects.values_list("proof", flat=True)) == {"verp", "header"}
    assert LogRecord.objects.filter(action=Action.BOUNCED).count() == 1
    second = send(account, people, run)
    assert states(second)["SENT"] >= 1 and len(came_to(smtp, HARD)) == len(came_to(smtp, SPAM)) == 1
    assert len(came_to(smtp, GOOD)) == 2
    assert QueueItem.objects.filter(mass_email_id=second.pk, reason="invalid").count() == 1


def test_who_opted_out_by_mail_is_not_mailed_over_that_list_again(
    account: EmailAccount, people: list[Record], smtp: SmtpServer, imap: ImapServer, run: Run
) -> None:
    first = send(account, people, run)
    imap.deliver(unsubscribed(came_to(smtp, BYE)[0]))
    assert check_mailboxes()["opt_out"] == 1
    MassEmailFactory.create(account=account, status=MassEmailStatus.PENDING, lists=list(first.target_lists.all()))
    run()
    assert (len(came_to(smtp, BYE)), len(came_to(smtp, GOOD))) == (1, 2)


def test_a_person_who_is_deleted_and_imported_again_stays_invalid(
    account: EmailAccount, people: list[Record], smtp: SmtpServer, imap: ImapServer, run: Run
) -> None:
    """DUTIES B10."""
    send(account, people, run)
    imap.deliver(bounced(came_to(smtp, HARD)[0]))
    check_mailboxes()
    people[0].delete()
    again = RecordFactory.create(email=HARD.upper())
    second = send(account, [again, people[3]], run)
    assert states(second) == {"SKIPPED": 1, "SENT": 1} and len(came_to(smtp, HARD)) == 1


def test_one_changed_character_of_the_return_path_changes_nothing(
    account: EmailAccount, people: list[Record], smtp: SmtpServer, imap: ImapServer, run: Run
) -> None:
    """DUTIES M25, B3: the local part fits, its domain is the sender's, and it is signed."""
    send(account, people, run)
    mail = came_to(smtp, HARD)[0]
    local, _at, domain = mail.sender.rpartition("@")
    assert len(local) <= 64 and domain == "acme.example.com" and local.startswith("bounce+")
    assert len({message.sender for message in smtp.messages}) == 4
    forged = replace(mail, sender=f"{local[:-1]}{'0' if local[-1] != '0' else '1'}@{domain}")
    imap.deliver(bounced(forged))
    assert dict(check_mailboxes()) == {"read": 1, "ignored": 1}
    assert EmailAddress.objects.get(normalized=HARD).invalid_at is None
    assert BounceReport.objects.get().decision == "forged"


class Delivering:
    """A mail server that puts what comes for us into the mailbox, as the last hop of a bounce does."""

    def __init__(self, imap: ImapServer) -> None:
        self.imap = imap
        self.taken: list[tuple[str, str]] = []

    async def handle_DATA(self, server: Session, session: object, envelope: Envelope) -> str:
        assert isinstance(envelope.content, bytes)
        self.taken.append((str(envelope.mail_from), envelope.rcpt_tos[0]))
        await asyncio.to_thread(self.imap.deliver, envelope.content)
        return "250 2.0.0 delivered"


@pytest.fixture
def home(imap: ImapServer) -> Iterator[Controller]:
    """Our own mail exchanger: aiosmtpd in front of the IMAP server."""
    controller = Controller(Delivering(imap), hostname="127.0.0.1", port=free_port(), ready_timeout=30)
    controller.start()
    yield controller
    controller.stop()


def test_a_bounce_that_another_server_sends_comes_home_over_smtp(
    account: EmailAccount, people: list[Record], smtp: SmtpServer, home: Controller, run: Run
) -> None:
    """Nothing is put into the mailbox by the test's own hand."""
    send(account, people, run)
    mail = came_to(smtp, HARD)[0]
    with SMTP("127.0.0.1", home.port, timeout=30) as remote:
        assert remote.sendmail("<>", [mail.sender], bounced(mail)) == {}
    assert home.handler.taken == [("<>", mail.sender)]
    assert dict(check_mailboxes()) == {"read": 1, "hard": 1}
    assert EmailAddress.objects.get(normalized=HARD).invalid_at
    assert BounceReport.objects.get().proof == "verp"
    assert states(send(account, people, run)) == {"SKIPPED": 1, "SENT": 3}
    assert (len(came_to(smtp, HARD)), len(came_to(smtp, GOOD))) == (1, 2)
