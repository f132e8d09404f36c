"""A restored copy of the database holds everything once, and a person lets it go on."""

from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from campaigns import lifecycle
from campaigns.models import Home, MassEmailStatus
from campaigns.sending.restored import count_run, hold_if_restored
from crm.models import User
from tests.factories import MassEmailFactory

pytestmark = pytest.mark.django_db


def test_a_database_that_stays_where_it_is_holds_nothing() -> None:
    sending = MassEmailFactory.create(status=MassEmailStatus.IN_PROCESS)
    for _run in range(3):
        assert not hold_if_restored()
        count_run()
    sending.refresh_from_db()
    assert not sending.is_paused


def test_a_copy_that_lives_elsewhere_holds_what_is_sent_and_what_waits(marketer: User) -> None:
    hold_if_restored()
    Home.objects.update(place="where the backup was made")
    held = [MassEmailFactory.create(status=status) for status in (MassEmailStatus.IN_PROCESS, MassEmailStatus.PENDING)]
    draft = MassEmailFactory.create(status=MassEmailStatus.DRAFT)
    assert hold_if_restored()
    for one in (*held, draft):
        one.refresh_from_db()
    assert [one.is_paused for one in (*held, draft)] == [True, True, False]
    assert "restored" in held[0].pause_reason
    lifecycle.resume(held[1], marketer)
    assert not hold_if_restored()
    held[1].refresh_from_db()
    assert not held[1].is_paused


def test_a_copy_in_the_old_place_has_counted_fewer_runs() -> None:
    hold_if_restored()
    count_run()
    count_run()
    Home.objects.update(runs=1)
    sending = MassEmailFactory.create(status=MassEmailStatus.IN_PROCESS)
    assert hold_if_restored()
    sending.refresh_from_db()
    assert sending.is_paused
    assert not hold_if_restored()


@pytest.mark.parametrize("memory", ["", "nonsense"])
def test_a_memory_that_is_lost_or_damaged_holds_nothing(settings: Settings, memory: str) -> None:
    hold_if_restored()
    count_run()
    (Path(settings.HERALD_DATA_DIR) / "runs-of-sending").write_text(memory)
    assert not hold_if_restored()
