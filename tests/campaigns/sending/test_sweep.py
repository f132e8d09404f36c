"""The sweeper: what a dead worker had in hand is decided by its journal, once, and nobody is left behind."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import timezone

from campaigns.models import Action, LogRecord, MassEmail, MassEmailStatus, Portion, PortionStatus, QueueItem
from campaigns.models import QueueStatus as Q
from campaigns.sending.claims import claim, finish, reach
from campaigns.sending.journal import Journal, journal_path
from campaigns.sending.portions import cut_portions, spent
from campaigns.sending.queue import start_due
from campaigns.sending.sweep import lost_portions, sweep
from crm.mail.smtp import Attempt, Phase, Reply
from tests.campaigns.sending.conftest import Run, states
from tests.smtp_server import SmtpServer

Due = Callable[..., MassEmail]
Script = Callable[[Journal, list[int]], None]

ACCEPTED = Attempt(Phase.ACCEPTED, Reply(250, ("2.0.0 ok",)))
UNKNOWN = Attempt(Phase.RCPT, Reply(550, ("5.1.1 nobody",)))
LATER = Attempt(Phase.RCPT, Reply(451, ("4.7.1 later",)))
CLOSING = Attempt(Phase.DOT, Reply(421, ("4.3.2 closing",)))


@dataclass
class Crash:
    """A worker that died: its portion, the journal it left, the items in the order of their sending."""

    portion: Portion
    items: list[int]
    path: Path

    @property
    def status(self) -> list[Q]:
        rows = dict(QueueItem.objects.filter(pk__in=self.items).values_list("pk", "status"))
        return [Q(rows[pk]) for pk in self.items]

    def lease_is_over(self) -> None:
        Portion.objects.filter(pk=self.portion.pk).update(lease_until=timezone.now() - timedelta(seconds=1))


def crashed(mass_email: MassEmail, script: Script, sending: int) -> Crash:
    """Claim, reach the first `sending` people, let `script` write the journal, and die."""
    start_due()
    (pk,) = cut_portions()
    portion = claim(pk, "0123456789abcdef01234567")
    assert portion is not None
    items = list(QueueItem.objects.filter(portion_id=pk).order_by("pk").values_list("pk", flat=True))
    assert not sending or reach(portion, items[sending - 1])
    path = journal_path(settings.HERALD_JOURNAL_DIR, pk, portion.claim_token)
    with Journal(path) as journal:
        script(journal, items)
    crash = Crash(portion, items, path)
    crash.lease_is_over()
    return crash


def write_behind(path: Path, text: str) -> None:
    """Put text behind the last line of a journal."""
    octets = path.read_bytes()
    end = octets.index(b"\0")
    path.write_bytes(octets[:end] + text.encode() + octets[end + len(text) :])


def nothing(journal: Journal, items: list[int]) -> None:
    """Claimed, nothing on the wire."""


def every_kind(journal: Journal, items: list[int]) -> None:
    for item, attempt in zip(items, (ACCEPTED, UNKNOWN, LATER, CLOSING), strict=False):
        journal.dot(item)
        journal.end(item, attempt)
    journal.dot(items[4])


EVERY_KIND = [Q.SENT, Q.FAILED, Q.DEFERRED, Q.PENDING, Q.UNCERTAIN, Q.PENDING, Q.PENDING]


def test_each_item_is_decided_by_what_the_journal_says_of_it(due: Due) -> None:
    mass_email = due(people=7)
    crash = crashed(mass_email, every_kind, sending=6)
    assert sweep() == 5
    assert crash.status == EVERY_KIND
    mass_email.refresh_from_db()
    assert (mass_email.sent_count, mass_email.failed_count, mass_email.hard_bounced_count) == (1, 1, 1)
    assert LogRecord.objects.filter(action=Action.SENT).count() == 1
    portion = Portion.objects.get()
    assert (portion.status, portion.attempted) == (PortionStatus.DONE, 5), "what was not touched is not counted"
    assert not crash.path.exists()


def test_a_second_sweep_changes_nothing(due: Due) -> None:
    mass_email = due(people=7)
    crash = crashed(mass_email, every_kind, sending=6)
    sweep()
    assert sweep() == 0 and crash.status == EVERY_KIND
    mass_email.refresh_from_db()
    assert mass_email.sent_count == 1


def test_a_sweeper_that_dies_in_the_middle_is_followed_by_one_that_knows_as_much(due: Due) -> None:
    """It had taken the claim over, and decided nothing yet."""
    crash = crashed(due(people=7), every_kind, sending=6)
    for _death in range(3):
        portion = Portion.objects.get()
        taken = f"{portion.claim_token.partition('.')[0]}.abcdef"
        Portion.objects.update(claim_token=taken)
        crash.lease_is_over()
    sweep()
    assert crash.status == EVERY_KIND


def test_sweepers_may_follow_each_other_for_ever(due: Due, monkeypatch: pytest.MonkeyPatch) -> None:
    """The real sweeper, stopped after it took the claim over: the next one still finds the journal."""
    crash = crashed(due(people=7), every_kind, sending=6)

    def dies(path: Path) -> None:
        raise RuntimeError("killed here")

    for _death in range(3):
        with monkeypatch.context() as broken:
            broken.setattr("campaigns.sending.sweep.recall", dies)
            assert sweep() == 0
        crash.lease_is_over()
    sweep()
    assert crash.status == EVERY_KIND


def test_one_portion_that_cannot_be_decided_does_not_keep_the_others_from_it(
    due: Due, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise everything that ever crashes after it stays in the air for ever."""
    bad = crashed(due(people=2), nothing, sending=1)
    good = crashed(due(people=7), every_kind, sending=6)
    real = Path.read_bytes

    def unreadable(path: Path) -> bytes:
        if path == bad.path:
            raise PermissionError(13, "not yours", str(path))
        return real(path)

    monkeypatch.setattr(Path, "read_bytes", unreadable)
    sweep()
    assert good.status == EVERY_KIND
    assert bad.status == [Q.UNCERTAIN, Q.PENDING], "nothing is proved without a journal"


