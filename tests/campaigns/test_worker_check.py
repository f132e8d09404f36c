"""What *Ready to send?* says of the worker: that it runs, that it fell silent, or that it has not begun."""

from datetime import timedelta

import pytest
from django.utils import timezone

from campaigns.checks import SILENT, ready_checks
from crm.jobs import note_alive
from crm.models import Beat, ScheduledJob, User
from tests.factories import MassEmailFactory


def told(user: User) -> str:
    ScheduledJob.objects.filter(key="send_mass_emails").update(status="active")
    (one,) = [check.sentence for check in ready_checks(MassEmailFactory.create(), user) if "worker" in check.sentence]
    return one


@pytest.mark.parametrize(
    ("ago", "says"),
    [(None, "has not ticked yet"), (timedelta(), "worker is alive"), (2 * SILENT, "gave no sign of life")],
)
def test_each_state_of_the_worker_has_its_sentence(administrator: User, ago: timedelta | None, says: str) -> None:
    if ago is not None:
        note_alive("worker")
        Beat.objects.update(seen_at=timezone.now() - ago)
    assert says in told(administrator)
