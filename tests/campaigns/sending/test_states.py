"""Random lives of one mass email: whatever happens in whatever order, nobody gets it twice and nobody is left behind.

Real pipeline, real SMTP server; crashes are made by leaving behind what a killed worker leaves.
"""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from email import message_from_bytes
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from campaigns import lifecycle
from campaigns.models import (
    OPEN_STATUSES,
    Action,
    EmailTemplate,
    LogRecord,
    MassEmail,
    MassEmailStatus,
    Portion,
    PortionStatus,
    QueueItem,
)
from campaigns.models import QueueStatus as Q
from campaigns.sending.claims import claim, reach
from campaigns.sending.deliver import send_portion
from campaigns.sending.journal import Journal, journal_path
from campaigns.sending.portions import cut_portions, spent
from campaigns.sending.queue import start_due
from campaigns.sending.sweep import lost_portions, sweep
from crm.models import EmailAccount, EmailAddress, Record, Settings, User
from targets.models import Membership
from tests.examples import examples
from tests.factories import EmailAccountFactory, MassEmailFactory, RecordFactory, TargetListFactory
from tests.smtp_server import DROP, DROP_ACCEPTED, Act, SmtpServer

PEOPLE = 6
EVENTS = [
    ("RCPT", Act("550 5.1.1 nobody")),
    ("RCPT", Act("550 5.7.1 policy")),
    ("RCPT", Act("451 4.7.1 greylisted")),
    ("RCPT", Act("452 4.2.2 full")),
    ("RCPT", Act("421 4.3.2 closing", drops=True)),
    ("DATA", DROP),
    ("DOT", Act("451 4.3.0 later")),
    ("DOT", DROP),
    ("DOT", DROP_ACCEPTED),
]
people = st.integers(0, PEOPLE - 1)


