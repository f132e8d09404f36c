"""Mails that were sent, and the reports that come back about them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.utils import timezone
from pytest_django.fixtures import Settings as DjangoSettings

from campaigns.models import MassEmail, MassEmailStatus, QueueItem, QueueStatus
from campaigns.sending.freeze import freeze
from campaigns.tracking.links import ReturnPaths
from campaigns.tracking.message_ids import MessageIds
from crm.mail.sandbox.bounce import Undelivered, bounce_message
from crm.models import AfterHandling, EmailAddress, Mailbox, MailboxKind
from tests.factories import EmailAccountFactory, MassEmailFactory, RecordFactory, TargetListFactory
from tests.imap_server import ImapServer, imap_server

SAID = {
    "5.1.1": "550 5.1.1 <{address}>: Recipient address rejected: User unknown",
    "4.2.2": "452 4.2.2 <{address}>: The mailbox is over its quota",
    "5.7.1": "550 5.7.1 <{address}>: Message rejected as spam by content filter",
}


class Killed(BaseException):
    """Stands for kill -9: nothing after it runs."""


@dataclass
class Sent:
    """One mail that was sent to somebody."""

    item: QueueItem
    address: EmailAddress
    mass_email: MassEmail

    @property
    def verp(self) -> str:
        return ReturnPaths("bounce@acme.example.com").of(self.item.pk)

    @property
    def message_id(self) -> str:
        return MessageIds(self.mass_email.pk, "acme.example.com").of(self.item.pk)

    def bounce(self, status: str = "5.1.1", *, to: str = "", about: str = "", original: bytes = b"") -> bytes:
        """A report with this status; by itself it proves by VERP and nothing else."""
        recipient = about or self.address.address
        return bounce_message(
            Undelivered(
                sender=to or self.verp,
                recipient=recipient,
                status=status,
                diagnostic=SAID[status].format(address=recipient),
                original=original or b"From: news@acme.example.com\r\nSubject: News\r\n\r\nHello\r\n",
                at=timezone.now(),
            )
        )

    def reload(self) -> "Sent":
        self.item.refresh_from_db()
        self.address.refresh_from_db()
        self.mass_email.refresh_from_db()
        return self


@pytest.fixture
def sent(db: None) -> Callable[..., Sent]:
    """`sent("ana@example.com")`: a mass email of its own for each call."""

    def make(address: str = "ana@example.com", status: QueueStatus = QueueStatus.SENT, **values: object) -> Sent:
        record = RecordFactory.create(email=address)
        mass_email = MassEmailFactory.create(
            account=EmailAccountFactory.create(), lists=[TargetListFactory.create(records=[record])],
            status=MassEmailStatus.IN_PROCESS, sent_count=1, **values,
        )  # fmt: skip
        freeze(mass_email)
        item = QueueItem.objects.create(
            mass_email_id=mass_email.pk, record_id=record.pk, email_address_id=record.email_address_id, status=status,
            attempts=1, attempted_at=timezone.now(), sent_at=timezone.now(),
        )  # fmt: skip
        assert record.email_address
        return Sent(item, record.email_address, mass_email)

    return make


@pytest.fixture
def maildir(db: None, tmp_path: Path, settings: DjangoSettings) -> Iterator[Mailbox]:
    """A Maildir account; `deliver(maildir, octets)` puts a message into it."""
    settings.HERALD_MAILDIRS = [str(tmp_path)]
    root = tmp_path / "returns"
    for name in ("tmp", "new", "cur"):
        (root / name).mkdir(parents=True)
    Mailbox.objects.all().delete()
    yield Mailbox.objects.create(
        account=EmailAccountFactory.create(), kind=MailboxKind.MAILDIR, path=str(root), after=AfterHandling.MARK_READ
    )


@pytest.fixture(scope="session")
def running_imap() -> Iterator[ImapServer]:
    with imap_server() as server:
        yield server


@pytest.fixture
def imap(running_imap: ImapServer) -> ImapServer:
    """Empty."""
    running_imap.clear()
    return running_imap


def deliver(mailbox: Mailbox, message: bytes) -> Path:
    """As a delivery agent does it."""
    new = Path(mailbox.path) / "new"
    path = new / f"{timezone.now().timestamp():.6f}.{len(list(new.iterdir()))}.host"
    path.write_bytes(message)
    return path
