"""A mass email that is due, and an SMTP server that listens."""

from collections import Counter
from collections.abc import Callable, Iterator

import pytest

from campaigns.models import MassEmail, MassEmailStatus, QueueItem, QueueStatus
from campaigns.sending.deliver import send_portion
from campaigns.sending.portions import cut_portions
from campaigns.sending.queue import start_due
from crm.models import Settings
from tests.factories import EmailAccountFactory, MassEmailFactory, RecordFactory, TargetListFactory
from tests.smtp_server import SmtpServer

Run = Callable[[], Counter[QueueStatus]]


@pytest.fixture
def server() -> Iterator[SmtpServer]:
    with SmtpServer() as running:
        yield running


@pytest.fixture
def due(db: None, server: SmtpServer) -> Callable[..., MassEmail]:
    """`due(people=3)`: a Pending mass email to p0@example.com … over the test server."""

    def make(people: int = 3, account: dict[str, object] | None = None, **values: object) -> MassEmail:
        sender = EmailAccountFactory.create(**{"smtp_port": server.port, **(account or {})})
        records = [RecordFactory.create(email=f"p{number}@example.com") for number in range(people)]
        values.setdefault("lists", [TargetListFactory.create(records=records)])
        return MassEmailFactory.create(account=sender, status=MassEmailStatus.PENDING, **values)

    return make


@pytest.fixture
def run() -> Run:
    """One run of the job, with its portions sent here and now."""

    def once() -> Counter[QueueStatus]:
        start_due()
        totals: Counter[QueueStatus] = Counter()
        for pk in cut_portions():
            totals += send_portion(pk)
        return totals

    return once


def states(mass_email: MassEmail) -> dict[str, int]:
    """How many items are in each state, by name."""
    found = QueueItem.objects.filter(mass_email_id=mass_email.pk, is_test=False).values_list("status", flat=True)
    return {QueueStatus(status).name: count for status, count in Counter(found).items()}


@pytest.fixture
def limit(db: None) -> Callable[..., None]:
    """`limit(max_per_hour=10)` sets the outbound limits."""

    def change(**values: int) -> None:
        Settings.load()
        Settings.objects.filter(pk=1).update(**values)

    return change