class Life(RuleBasedStateMachine):
    """`copies` is what the server took, and `allowed` how many copies of each address somebody decided to send."""

    server: SmtpServer
    user: User
    hour = 100

    def __init__(self) -> None:
        super().__init__()
        self.undo = transaction.atomic()
        self.undo.__enter__()
        self.server.messages.clear()
        self.server._cues.clear()
        self.seen = 0
        self.copies: Counter[str] = Counter()
        self.allowed: Counter[str] = Counter({f"p{number}@example.com": 1 for number in range(PEOPLE)})
        self.barred: set[str] = set()
        self.subjects: set[str] = set()

    def teardown(self) -> None:
        try:
            self.goes_on_undisturbed()
        finally:
            transaction.set_rollback(True)
            self.undo.__exit__(None, None, None)

    @initialize(
        limit=st.sampled_from([2, 4, 100]),
        own=st.sampled_from([None, 3]),
        connections=st.integers(1, 3),
        begins=st.integers(0, 4),
    )
    def is_scheduled(self, limit: int, own: int | None, connections: int, begins: int) -> None:
        Settings.load()
        Settings.objects.update(max_per_hour=limit)
        self.hour = limit
        records = [RecordFactory.create(email=f"p{number}@example.com") for number in range(PEOPLE)]
        twin = RecordFactory.create(kind="Lead", email="P0@Example.com")
        self.list = TargetListFactory.create(records=[*records, twin])
        self.excluding = TargetListFactory.create()
        account = EmailAccountFactory.create(smtp_port=self.server.port, connections=connections, max_per_hour=own)
        self.account, self.hour_of_account = account.pk, own or limit
        made = MassEmailFactory.create(
            account=account, status=MassEmailStatus.PENDING, lists=[self.list], excluding=[self.excluding]
        )
        self.pk = made.pk
        if begins:
            self.the_job_runs()
        self.page = self.mass_email  # as somebody sees it, who may act on it much later

    # -- the machinery, at any moment and more than once --------------------------------------------------------------

    @rule()
    def the_job_runs(self) -> None:
        start_due()
        cut_portions()

    @rule(number=st.integers(0, 9))
    def a_worker_takes_a_portion(self, number: int) -> None:
        portions = list(Portion.objects.order_by("pk").values_list("pk", flat=True))
        if portions:
            send_portion(portions[number % len(portions)])  # finished ones too: a message may come twice

    @rule()
    def all_portions_of_this_hour_are_sent(self) -> None:
        self.the_job_runs()
        self.all_portions_are_sent()

    @rule()
    def all_portions_are_sent(self) -> None:
        for pk in Portion.objects.filter(status=PortionStatus.READY).values_list("pk", flat=True):
            send_portion(pk)

    @rule(sending=st.integers(0, 4), dotted=st.integers(0, 4), taken=st.booleans(), keeps=st.booleans())
    def a_worker_dies(self, sending: int, dotted: int, taken: bool, keeps: bool) -> None:
        """Some items being sent, some of these with their dot written, which the server took or not."""
        ready = Portion.objects.filter(status=PortionStatus.READY).first()
        portion = claim(ready.pk, f"{ready.pk:024x}") if ready else None
        if portion is None:
            return
        items = QueueItem.objects.filter(portion_id=portion.pk, status=Q.CLAIMED).order_by("pk")
        ids = list(items.values_list("pk", flat=True))[:sending] if self.mass_email.is_sending else []
        assert not ids or reach(portion, ids[-1])
        path = journal_path(django_settings.HERALD_JOURNAL_DIR, portion.pk, portion.claim_token)
        with Journal(path) as journal:
            for pk in ids[:dotted]:
                journal.dot(pk)
                self.copies[self.address_of(pk)] += taken
        if not keeps:
            path.unlink()
        Portion.objects.filter(pk=portion.pk).update(lease_until=timezone.now() - timedelta(seconds=1))

    @rule()
    def the_sweeper_comes(self) -> None:
        sweep()
        lost_portions()

    @rule()
    def an_hour_passes(self) -> None:
        hour = timedelta(minutes=61)
        Portion.objects.update(created_at=F("created_at") - hour, finished_at=F("finished_at") - hour)
        QueueItem.objects.update(next_try_at=F("next_try_at") - 24 * hour)
        EmailAccount.objects.update(retry_at=None)

    @rule(number=people, event=st.sampled_from(EVENTS), times=st.integers(1, 3))
    def the_server_will(self, number: int, event: tuple[str, Act], times: int) -> None:
        step, act = event
        self.server.on(step, act, recipient=f"p{number}@example.com", times=times)

    # -- people, on pages that may be old -----------------------------------------------------------------------------

    @rule()
    def somebody_opens_the_page(self) -> None:
        self.page = self.mass_email

    def decides(self, verb: Callable[[MassEmail, User], object], fresh: bool) -> bool:
        """Whether it was possible, on a page that is up to date or not."""
        try:
            verb(self.mass_email if fresh else self.page, self.user)
        except lifecycle.NotPossible:
            return False
        return True

    @rule(fresh=st.booleans(), verb=st.sampled_from([lifecycle.pause, lifecycle.resume, lifecycle.retry_failed]))
    def somebody_decides(self, fresh: bool, verb: Callable[[MassEmail, User], object]) -> None:
        self.decides(verb, fresh)

    @rule(fresh=st.booleans(), sure=st.booleans())
    def somebody_cancels(self, fresh: bool, sure: bool) -> None:
        if sure:
            self.decides(lifecycle.cancel, fresh)

    @rule(fresh=st.booleans())
    def somebody_resends_the_uncertain(self, fresh: bool) -> None:
        doubtful = [item.pk for item in self.items if item.status == Q.UNCERTAIN]
        if self.decides(lifecycle.resend_uncertain, fresh):
            self.allowed.update(self.address_of(pk) for pk in doubtful)

    @rule(number=people)
    def somebody_opts_out(self, number: int) -> None:
        EmailAddress.objects.get(normalized=f"p{number}@example.com").mark_opted_out("test")
        self.note_copies()
        self.barred.add(f"p{number}@example.com")

    @rule(number=people)
    def somebody_excludes(self, number: int) -> None:
        record = Record.objects.get(email_address__normalized=f"p{number}@example.com", entity_type__key="Contact")
        Membership.objects.get_or_create(target_list=self.excluding, record=record)
        self.note_copies()
        self.barred.add(f"p{number}@example.com")

    @rule(number=st.integers(0, 99))
    def somebody_edits(self, number: int) -> None:
        EmailTemplate.objects.filter(mass_emails=self.pk).update(subject=f"Edited {number}")

    # -- what always holds --------------------------------------------------------------------------------------------

    @property
    def mass_email(self) -> Any:
        found = MassEmail.objects.get(pk=self.pk)
        found.is_sending = found.status == MassEmailStatus.IN_PROCESS and not found.is_paused  # type: ignore[attr-defined]
        return found

    @property
    def items(self) -> list[QueueItem]:
        return list(QueueItem.objects.filter(mass_email_id=self.pk, is_test=False))

    def address_of(self, pk: int) -> str:
        return EmailAddress.objects.get(pk=QueueItem.objects.get(pk=pk).email_address_id or 0).normalized

    def note_copies(self) -> None:
        messages = self.server.messages[self.seen :]
        new = [message.recipient.lower() for message in messages]
        self.seen += len(new)
        self.subjects |= {str(message_from_bytes(message.data)["Subject"]) for message in messages}
        assert len(self.subjects) <= 1, "an edit reached people in mid-run"
        self.copies.update(new)
        assert not self.barred & set(new), "an opt-out or exclusion was not respected"

    @invariant()
    def nobody_gets_it_twice(self) -> None:
        self.note_copies()
        too_many = {address: count for address, count in self.copies.items() if count > self.allowed[address]}
        assert not too_many, too_many

    @invariant()
    def everybody_is_somewhere(self) -> None:
        self.note_copies()
        items = self.items
        assert len(items) in (0, PEOPLE + 1)
        states = Counter(Q(item.status) for item in items)
        mass_email = self.mass_email
        assert (mass_email.sent_count, mass_email.failed_count) == (states[Q.SENT], states[Q.FAILED])
        log = Counter(LogRecord.objects.filter(mass_email_id=self.pk).values_list("action", flat=True))
        assert log[Action.SENT] == states[Q.SENT]
        assert log[Action.BOUNCED] == mass_email.hard_bounced_count + mass_email.soft_bounced_count
        sent_to = {self.address_of(item.pk) for item in items if item.status == Q.SENT}
        assert sent_to <= set(self.copies), "called sent, and never taken by the server"

    @invariant()
    def what_is_over_has_nothing_open(self) -> None:
        mass_email = self.mass_email
        is_open = {Q(item.status) for item in self.items} & OPEN_STATUSES
        if mass_email.status == MassEmailStatus.COMPLETE:
            assert not is_open and not mass_email.is_paused
        if mass_email.status == MassEmailStatus.CANCELED:
            assert is_open <= {Q.CLAIMED, Q.SENDING}, "only what a worker still has in hand"

    @invariant()
    def the_hourly_limit_holds(self) -> None:
        assert spent(timezone.now()) <= self.hour
        assert spent(timezone.now(), self.account) <= self.hour_of_account

    def goes_on_undisturbed(self) -> None:
        """From wherever it is, it comes to an end by itself once nothing disturbs it."""
        self.server._cues.clear()
        for _hour in range(12):
            self.decides(lifecycle.resume, fresh=True)
            sweep()
            self.an_hour_passes()
            self.the_job_runs()
            self.all_portions_are_sent()
            self.nobody_gets_it_twice()
            self.everybody_is_somewhere()
            self.the_hourly_limit_holds()
        sweep()
        self.what_is_over_has_nothing_open()
        if self.mass_email.status == MassEmailStatus.PENDING and len(self.barred) == PEOPLE:
            assert "Nobody" in self.mass_email.pause_reason
            return
        assert self.mass_email.status in (MassEmailStatus.COMPLETE, MassEmailStatus.CANCELED), self.mass_email.status
        if self.mass_email.status == MassEmailStatus.COMPLETE:
            lost = {
                self.address_of(item.pk)
                for item in self.items
                if item.status == Q.SKIPPED and item.reason != "duplicate"
            }
            assert lost <= self.barred | set(self.invalid), "left out for no reason"

    @property
    def invalid(self) -> list[str]:
        return list(EmailAddress.objects.exclude(invalid_at=None).values_list("normalized", flat=True))


@pytest.mark.slow
def test_random_lives(marketer: User) -> None:
    with SmtpServer() as server:
        Life.server, Life.user = server, marketer
        run_state_machine_as_test(  # type: ignore[no-untyped-call]
            Life,
            settings=settings(
                max_examples=examples(40),
                stateful_step_count=30,
                deadline=None,
                database=None,
                suppress_health_check=list(HealthCheck),
            ),
        )
