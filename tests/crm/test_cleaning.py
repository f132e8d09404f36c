"""The job *Clean-up*: every cleaning is done, also beside one that fails, and the log of the job says what went."""

from collections.abc import Iterator

import pytest

from crm import cleaning
from crm.jobs import run_job_now
from crm.models import RunStatus, ScheduledJob, User

pytestmark = pytest.mark.django_db


@pytest.fixture
def swept() -> Iterator[list[str]]:
    done: list[str] = []

    def sweep() -> int:
        done.append("swept")
        return 3

    def break_down() -> int:
        raise OSError("the disk is away")

    cleaning.register_cleaning("a_broken", break_down)
    cleaning.register_cleaning("z_swept", sweep)
    yield done
    del cleaning._cleanings["a_broken"], cleaning._cleanings["z_swept"]


def test_one_that_fails_keeps_no_other_from_its_work(swept: list[str], administrator: User) -> None:
    run = run_job_now(ScheduledJob.objects.get(key="clean_up"), administrator)
    assert swept == ["swept"]
    assert run.status == RunStatus.FAILED and "a_broken: OSError: the disk is away" in run.error


def test_the_run_says_what_went(administrator: User) -> None:
    run = run_job_now(ScheduledJob.objects.get(key="clean_up"), administrator)
    assert (run.status, run.counts) == (RunStatus.SUCCESS, {"exports_removed": 0})
