"""kill -9 while a bounce is handled: before the commit nothing happened, after it everything did, once."""

import signal
from pathlib import Path

import pytest

from tests.faults.herald import Herald

SETUP = """
from pathlib import Path
from django.conf import settings
from django.utils import timezone
from campaigns.models import MassEmailStatus, QueueItem, QueueStatus
from campaigns.sending.freeze import freeze
from campaigns.tracking.links import ReturnPaths
from crm.mail.sandbox.bounce import Undelivered, bounce_message
from crm.mail.sandbox.keeper import Keeper
from tests.factories import MassEmailFactory, RecordFactory, TargetListFactory
keeper = Keeper()
records = [RecordFactory.create(email=f"p{n}@example.com") for n in range(people)]
made = MassEmailFactory.create(lists=[TargetListFactory.create(records=records)], status=MassEmailStatus.IN_PROCESS)
freeze(made)
for record in records:
    item = QueueItem.objects.create(mass_email_id=made.pk, record_id=record.pk, status=QueueStatus.SENT,
        email_address_id=record.email_address_id, attempted_at=timezone.now(), sent_at=timezone.now())
    keeper.bounce(bounce_message(Undelivered(sender=ReturnPaths("herald@sandbox.example.com").of(item.pk),
        recipient=record.email_address.address, status="5.1.1", diagnostic="550 5.1.1 User unknown",
        original=b"Subject: News\\r\\n\\r\\n", at=timezone.now())))
"""
KILLED = """
import os, signal
import {module} as place
usual = place.{name}
calls = []
def deadly(*args, **kwargs):
    calls.append(args)
    if len(calls) == {at}:
        os.kill(os.getpid(), signal.SIGKILL)
    return usual(*args, **kwargs)
place.{name} = deadly
from campaigns.bounces.checker import check_mailboxes
check_mailboxes()
"""
READ = """
from django.utils import timezone
from campaigns.bounces.checker import check_mailboxes
from crm.models import Mailbox
Mailbox.objects.update(reading_until=None)  # what the lease does in five minutes
answer = dict(check_mailboxes())
"""
FOUND = """
from pathlib import Path
from campaigns.models import Action, BounceReport, LogRecord, MassEmail
from crm.mail.sandbox.keeper import bounces_folder
from crm.models import EmailAddress, HandledMessage
answer = {
    "hard": MassEmail.objects.get().hard_bounced_count,
    "rows": LogRecord.objects.filter(action=Action.BOUNCED).count(),
    "reports": BounceReport.objects.count(),
    "invalid": EmailAddress.objects.exclude(invalid_at=None).count(),
    "settled": HandledMessage.objects.filter(is_settled=True).count(),
    "unread": len(list((bounces_folder() / "new").iterdir())),
}
"""
PEOPLE = 5


@pytest.mark.parametrize(
    ("module", "name", "at", "handled"),
    [
        ("crm.mailbox_reading", "_remember", 3, 2),  # its consequences are written, but not committed
        ("crm.mailbox_reading", "_settle", 2, PEOPLE),  # all are committed, nothing is flagged
    ],
    ids=["before the commit", "between commit and flag"],
)
def test_every_bounce_counts_once(tmp_path: Path, module: str, name: str, at: int, handled: int) -> None:
    herald = Herald(tmp_path / "data")
    herald.folder.mkdir()
    herald.migrate()
    herald.ask(SETUP, people=PEOPLE)
    killed = herald.start(KILLED.format(module=module, name=name, at=at))
    killed.communicate(timeout=120)
    assert killed.returncode == -signal.SIGKILL
    found = herald.ask(FOUND)
    assert found["hard"] == found["rows"] == found["invalid"] == handled
    assert (found["settled"], found["unread"]) == (0, PEOPLE)
    herald.ask(READ)
    assert herald.ask(FOUND) == {
        "hard": PEOPLE, "rows": PEOPLE, "reports": PEOPLE, "invalid": PEOPLE, "settled": PEOPLE, "unread": 0,
    }  # fmt: skip