def test_a_second_try_after_the_reply_counts_by_its_own_reply(due: Due) -> None:
    """Dropped by a 421, fed again, its dot written again: only the second reply would tell."""

    def script(journal: Journal, items: list[int]) -> None:
        journal.dot(items[0])
        journal.end(items[0], CLOSING)
        journal.dot(items[0])
        journal.end(items[1], CLOSING)

    crash = crashed(due(people=2), script, sending=2)
    sweep()
    assert crash.status == [Q.UNCERTAIN, Q.PENDING]


def test_a_missing_journal_proves_nothing(due: Due) -> None:
    """Another host, a lost disk: who was being sent is Uncertain, who was only claimed is not."""
    crash = crashed(due(people=3), every_kind_of_three, sending=2)
    crash.path.unlink()
    sweep()
    assert crash.status == [Q.UNCERTAIN, Q.UNCERTAIN, Q.PENDING]


def every_kind_of_three(journal: Journal, items: list[int]) -> None:
    journal.dot(items[0])
    journal.end(items[0], ACCEPTED)


def test_a_journal_of_another_boot_proves_nothing(due: Due) -> None:
    crash = crashed(due(people=3), every_kind_of_three, sending=2)
    crash.path.write_text(crash.path.read_text().replace("H ", "H other-", 1))
    sweep()
    assert crash.status == [Q.UNCERTAIN, Q.UNCERTAIN, Q.PENDING]


@pytest.mark.parametrize("cut", ["D", "D ", "D 1", "R", 'R 2 {"phase": "acc'])
def test_a_last_line_that_was_cut_off_is_not_believed(cut: str, due: Due) -> None:
    """The dot is written only after its whole line was."""
    crash = crashed(due(people=3), every_kind_of_three, sending=2)
    write_behind(crash.path, cut)
    sweep()
    assert crash.status == [Q.SENT, Q.PENDING, Q.PENDING]


@pytest.mark.parametrize("rubbish", ["D 12D 13", "R 5 {", "R x {}", "?", "", 'R 5 {"phase": "no such phase"}'])
def test_a_journal_with_rubbish_inside_proves_nothing(rubbish: str, due: Due) -> None:
    crash = crashed(due(people=3), every_kind_of_three, sending=2)
    write_behind(crash.path, f"{rubbish}\nD {crash.items[1]}\n")
    sweep()
    assert crash.status == [Q.UNCERTAIN, Q.UNCERTAIN, Q.PENDING]


