"""Outcomes in batches: any mixture, told once, twice or by one who does not hold the items, leaves the same rows."""

import re
from collections import Counter
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from campaigns.models import Action, LogRecord, MassEmail, Portion, PortionStatus, QueueItem, Try
from campaigns.models import QueueStatus as Q
from campaigns.sending.outcomes import Outcome, write_outcomes
from crm.mail.smtp import Attempt, Phase, Reply
from crm.models import EmailAddress
from tests.examples import examples
from tests.factories import MassEmailFactory, RecordFactory

SENT = Attempt(Phase.ACCEPTED, Reply(250, ("2.0.0 Ok: “queued” as 'A1\\u0000'",)))
ATTEMPTS = {
    "sent": (SENT, Q.SENT),
    "unknown": (Attempt(Phase.RCPT, Reply(550, ("5.1.1 nobody",))), Q.FAILED),
    "full": (Attempt(Phase.RCPT, Reply(550, ("5.2.2 full",))), Q.FAILED),
    "policy": (Attempt(Phase.RCPT, Reply(550, ("5.7.1 no",))), Q.FAILED),
    "later": (Attempt(Phase.RCPT, Reply(451, ("4.7.1 later",))), Q.DEFERRED),
    "closing": (Attempt(Phase.DOT, Reply(421, ("4.3.2 closing",))), Q.PENDING),
    "lost": (Attempt(Phase.DOT, None, "reset \0 by peer\ud800"), Q.UNCERTAIN),
}
PEOPLE = 8


def held_portion(holds: list[bool]) -> tuple[MassEmail, Portion, list[int]]:
    """A running portion, and items of which it holds some; the others belong to somebody else or are over."""
    mass_email = MassEmailFactory.create()
    portion = Portion.objects.create(
        mass_email_id=mass_email.pk, account_id=1, size=PEOPLE, status=PortionStatus.RUNNING, created_at=timezone.now()
    )
    items = []
    for held in holds:
        record = RecordFactory.create()
        item = QueueItem.objects.create(
            mass_email_id=mass_email.pk, record_id=record.pk, email_address_id=record.email_address_id,
            status=Q.CLAIMED, portion_id=portion.pk if held else portion.pk + 1,
        )  # fmt: skip
        items.append(item.pk)
    return mass_email, portion, items


@pytest.mark.django_db
@settings(max_examples=examples(40), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    kinds=st.lists(st.sampled_from([*ATTEMPTS, "skip", "nothing"]), min_size=PEOPLE, max_size=PEOPLE),
    holds=st.lists(st.booleans(), min_size=PEOPLE, max_size=PEOPLE),
    cut=st.integers(0, PEOPLE),
)
def test_any_mixture_in_any_batches_is_recorded_once(kinds: list[str], holds: list[bool], cut: int) -> None:
    mass_email, portion, items = held_portion(holds)
    told = [
        Outcome.skip(pk, "opted_out") if kind == "skip" else Outcome.of(pk, ATTEMPTS[kind][0])
        for pk, kind in zip(items, kinds, strict=True)
        if kind != "nothing"
    ]
    totals = write_outcomes(portion, told[:cut]) + write_outcomes(portion, told[cut:])
    assert not write_outcomes(portion, told), "told again, nothing is held any more"
    expected = [
        Q.CLAIMED if kind == "nothing" or not held else Q.SKIPPED if kind == "skip" else ATTEMPTS[kind][1]
        for kind, held in zip(kinds, holds, strict=True)
    ]
    rows = {item.pk: item for item in QueueItem.objects.filter(pk__in=items)}
    assert [Q(rows[pk].status) for pk in items] == expected
    counted = Counter(status for status in expected if status != Q.CLAIMED)
    assert totals == counted
    mass_email.refresh_from_db()
    assert (mass_email.sent_count, mass_email.failed_count) == (counted[Q.SENT], counted[Q.FAILED])
    ended = [kind for kind, held in zip(kinds, holds, strict=True) if held]
    assert (mass_email.hard_bounced_count, mass_email.soft_bounced_count) == (
        ended.count("unknown"), ended.count("full") + ended.count("policy"),
    )  # fmt: skip
    assert mass_email.refused_count == counted[Q.FAILED], "all that failed here was refused by a server"
    log = Counter(LogRecord.objects.filter(queue_item_id__in=items).values_list("action", flat=True))
    assert log == +Counter({Action.SENT: ended.count("sent"), Action.BOUNCED: counted[Q.FAILED]})
    tries = Try.objects.filter(queue_item_id__in=items).count()
    assert tries == sum(kind in ATTEMPTS and kind != "sent" for kind in ended)


