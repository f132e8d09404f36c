"""A backup put back sends nothing again unasked; on every other day nothing is held."""

from collections.abc import Callable
from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from campaigns import lifecycle
from campaigns.jobs import send_mass_emails, tidy_up
from campaigns.models import MassEmail, Pulse
from campaigns.sending.deliver import send_portion
from campaigns.sending.portions import cut_portions
from campaigns.sending.queue import start_due
from campaigns.sending.restored import FILE, beat, hold_if_restored
from crm.models import User
from tests.campaigns.sending.conftest import Run, states
from tests.smtp_server import SmtpServer

Due = Callable[..., MassEmail]


def again(mass_email: MassEmail) -> MassEmail:
    return MassEmail.objects.get(pk=mass_email.pk)


def minutes_of_work(count: int) -> None:
    hold_if_restored()
    for _minute in range(count):
        beat()


def test_an_older_database_sends_to_nobody_until_a_person_resumes(
    due: Due, run: Run, server: SmtpServer, marketer: User
) -> None:
    minutes_of_work(5)
    mass_email = due(people=3)
    start_due()
    (portion,) = cut_portions()
    Pulse.objects.update(count=2)  # as it was in the backup, with this portion ready to be sent
    send_portion(portion)
    assert server.messages == []
    assert "backup" in again(mass_email).pause_reason
    send_mass_emails()
    tidy_up()
    assert server.messages == [] and again(mass_email).is_paused
    lifecycle.resume(again(mass_email), marketer)
    run()
    assert states(mass_email) == {"SENT": 3}


def test_the_minute_of_the_sweeper_holds_it_too(due: Due) -> None:
    minutes_of_work(5)
    mass_email = due(people=1)
    Pulse.objects.update(count=1)
    assert hold_if_restored() == 1
    assert again(mass_email).is_paused


def test_normal_days_hold_nothing(due: Due, run: Run) -> None:
    mass_email = due(people=2)
    for _minute in range(3):
        tidy_up()
        run()
    assert states(mass_email) == {"SENT": 2} and again(mass_email).pause_reason == ""


def test_a_new_host_joins_those_that_work(due: Due) -> None:
    minutes_of_work(5)
    due(people=1)
    (settings.HERALD_JOURNAL_DIR / FILE).unlink()
    assert hold_if_restored() == 0


def test_a_new_host_does_not_believe_a_database_that_stood_still(due: Due) -> None:
    minutes_of_work(5)
    due(people=1)
    (settings.HERALD_JOURNAL_DIR / FILE).unlink()
    Pulse.objects.update(at=timezone.now() - timedelta(hours=6))
    assert hold_if_restored() == 1
    beat()
    assert hold_if_restored() == 0


def test_a_host_that_was_off_for_long_goes_on_by_itself(due: Due) -> None:
    """Its own file says that nothing was sent meanwhile."""
    minutes_of_work(5)
    due(people=1)
    Pulse.objects.update(at=timezone.now() - timedelta(days=3))
    assert hold_if_restored() == 0