def test_a_worker_that_lives_is_stopped_first_and_decided_by_the_next_sweep(due: Due) -> None:
    """Only its clock, or the database's, went wrong: what it has in hand may still get its dot."""
    crash = crashed(due(people=3), nothing, sending=2)
    crash.path.unlink()
    with Journal(crash.path) as alive:
        assert sweep() == 0
        assert crash.status == [Q.CLAIMED, Q.CLAIMED, Q.CLAIMED]
        assert not finish(crash.portion, attempted=0), "its claim is gone"
        alive.dot(crash.items[0])  # the last thing that it did before it saw that
    crash.lease_is_over()
    sweep()
    assert crash.status == [Q.UNCERTAIN, Q.PENDING, Q.PENDING]


def test_a_worker_that_hangs_does_not_hold_its_people_for_ever(due: Due) -> None:
    crash = crashed(due(people=3), nothing, sending=2)
    crash.path.unlink()
    with Journal(crash.path):
        sweep()
        crash.lease_is_over()
        sweep()
    assert crash.status == [Q.PENDING, Q.PENDING, Q.PENDING]


def test_a_lease_that_still_runs_is_left_alone(due: Due) -> None:
    crash = crashed(due(people=2), every_kind_of_three, sending=2)
    Portion.objects.update(lease_until=timezone.now() + timedelta(seconds=60))
    assert sweep() == 0 and crash.status == [Q.CLAIMED, Q.CLAIMED]


def test_a_lease_from_before_the_clock_was_set_back_is_not_waited_for(due: Due) -> None:
    crash = crashed(due(people=3), every_kind_of_three, sending=2)
    Portion.objects.update(lease_until=timezone.now() + timedelta(hours=2))
    sweep()
    assert crash.status == [Q.SENT, Q.PENDING, Q.PENDING]


def test_a_canceled_mass_email_leaves_nobody_waiting(due: Due) -> None:
    mass_email = due(people=7)
    crash = crashed(mass_email, every_kind, sending=6)
    MassEmail.objects.filter(pk=mass_email.pk).update(status=MassEmailStatus.CANCELED)
    sweep()
    assert crash.status == [Q.SENT, Q.FAILED, Q.SKIPPED, Q.SKIPPED, Q.UNCERTAIN, Q.SKIPPED, Q.SKIPPED]


def test_a_crash_takes_no_more_from_the_hour_than_it_sent(due: Due) -> None:
    crashed(due(people=7), nothing, sending=3)
    sweep()
    assert spent(timezone.now()) == 0


def test_what_was_given_back_goes_out_once(due: Due, run: Run, server: SmtpServer) -> None:
    mass_email = due(people=7)
    crash = crashed(mass_email, every_kind, sending=6)
    sweep()
    run()
    assert states(mass_email) == {"SENT": 4, "FAILED": 1, "DEFERRED": 1, "UNCERTAIN": 1}
    assert len(server.messages) == 3
    assert crash.status[4] == Q.UNCERTAIN


def test_a_portion_that_nobody_took_is_handed_out_again(due: Due) -> None:
    due(people=2)
    start_due()
    (pk,) = cut_portions()
    assert lost_portions() == []
    Portion.objects.update(created_at=timezone.now() - timedelta(minutes=2))
    assert lost_portions() == [pk]


def test_a_mass_email_whose_last_worker_died_is_completed(due: Due, run: Run) -> None:
    mass_email = due(people=1)
    run()
    MassEmail.objects.filter(pk=mass_email.pk).update(status=MassEmailStatus.IN_PROCESS)
    sweep()
    mass_email.refresh_from_db()
    assert mass_email.status == MassEmailStatus.COMPLETE


def test_journals_that_nobody_asks_for_do_not_pile_up(due: Due) -> None:
    crash = crashed(due(people=2), nothing, sending=1)
    old, young = crash.path.with_name("999-a.journal"), crash.path.with_name("999-b.journal")
    for path in (old, young):
        path.touch()
    yesterday = timezone.now().timestamp() - 25 * 3600
    os.utime(old, (yesterday, yesterday))
    os.utime(crash.path, (yesterday, yesterday))
    Portion.objects.update(lease_until=timezone.now() + timedelta(seconds=60))
    sweep()
    assert (old.exists(), young.exists(), crash.path.exists()) == (False, True, True)
