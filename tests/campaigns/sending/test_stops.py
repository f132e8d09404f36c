"""Pause, resume, cancel, and what is deleted while a mass email is on its way."""

from collections.abc import Callable

import pytest

from campaigns import lifecycle
from campaigns.models import MassEmail, MassEmailStatus, QueueItem, QueueStatus
from campaigns.progress import progress, why_not_sending
from campaigns.sending.deliver import send_portion
from campaigns.sending.portions import cut_portions
from campaigns.sending.queue import start_due
from campaigns.tasks import send_portion_task
from crm.models import Settings, User
from tests.campaigns.sending.conftest import Run, states
from tests.smtp_server import DROP_ACCEPTED, Act, SmtpServer

Due = Callable[..., MassEmail]


def test_paused_sends_nothing_and_resumed_sends_the_rest(
    due: Due, run: Run, server: SmtpServer, marketer: User
) -> None:
    mass_email = due(people=5)
    lifecycle.pause(mass_email, marketer)
    run()
    assert server.messages == []
    lifecycle.resume(mass_email, marketer)
    run()
    assert len(server.messages) == 5


def test_a_pause_between_claim_and_sending_gives_everybody_back(
    due: Due, run: Run, server: SmtpServer, marketer: User
) -> None:
    mass_email = due(people=5)
    start_due()
    portions = cut_portions()
    lifecycle.pause(mass_email, marketer)
    for pk in portions:
        send_portion(pk)
    assert server.messages == [] and states(mass_email) == {"PENDING": 5}


def test_canceled_sends_to_nobody_else_and_says_so(due: Due, run: Run, marketer: User) -> None:
    mass_email = due(people=3)
    start_due()
    mass_email.refresh_from_db()
    lifecycle.cancel(mass_email, marketer)
    run()
    assert states(mass_email) == {"SKIPPED": 3}
    assert set(QueueItem.objects.values_list("reason", flat=True)) == {"canceled"}


def test_a_template_deleted_before_the_start_pauses_with_the_reason(due: Due, run: Run, server: SmtpServer) -> None:
    mass_email = due(people=2)
    mass_email.template.delete()
    run()
    mass_email.refresh_from_db()
    assert mass_email.is_paused and "template was deleted" in mass_email.pause_reason
    assert "template was deleted" in why_not_sending(mass_email)
    assert server.messages == []


def test_the_reason_of_a_pause_is_in_the_language_of_the_settings(due: Due, server: SmtpServer) -> None:
    Settings.objects.update_or_create(pk=1, defaults={"language": "es"})
    server.on("MAIL", Act("530 5.7.0 Authentication required"))
    mass_email = due(people=2)
    start_due()
    for pk in cut_portions():
        send_portion_task(pk)
    mass_email.refresh_from_db()
    assert mass_email.is_paused and "530 5.7.0" in mass_email.pause_reason
    assert "La cuenta de correo" in mass_email.pause_reason


def test_a_template_changed_after_the_start_changes_nobodys_mail(
    due: Due, run: Run, server: SmtpServer, limit: Callable[..., None]
) -> None:
    limit(max_per_hour=2)
    mass_email = due(people=4)
    run()
    mass_email.template.subject = "Changed"
    mass_email.template.save()
    limit(max_per_hour=100)
    run()
    assert len(server.messages) == 4
    assert all(b"Subject: Hello Ines" in message.data for message in server.messages)


def test_a_list_deleted_in_mid_run_pauses_with_its_name(
    due: Due, run: Run, server: SmtpServer, limit: Callable[..., None], marketer: User
) -> None:
    limit(max_per_hour=2)
    mass_email = due(people=4)
    run()
    mass_email.target_lists.get().delete()
    limit(max_per_hour=100)
    run()
    mass_email.refresh_from_db()
    assert mass_email.is_paused and "was deleted while sending" in mass_email.pause_reason
    assert len(server.messages) == 2
    lifecycle.resume(mass_email, marketer)
    run()
    assert len(server.messages) == 2
    assert states(mass_email) == {"SENT": 2, "SKIPPED": 2}


def test_the_campaign_deleted_in_mid_run_stops_without_an_error(
    due: Due, run: Run, server: SmtpServer, limit: Callable[..., None]
) -> None:
    limit(max_per_hour=1)
    mass_email = due(people=3)
    run()
    limit(max_per_hour=100)
    mass_email.campaign.delete()
    run()
    assert len(server.messages) == 1


def test_an_inactive_campaign_does_not_send(due: Due, run: Run, server: SmtpServer) -> None:
    mass_email = due(people=1)
    mass_email.campaign.status = "inactive"
    mass_email.campaign.save()
    run()
    assert server.messages == []


def test_uncertain_is_resent_only_by_decision(due: Due, run: Run, server: SmtpServer, marketer: User) -> None:
    server.on("DOT", DROP_ACCEPTED, recipient="p1@example.com", times=1)
    mass_email = due(people=3)
    run()
    run()
    assert states(mass_email) == {"SENT": 2, "UNCERTAIN": 1}
    assert len(server.messages) == 3
    mass_email.refresh_from_db()
    assert mass_email.status == MassEmailStatus.COMPLETE
    assert lifecycle.resend_uncertain(mass_email, marketer) == 1
    run()
    assert states(mass_email) == {"SENT": 3}


def test_retry_touches_temporary_failures_only(due: Due, run: Run, server: SmtpServer, marketer: User) -> None:
    server.on("RCPT", Act("550 5.1.1 nobody"), recipient="p0@example.com")
    mass_email = due(people=3)
    run()
    QueueItem.objects.filter(status=QueueStatus.SENT)[:1].get()
    item = QueueItem.objects.filter(status=QueueStatus.SENT).first()
    assert item is not None
    QueueItem.objects.filter(pk=item.pk).update(status=QueueStatus.FAILED, reason="mailbox_full")
    mass_email.refresh_from_db()
    assert lifecycle.retry_failed(mass_email, marketer) == 1


def test_scheduling_twice_happens_once(due: Due, marketer: User) -> None:
    mass_email = due(people=1)
    MassEmail.objects.filter(pk=mass_email.pk).update(status=MassEmailStatus.DRAFT)
    mass_email.refresh_from_db()
    lifecycle.schedule(mass_email, marketer)
    stale = MassEmail.objects.get(pk=mass_email.pk)
    with pytest.raises(lifecycle.NotPossible):
        lifecycle.schedule(stale, marketer)


def test_total_is_the_sum_of_the_states(due: Due, run: Run, server: SmtpServer) -> None:
    server.on("RCPT", Act("550 5.1.1 nobody"), recipient="p0@example.com")
    server.on("RCPT", Act("451 4.7.1 later"), recipient="p1@example.com")
    mass_email = due(people=6)
    run()
    now = progress(mass_email)
    assert now.total == 6
    assert now.total == now.sent + now.failed + now.uncertain + now.deferred + now.pending + now.in_flight + now.skipped
