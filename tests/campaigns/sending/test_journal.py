"""The journal by itself, and a disk that is full: what cannot be written down is not sent."""

import resource
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.utils import timezone

from campaigns.models import MassEmail, Portion, QueueItem
from campaigns.sending.journal import Journal, is_being_written, recall
from campaigns.sending.sweep import sweep
from crm.mail.smtp import Attempt, Phase, Reply, Trouble
from tests.campaigns.sending.conftest import Run, states
from tests.smtp_server import Act, SmtpServer

Due = Callable[..., MassEmail]


@contextmanager
def files_end_at(octets: int) -> Iterator[None]:
    """The kernel writes what fits and refuses the rest, exactly as on a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (octets, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_what_was_written_is_remembered(tmp_path: Path) -> None:
    attempts = {
        1: Attempt(Phase.ACCEPTED, Reply(250, ("2.0.0 ok", "queued as \ud800\n1"))),
        2: Attempt(Phase.DATA, None, "no answer within 120 s", Trouble.TIMEOUT),
        5: Attempt(Phase.RCPT, Reply(421, ("4.3.2 later",)), trouble=Trouble.BUSY),
        4: Attempt(Phase.ACCEPTED, Reply(250, ("2.0.0 Angenommen für “Ánna”",))),
    }
    with Journal(tmp_path / "1.journal") as journal:
        for item, attempt in attempts.items():
            journal.dot(item)
            journal.end(item, attempt)
        journal.dot(3)
    memory = recall(journal.path)
    assert memory is not None
    assert memory.ended == attempts and memory.dotted == {1, 2, 3, 4, 5}


def test_it_is_known_whether_its_writer_lives(tmp_path: Path) -> None:
    path = tmp_path / "1.journal"
    assert not is_being_written(path)
    with Journal(path):
        assert is_being_written(path) and is_being_written(path)
    assert not is_being_written(path)


def test_a_line_for_which_there_is_no_room_is_an_error_and_nothing_of_it_is_written(tmp_path: Path) -> None:
    with Journal(tmp_path / "1.journal") as journal:
        with files_end_at(journal.path.stat().st_size), pytest.raises(OSError, match="No space|too large"):
            for item in range(10_000):
                journal.dot(item)
        written = recall(journal.path)
        journal.dot(123456)  # there is room again
    memory = recall(journal.path)
    assert written is not None and memory is not None
    assert 1000 < len(written.dotted) < 10_000
    assert memory.dotted - written.dotted == {123456}


@pytest.mark.parametrize("torn", [b"D 12\0", b"\0\0\0\0\n", b"A 1 250 o\0\n", b"D 1"])
def test_a_line_that_a_kill_cut_off_is_not_there(tmp_path: Path, torn: bytes) -> None:
    with Journal(tmp_path / "1.journal") as journal:
        journal.dot(1)
        journal._write(torn)
    memory = recall(journal.path)
    assert memory is not None and memory.dotted == {1} and not memory.ended


def test_a_journal_that_cannot_begin_leaves_nothing_behind(tmp_path: Path) -> None:
    with files_end_at(5), pytest.raises(OSError, match="No space|too large"):
        Journal(tmp_path / "1.journal")
    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_gets_full_stops_sending_and_nobody_gets_it_twice(
    due: Due, run: Run, server: SmtpServer, tmp_path: Path
) -> None:
    server.on("DOT", Act("250 2.0.0 " + "x" * 400))
    mass_email = due(people=120, account={"connections": 3})
    with files_end_at(20_000):
        run()
    went_out = len(server.messages)
    assert 0 < went_out < 60
    mass_email.refresh_from_db()
    assert mass_email.is_paused and "journal" in mass_email.pause_reason
    Portion.objects.exclude(status=2).update(lease_until=timezone.now())
    sweep()
    assert not Portion.objects.exclude(status=2).exists()
    assert states(mass_email) == {"SENT": went_out, "PENDING": 120 - went_out}
    MassEmail.objects.update(paused_at=None, pause_reason="")
    run()
    assert states(mass_email) == {"SENT": 120}
    recipients = [message.recipient for message in server.messages]
    assert len(recipients) == len(set(recipients)) == QueueItem.objects.count()
    assert list((tmp_path / "journal").iterdir()) == []
