"""*Store Sent Emails*: exactly what went out, for those who got it, and for nobody else."""

import zlib
from collections.abc import Callable

from django.test import Client
from django.urls import reverse

from campaigns.models import MassEmail, QueueItem, QueueStatus, StoredEmail
from crm.models import Record
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
    assert "Dear Ines" in as_viewer.get(path, {"tab": "text"}).content.decode()
    document = reverse("campaigns:stored_document", args=[StoredEmail.objects.get().pk])
    assert f'src="{document}"' in as_viewer.get(path).content.decode()
    frame = as_viewer.get(document)
    assert "Dear Ines" in frame.content.decode()
    assert "sandbox" in frame["Content-Security-Policy"]
    assert "allow-scripts" not in frame["Content-Security-Policy"]


def test_the_kept_mail_says_what_it_is_and_leads_back(due: Due, run: Run, as_viewer: Client) -> None:
    mass_email = due(people=1, store_sent=True)
    run()
    item = QueueItem.objects.get()
    page = as_viewer.get(reverse("campaigns:stored_email", args=[item.pk])).content.decode()
    assert "<h1>Hello Ines</h1>" in page
    assert "news@acme.example.com" in page
    assert "p0@example.com" in page
    assert reverse("campaigns:mass_email_queue", args=[mass_email.pk]) in page
    QueueItem.objects.all().delete()
    assert as_viewer.get(reverse("campaigns:stored_email", args=[item.pk])).status_code == 200


def test_the_log_and_the_activity_of_a_person_lead_to_the_kept_mail(due: Due, run: Run, as_viewer: Client) -> None:
    mass_email = due(people=1, store_sent=True)
    run()
    record = Record.objects.get(email_address__address="p0@example.com")
    path = reverse("campaigns:stored_email", args=[StoredEmail.objects.get().pk])
    pages = (
        reverse("campaigns:log", args=[mass_email.campaign_id]),
        reverse("campaigns:detail", args=[mass_email.campaign_id]),
        reverse("campaigns:activity", args=[record.entity_type.slug, record.pk]),
    )
    assert [page for page in pages if f'href="{path}"' not in as_viewer.get(page).content.decode()] == []
    StoredEmail.objects.all().delete()
    assert [page for page in pages if path in as_viewer.get(page).content.decode()] == []
