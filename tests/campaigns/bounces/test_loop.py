"""Send → bounce → Invalid → not mailed again, over the sandbox's server and its Maildir."""

import asyncio
import threading
from collections.abc import Callable, Iterator

import pytest

from campaigns.bounces.probing import probe_state, send_probe, suggested_address
from campaigns.jobs import check_group_email_accounts
from campaigns.models import Action, BounceReport, LogRecord, MassEmail, MassEmailStatus, QueueItem, Reason
from campaigns.sending.deliver import send_portion
from campaigns.sending.portions import cut_portions
from campaigns.sending.queue import start_due
from crm.mail.sandbox.server import SandboxServer
from crm.models import EmailAccount, EmailAddress, Mailbox, ScheduledJob, Settings, User
from tests.factories import MassEmailFactory, RecordFactory, TargetListFactory

PEOPLE = ("ana@example.com", "bounce-hard@example.com", "bounce-soft@example.com", "unknown@example.com")


@pytest.fixture
def sandbox(settings: object) -> Iterator[None]:
    """The sandbox's server on a free port, in a thread."""
    ready, stop = threading.Event(), asyncio.Event()
    loop = asyncio.new_event_loop()

    async def serve() -> None:
        async with SandboxServer("127.0.0.1", 0) as server:
            settings.HERALD_SANDBOX_PORT = server.port  # type: ignore[attr-defined]
            ready.set()
            await stop.wait()

    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()))
    thread.start()
    ready.wait(10)
    yield
    loop.call_soon_threadsafe(stop.set)
    thread.join(10)
    loop.close()


@pytest.fixture
def send(sandbox: None, db: None) -> Callable[[], MassEmail]:
    """A mass email to PEOPLE through the sandbox account, sent here and now."""
    people = [RecordFactory.create(email=address) for address in PEOPLE]
    lists = [TargetListFactory.create(records=people)]

    def once() -> MassEmail:
        mass_email: MassEmail = MassEmailFactory.create(status=MassEmailStatus.PENDING, lists=lists)
        start_due()
        for pk in cut_portions():
            send_portion(pk)
        mass_email.refresh_from_db()
        return mass_email

    return once


@pytest.mark.parametrize("verp", [True, False], ids=["VERP", "without VERP"])
def test_who_bounced_hard_is_not_mailed_again(send: Callable[[], MassEmail], verp: bool) -> None:
    Settings.load()
    Settings.objects.update(use_verp=verp)
    first = send()
    assert first.sent_count == 3
    counts = check_group_email_accounts()
    assert counts == {"read": 2, "hard": 1, "soft": 1}
    hard = EmailAddress.objects.get(normalized="bounce-hard@example.com")
    assert hard.invalid_at and "5.1.1" in hard.invalid_why
    assert EmailAddress.objects.get(normalized="bounce-soft@example.com").invalid_at is None
    first.refresh_from_db()
    assert (first.hard_bounced_count, first.soft_bounced_count) == (2, 1)  # one was refused while sending
    assert LogRecord.objects.filter(mass_email_id=first.pk, action=Action.BOUNCED).count() == 3
    proof = BounceReport.objects.get(email_address_id=hard.pk).proof
    assert proof == ("verp" if verp else "header")

    second = send()
    skipped = QueueItem.objects.filter(mass_email_id=second.pk, reason=Reason.INVALID)
    addresses = EmailAddress.objects.filter(pk__in=skipped.values("email_address_id"))
    assert set(addresses.values_list("address", flat=True)) == {"bounce-hard@example.com", "unknown@example.com"}
    assert second.sent_count == 2


def test_reading_twice_changes_nothing(send: Callable[[], MassEmail]) -> None:
    mass_email = send()
    assert check_group_email_accounts()["read"] == 2
    assert check_group_email_accounts() == {}
    mass_email.refresh_from_db()
    assert BounceReport.objects.filter(source="mailbox").count() == 2


def test_the_probe_of_the_sandbox_comes_home(sandbox: None, administrator: User) -> None:
    account = EmailAccount.objects.get(is_sandbox=True)
    probe = send_probe(account, suggested_address(account), administrator)
    assert probe.is_accepted
    assert check_group_email_accounts()["read"] == 1
    probe.refresh_from_db()
    assert probe_state(probe)[0] == "success"
    assert BounceReport.objects.get(pk=probe.report_id).proof == "verp"


def test_the_job_and_the_mailbox_of_the_sandbox_are_there_from_the_start(db: None) -> None:
    job = ScheduledJob.objects.get(key="check_group_email_accounts")
    assert job.status == "active" and job.scheduling == "*/5 * * * *"
    assert Mailbox.objects.active().get().account == EmailAccount.objects.get(is_sandbox=True)
