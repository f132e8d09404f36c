"""How fast a mass email goes, measured by the portions of the last hour."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from campaigns.models import MassEmail, MassEmailStatus, Portion, PortionStatus
from campaigns.progress import pace
from tests.factories import MassEmailFactory


@pytest.fixture
def now() -> datetime:
    return timezone.now()


def sending(now: datetime, for_minutes: int) -> MassEmail:
    begun = now - timedelta(minutes=for_minutes)
    return MassEmailFactory.create(status=MassEmailStatus.IN_PROCESS, started_at=begun)


def portion(mass_email: MassEmail, now: datetime, minutes_ago: int, attempted: int) -> None:
    done = now - timedelta(minutes=minutes_ago)
    Portion.objects.create(
        mass_email_id=mass_email.pk, account_id=1, status=PortionStatus.DONE, size=1000, attempted=attempted,
        created_at=done, finished_at=done,
    )  # fmt: skip


@pytest.mark.django_db
def test_what_was_attempted_in_the_last_hour_counts(now: datetime) -> None:
    mass_email = sending(now, for_minutes=600)
    portion(mass_email, now, 61, 500)
    portion(mass_email, now, 30, 700)
    portion(mass_email, now, 1, 200)
    portion(sending(now, 600), now, 1, 999)
    assert pace(mass_email) == 900


@pytest.mark.django_db
def test_who_began_lately_is_measured_since_then(now: datetime) -> None:
    mass_email = sending(now, for_minutes=30)
    portion(mass_email, now, 10, 300)
    assert pace(mass_email) == pytest.approx(600, abs=1)


@pytest.mark.django_db
def test_who_sent_nothing_has_no_pace(now: datetime) -> None:
    assert pace(sending(now, for_minutes=5)) == 0
