"""Why a mass email is not sending: one sentence, and of several reasons the one that somebody has to act on."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from campaigns.models import MassEmail, MassEmailStatus, Portion, QueueItem, QueueStatus
from campaigns.progress import UNTAKEN, why_not_sending
from campaigns.sending.portions import cut_portions
from campaigns.sending.queue import start_due
from crm.jobs import note_alive
from crm.models import Beat, EmailAccount, ScheduledJob, Settings

Due = Callable[..., MassEmail]
HOUR = timedelta(hours=1)


@pytest.fixture
def in_order(db: None) -> None:
    """The job is active and will run in a minute, its worker is alive: nothing but the mass email holds itself back."""
    next_run_at = timezone.now() + timedelta(minutes=1)
    ScheduledJob.objects.filter(key="send_mass_emails").update(status="active", next_run_at=next_run_at)
    note_alive("worker")


def change(mass_email: MassEmail, **values: object) -> None:
    MassEmail.objects.filter(pk=mass_email.pk).update(**values)


def draft(mass_email: MassEmail) -> None:
    change(mass_email, status=MassEmailStatus.DRAFT)


def failed(mass_email: MassEmail) -> None:
    change(mass_email, status=MassEmailStatus.FAILED, failure="Nobody is left to send to.")


def complete(mass_email: MassEmail) -> None:
    change(mass_email, status=MassEmailStatus.COMPLETE)


def paused_by_a_person(mass_email: MassEmail) -> None:
    change(mass_email, paused_at=timezone.now())


def paused_by_itself(mass_email: MassEmail) -> None:
    change(mass_email, paused_at=timezone.now(), pause_reason="The target list was deleted.")


def campaign_inactive(mass_email: MassEmail) -> None:
    mass_email.campaign.status = "inactive"
    mass_email.campaign.save()


def job_inactive(_mass_email: MassEmail) -> None:
    ScheduledJob.objects.filter(key="send_mass_emails").update(status="inactive")


def job_removed(_mass_email: MassEmail) -> None:
    ScheduledJob.objects.filter(key="send_mass_emails").delete()


def no_worker(_mass_email: MassEmail) -> None:
    Beat.objects.all().delete()


def silent_worker(_mass_email: MassEmail) -> None:
    Beat.objects.update(seen_at=timezone.now() - HOUR)


def future_start(mass_email: MassEmail) -> None:
    change(mass_email, start_at=timezone.now() + HOUR)


def due_now(_mass_email: MassEmail) -> None:
    """As it was made."""


def run_overdue(_mass_email: MassEmail) -> None:
    ScheduledJob.objects.filter(key="send_mass_emails").update(next_run_at=timezone.now() - HOUR)


def several(mass_email: MassEmail) -> None:
    """A start in the future needs nobody, a campaign that is off does."""
    future_start(mass_email)
    no_worker(mass_email)
    campaign_inactive(mass_email)


def begun(_mass_email: MassEmail) -> None:
    start_due()


def backing_off(mass_email: MassEmail) -> None:
    start_due()
    EmailAccount.objects.filter(pk=mass_email.account_id or 0).update(
        retry_at=timezone.now() + HOUR, last_error="421 later"
    )


def limit_used_up(_mass_email: MassEmail) -> None:
    start_due()
    Settings.load()
    Settings.objects.update(max_per_hour=1)
    cut_portions()


def account_used_up(mass_email: MassEmail) -> None:
    EmailAccount.objects.filter(pk=mass_email.account_id or 0).update(max_per_hour=1)
    start_due()
    cut_portions()


def used_up_and_backing_off(mass_email: MassEmail) -> None:
    """What waits for the hour waits for it whatever the server says meanwhile."""
    account_used_up(mass_email)
    EmailAccount.objects.update(retry_at=timezone.now() + HOUR, last_error="421 later")


def no_sender(_mass_email: MassEmail) -> None:
    start_due()
    cut_portions()
    Portion.objects.update(created_at=timezone.now() - UNTAKEN - timedelta(seconds=30))


def only_retries(_mass_email: MassEmail) -> None:
    start_due()
    QueueItem.objects.update(status=QueueStatus.DEFERRED, next_try_at=timezone.now() + HOUR)


def nobody_left(_mass_email: MassEmail) -> None:
    start_due()
    QueueItem.objects.update(status=QueueStatus.SENT)


REASONS: list[tuple[Callable[[MassEmail], None], str]] = [
    (draft, "This is a draft."),
    (failed, "Nobody is left to send to."),
    (complete, ""),
    (paused_by_a_person, "Paused: by a person."),
    (paused_by_itself, "Paused: The target list was deleted."),
    (campaign_inactive, "The campaign is Inactive"),
    (job_inactive, "The scheduled job Send Mass Emails is not Active."),
    (job_removed, "The scheduled job Send Mass Emails is not Active."),
    (no_worker, "The worker is not running"),
    (silent_worker, "The worker is not running"),
    (future_start, "It starts on "),
    (due_now, "It starts with the next run of the job Send Mass Emails, at "),
    (run_overdue, "It starts with the next run of the job Send Mass Emails."),
    (several, "The campaign is Inactive"),
    (begun, "Sending."),
    (backing_off, "The email account does not answer (421 later). It is asked again at "),
    (limit_used_up, "The hourly limit is used up."),
    (account_used_up, "The hourly limit of the email account is used up."),
    (used_up_and_backing_off, "The hourly limit of the email account is used up."),
    (no_sender, "The senders are not running"),
    (only_retries, "Only retries are left; the next is due at "),
    (nobody_left, ""),
]


@pytest.mark.parametrize(("happen", "sentence"), REASONS, ids=[happen.__name__ for happen, _sentence in REASONS])
def test_it_tells_what_holds_it_back(
    happen: Callable[[MassEmail], None], sentence: str, due: Due, in_order: None
) -> None:
    mass_email = due(people=2)
    happen(mass_email)
    told = why_not_sending(MassEmail.objects.get(pk=mass_email.pk))
    assert told.startswith(sentence) if sentence else told == ""
