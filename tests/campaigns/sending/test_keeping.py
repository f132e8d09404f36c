"""*Store Sent Emails*: exactly what went out, for those who got it, and for nobody else."""

import zlib
from collections.abc import Callable

from django.test import Client
from django.urls import reverse

from campaigns.models import MassEmail, QueueItem, QueueStatus, StoredEmail
from tests.campaigns.sending.conftest import Run
from tests.smtp_server import Act, SmtpServer

Due = Callable[..., MassEmail]


def test_a_copy_of_every_sent_mail_is_kept(due: Due, run: Run, server: SmtpServer) -> None:
    server.on("RCPT", Act("550 5.1.1 nobody"), recipient="p1@example.com")
    due(people=3, store_sent=True)
    run()
    kept = {stored.pk: zlib.decompress(stored.message) for stored in StoredEmail.objects.all()}
    assert set(kept) == set(QueueItem.objects.filter(status=QueueStatus.SENT).values_list("pk", flat=True))
    assert sorted(kept.values()) == sorted(received.data for received in server.messages)


def test_nothing_is_kept_without_the_option(due: Due, run: Run) -> None:
    due(people=2)
    run()
    assert not StoredEmail.objects.exists()


def test_the_kept_mail_can_be_read_and_runs_nothing(due: Due, run: Run, as_viewer: Client) -> None:
    mass_email = due(people=1, store_sent=True)
    run()
    path = reverse("campaigns:stored_email", args=[StoredEmail.objects.get().pk])
    queue = as_viewer.get(reverse("campaigns:mass_email_queue", args=[mass_email.pk]))
    assert path in queue.content.decode()
    page = as_viewer.get(path)
    assert "Dear Ines" in page.content.decode()
    assert "sandbox" in page["Content-Security-Policy"]
