"""A target list that follows reports changes while its mass email is being sent."""

from collections.abc import Callable

from campaigns.models import MassEmail, QueueItem, QueueStatus
from targets.models import ReportSync, SyncMode
from targets.sync import run as sync_run
from tests.campaigns.sending.conftest import Run
from tests.factories import RecordFactory, ReportFactory
from tests.smtp_server import SmtpServer


def test_who_leaves_by_a_sync_gets_no_mail_any_more_and_everybody_else_gets_one(
    due: Callable[..., MassEmail], run: Run, limit: Callable[..., None], server: SmtpServer
) -> None:
    limit(max_per_batch=2)
    mass_email = due(people=4)
    target_list = mass_email.target_lists.get()
    run()
    RecordFactory.create(email="late@example.com")
    row = ReportSync.objects.create(target_list=target_list, mode=SyncMode.EXACT)
    row.reports.add(ReportFactory.create(criteria={"none": [["email", "is", "p3@example.com"]]}))
    done = sync_run(row)
    assert (done.added, done.removed) == (1, 1)
    run()
    run()
    mailed = sorted(address for message in server.messages for address in message.recipients)
    assert mailed == ["p0@example.com", "p1@example.com", "p2@example.com"]
    left = QueueItem.objects.exclude(status=QueueStatus.SENT).get()
    assert (left.status, left.reason) == (QueueStatus.SKIPPED, "not_listed")