def test_who_got_it_is_logged_with_everything_that_the_log_shows(db: None) -> None:
    mass_email, portion, (pk, *_others) = held_portion([True] * 2)
    write_outcomes(portion, [Outcome.of(pk, SENT)])
    item, row = QueueItem.objects.get(pk=pk), LogRecord.objects.get()
    address = EmailAddress.objects.get(pk=item.email_address_id or 0).address
    assert (row.record_id, row.email_address_id, row.address) == (item.record_id, item.email_address_id, address)
    assert (row.mass_email_id, row.queue_item_id, row.action) == (mass_email.pk, pk, Action.SENT)
    assert item.sent_at == item.attempted_at == row.at and timezone.now() - row.at < timedelta(minutes=1)
    assert item.reply.startswith("250 2.0.0 Ok: “queued” as 'A1") and item.attempts == 1
    assert (row.is_machine, row.is_test, row.bounce, row.link_id) == (False, False, "", 0)


def test_every_attempt_is_in_the_ledger(db: None) -> None:
    _mass_email, portion, (pk,) = held_portion([True])
    write_outcomes(portion, [Outcome.of(pk, ATTEMPTS["later"][0])])
    QueueItem.objects.filter(pk=pk).update(status=Q.CLAIMED)
    write_outcomes(portion, [Outcome.of(pk, ATTEMPTS["lost"][0])])
    rows = Try.objects.filter(queue_item_id=pk).values_list("number", "status", "phase", "portion_id")
    assert list(rows) == [(1, Q.DEFERRED, "rcpt", portion.pk), (2, Q.UNCERTAIN, "dot", portion.pk)]
    first = Try.objects.filter(queue_item_id=pk).first()
    assert first is not None and first.reply == "451 4.7.1 later"


def test_only_who_does_not_exist_is_marked_invalid(db: None) -> None:
    _mass_email, portion, items = held_portion([True] * 3)
    kinds = ("unknown", "full", "policy")
    write_outcomes(portion, [Outcome.of(pk, ATTEMPTS[kind][0]) for pk, kind in zip(items, kinds, strict=True)])
    flagged = EmailAddress.objects.exclude(invalid_at=None)
    assert [address.invalid_why for address in flagged] == ["550 5.1.1 nobody"]
    assert flagged[0].pk == QueueItem.objects.get(pk=items[0]).email_address_id


@pytest.mark.django_db
def test_the_row_that_all_workers_share_is_written_last() -> None:
    """Until the transaction ends they wait for it."""
    _mass_email, portion, items = held_portion([True] * 3)
    kinds = ("unknown", "sent", "later")
    with CaptureQueriesContext(connection) as asked:
        write_outcomes(portion, [Outcome.of(pk, ATTEMPTS[kind][0]) for pk, kind in zip(items, kinds, strict=True)])
    writes = [one["sql"] for one in asked.captured_queries if "UPDATE" in one["sql"] or "INSERT" in one["sql"]]
    shared = [number for number, sql in enumerate(writes) if re.search(r'UPDATE "?campaigns_massemail"?', sql)]
    assert shared == [len(writes) - 2, len(writes) - 1]
