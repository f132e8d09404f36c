"""What people decide while workers work: seen at once or a moment late, it happens once and leaves nobody behind."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from campaigns import lifecycle
from campaigns.models import Action, LogRecord, MassEmail, MassEmailStatus, Portion, QueueItem, QueueStatus
from campaigns.sending.claims import claim, finish
from campaigns.sending.deliver import send_portion
from campaigns.sending.outcomes import Outcome, write_outcomes
from campaigns.sending.portions import cut_portions
from campaigns.sending.queue import start_due
from campaigns.sending.stops import complete_if_done, pause_with_reason
from campaigns.sending.sweep import sweep
from campaigns.sending.test_send import send_test
from crm.mail.smtp import Attempt, Phase, Reply
from crm.models import User
from tests.campaigns.sending.conftest import Run, states
from tests.smtp_server import DROP_ACCEPTED, Act, SmtpServer

Due = Callable[..., MassEmail]
Limit = Callable[..., None]


def again(mass_email: MassEmail) -> MassEmail:
    return MassEmail.objects.get(pk=mass_email.pk)


def all_are_due() -> None:
    QueueItem.objects.filter(status=QueueStatus.DEFERRED).update(next_try_at=timezone.now() - timedelta(seconds=1))


def test_canceled_while_a_portion_is_out_skips_its_people_too(due: Due, server: SmtpServer, marketer: User) -> None:
    mass_email = due(people=5)
    start_due()
    portions = cut_portions()
    lifecycle.cancel(again(mass_email), marketer)
    assert states(mass_email) == {"CLAIMED": 5}
    for pk in portions:
        send_portion(pk)
    assert server.messages == []
    assert states(mass_email) == {"SKIPPED": 5}, "nothing leaves Pending under a canceled mass email"
    assert set(QueueItem.objects.values_list("reason", flat=True)) == {"canceled"}


def test_canceled_while_a_message_is_deferred_skips_it(due: Due, marketer: User) -> None:
    mass_email = due(people=1)
    start_due()
    (pk,) = cut_portions()
    portion = claim(pk, "a worker")
    assert portion is not None
    lifecycle.cancel(again(mass_email), marketer)
    item = QueueItem.objects.get()
    later = Attempt(Phase.RCPT, Reply(451, ("4.7.1 later",)))
    write_outcomes(portion, [Outcome.of(item.pk, later)])
    assert finish(portion, attempted=1)
    assert states(mass_email) == {"SKIPPED": 1}


def test_canceled_while_paused_is_canceled_and_not_paused(due: Due, run: Run, marketer: User) -> None:
    mass_email = due(people=1)
    start_due()
    pause_with_reason(mass_email.pk, "the server is away")
    lifecycle.cancel(again(mass_email), marketer)
    assert again(mass_email).status == MassEmailStatus.CANCELED and not again(mass_email).is_paused


def test_retry_from_a_page_that_is_older_than_the_end(due: Due, run: Run, server: SmtpServer, marketer: User) -> None:
    """Shown while In Process, pressed when Complete: who is put back is sent to."""
    server.on("RCPT", Act("452 4.2.2 full"), recipient="p0@example.com", times=1)
    mass_email = due(people=2)
    run()
    old_page = again(mass_email)
    assert old_page.status == MassEmailStatus.IN_PROCESS
    QueueItem.objects.filter(status=QueueStatus.DEFERRED).update(status=QueueStatus.FAILED, reason="mailbox_full")
    MassEmail.objects.filter(pk=mass_email.pk).update(failed_count=1)
    assert complete_if_done(mass_email.pk)
    assert lifecycle.retry_failed(old_page, marketer) == 1
    assert again(mass_email).status == MassEmailStatus.IN_PROCESS
    run()
    assert states(mass_email) == {"SENT": 2}
    assert again(mass_email).status == MassEmailStatus.COMPLETE


def test_retry_from_a_page_that_is_older_than_the_cancel(
    due: Due, run: Run, server: SmtpServer, marketer: User
) -> None:
    mass_email = due(people=2)
    start_due()
    old_page = again(mass_email)
    QueueItem.objects.filter(pk=QueueItem.objects.earliest("pk").pk).update(
        status=QueueStatus.FAILED, reason="mailbox_full"
    )
    MassEmail.objects.filter(pk=mass_email.pk).update(failed_count=1)
    lifecycle.cancel(again(mass_email), marketer)
    with pytest.raises(lifecycle.NotPossible):
        lifecycle.retry_failed(old_page, marketer)
    assert states(mass_email) == {"FAILED": 1, "SKIPPED": 1}


def test_removed_from_a_page_that_is_older_than_the_start(due: Due, marketer: User) -> None:
    mass_email = due(people=1)
    old_page = again(mass_email)
    start_due()
    with pytest.raises(lifecycle.NotPossible):
        lifecycle.remove(old_page, marketer)
    assert states(mass_email) == {"PENDING": 1}


def test_what_is_saved_between_the_look_and_the_start_is_what_is_sent(
    due: Due, run: Run, server: SmtpServer, marketer: User
) -> None:
    """A test sent from a page opened before the start does not freeze what is being sent anew."""
    mass_email = due(people=2)
    old_page = again(mass_email)
    start_due()
    assert mass_email.template is not None
    mass_email.template.subject = "Changed"
    mass_email.template.save()
    send_test(old_page, marketer, [], ["me@example.com"])
    run()
    assert len([one for one in server.messages if b"Subject: Hello Ines" in one.data]) == 2


def test_paused_between_the_look_and_the_start_does_not_start(due: Due, marketer: User) -> None:
    mass_email = due(people=1)
    lifecycle.pause(again(mass_email), marketer)
    assert start_due() == 0
    assert again(mass_email).status == MassEmailStatus.PENDING


def test_a_second_soft_bounce_of_the_same_person_is_not_counted_again(
    due: Due,
    run: Run,
    server: SmtpServer,
    marketer: User,
    settings,  # type: ignore[no-untyped-def]
) -> None:
    settings.HERALD_GIVE_UP_HOURS = 0
    server.on("RCPT", Act("452 4.2.2 full"))
    mass_email = due(people=1)
    for _time in range(3):
        run()
        assert states(mass_email) == {"FAILED": 1}
        lifecycle.retry_failed(again(mass_email), marketer)
    now = again(mass_email)
    assert now.soft_bounced_count == LogRecord.objects.filter(action=Action.BOUNCED).count() == 1
    assert now.failed_count == 0


def test_resent_after_a_retry_counts_one_sent(due: Due, run: Run, server: SmtpServer, marketer: User) -> None:
    server.on("DOT", DROP_ACCEPTED, times=2)
    mass_email = due(people=1)
    for _time in range(2):
        run()
        lifecycle.resend_uncertain(again(mass_email), marketer)
    run()
    now = again(mass_email)
    assert (now.sent_count, now.failed_count, now.status) == (1, 0, MassEmailStatus.COMPLETE)


def test_paused_by_a_person_at_the_last_moment_still_completes(due: Due, run: Run, marketer: User) -> None:
    mass_email = due(people=2)
    run()
    MassEmail.objects.filter(pk=mass_email.pk).update(status=MassEmailStatus.IN_PROCESS, paused_at=timezone.now())
    sweep()
    assert again(mass_email).status == MassEmailStatus.COMPLETE and not again(mass_email).is_paused


def test_paused_with_a_reason_at_the_last_moment_waits_for_a_person(due: Due, run: Run, marketer: User) -> None:
    mass_email = due(people=2)
    run()
    MassEmail.objects.filter(pk=mass_email.pk).update(status=MassEmailStatus.IN_PROCESS)
    pause_with_reason(mass_email.pk, "the same failure again and again")
    sweep()
    assert again(mass_email).is_paused
    lifecycle.resume(again(mass_email), marketer)
    sweep()
    assert again(mass_email).status == MassEmailStatus.COMPLETE


def test_the_log_of_what_was_in_hand_stays_with_the_campaign(due: Due, marketer: User) -> None:
    """Canceled and removed while the server still thought about one message."""
    mass_email = due(people=1)
    start_due()
    (pk,) = cut_portions()
    portion = claim(pk, "a worker")
    assert portion is not None
    lifecycle.cancel(again(mass_email), marketer)
    lifecycle.remove(again(mass_email), marketer)
    write_outcomes(portion, [Outcome.of(QueueItem.objects.get().pk, Attempt(Phase.ACCEPTED, Reply(250, ("ok",))))])
    assert LogRecord.objects.get().campaign_id == mass_email.campaign_id
    assert finish(portion, attempted=1)


def test_a_portion_of_nobody_left_does_no_harm(due: Due, marketer: User) -> None:
    mass_email = due(people=2)
    start_due()
    portions = cut_portions()
    mass_email.campaign.delete()
    for pk in portions:
        send_portion(pk)
    assert not Portion.objects.exclude(status=2).exists()
