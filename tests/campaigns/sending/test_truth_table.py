"""Every row of the truth table (DUTIES 3.1), from the SMTP server's reply to item, account and address."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from campaigns.models import Action, LogRecord, MassEmail, MassEmailStatus, QueueItem, QueueStatus
from tests.campaigns.sending.conftest import Run, states
from tests.smtp_server import DROP, DROP_ACCEPTED, Act, SmtpServer

Due = Callable[..., MassEmail]


@dataclass(frozen=True)
class Row:
    step: str
    act: Act
    status: QueueStatus
    reason: str = ""
    attempts: int = 0
    backs_off: bool = False
    pauses: bool = False
    invalid: bool = False


ROWS = {
    "greeting 4xx": Row("GREETING", Act("421 4.3.2 come back", drops=True), QueueStatus.PENDING, backs_off=True),
    "greeting drop": Row("GREETING", DROP, QueueStatus.PENDING, backs_off=True),
    "421 to MAIL": Row("MAIL", Act("421 4.3.2 closing", drops=True), QueueStatus.PENDING, backs_off=True),
    "421 to RCPT": Row("RCPT", Act("421 4.3.2 closing", drops=True), QueueStatus.PENDING, backs_off=True),
    "421 to the dot": Row("DOT", Act("421 4.3.2 closing", drops=True), QueueStatus.PENDING, backs_off=True),
    "greeting 5xx": Row("GREETING", Act("554 5.7.1 go away"), QueueStatus.PENDING, backs_off=True, pauses=True),
    "EHLO 5xx": Row("EHLO", Act("550 5.7.1 no"), QueueStatus.PENDING, backs_off=True, pauses=True),
    "MAIL 5xx": Row("MAIL", Act("550 5.7.1 sender no"), QueueStatus.PENDING, backs_off=True, pauses=True),
    "MAIL 4xx": Row("MAIL", Act("451 4.3.0 later"), QueueStatus.DEFERRED, "sender_deferred", 1),
    "RCPT 4xx": Row("RCPT", Act("451 4.7.1 greylisted"), QueueStatus.DEFERRED, "greylisted", 1),
    "RCPT mailbox full": Row("RCPT", Act("452 4.2.2 full"), QueueStatus.DEFERRED, "mailbox_full", 1),
    "RCPT 552 means 452": Row("RCPT", Act("552 too many"), QueueStatus.DEFERRED, "too_many_recipients", 1),
    "DATA 4xx": Row("DATA", Act("451 4.3.0 later"), QueueStatus.DEFERRED, "deferred", 1),
    "dot 4xx": Row("DOT", Act("451 4.3.0 permanent error, they say"), QueueStatus.DEFERRED, "deferred", 1),
    "RCPT unknown user": Row("RCPT", Act("550 5.1.1 nobody"), QueueStatus.FAILED, "user_unknown", 1, invalid=True),
    "RCPT policy": Row("RCPT", Act("550 5.7.1 spam"), QueueStatus.FAILED, "policy", 1),
    "DATA 5xx": Row("DATA", Act("554 5.6.0 no"), QueueStatus.FAILED, "content_refused", 1),
    "dot 5xx": Row("DOT", Act("554 5.7.1 no"), QueueStatus.FAILED, "policy", 1),
    "drop before the dot": Row("DATA", DROP, QueueStatus.PENDING, backs_off=True),
    "drop after the dot": Row("DOT", DROP, QueueStatus.UNCERTAIN, "no_reply", 1),
    "drop after acceptance": Row("DOT", DROP_ACCEPTED, QueueStatus.UNCERTAIN, "no_reply", 1),
    "accepted, then a drop at QUIT": Row("QUIT", DROP, QueueStatus.SENT, "", 1),
}


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS.keys())
def test_row(row: Row, due: Due, run: Run, server: SmtpServer) -> None:
    server.on(row.step, row.act)
    mass_email = due(people=1, account={"connections": 1})
    run()
    item = QueueItem.objects.get(mass_email_id=mass_email.pk)
    mass_email.refresh_from_db()
    account = mass_email.account
    assert account is not None
    address = mass_email.target_lists.get().memberships.get().record.email_address
    assert address is not None
    assert QueueStatus(item.status) == row.status
    assert (item.reason, item.attempts) == (row.reason, row.attempts)
    assert (account.retry_at is not None) == row.backs_off
    assert mass_email.is_paused == row.pauses
    assert (address.invalid_at is not None) == row.invalid


def test_a_closed_port_charges_nobody_and_the_account_backs_off(due: Due, run: Run, server: SmtpServer) -> None:
    mass_email = due(people=3, account={"smtp_port": 9})
    run()
    assert states(mass_email) == {"PENDING": 3}
    assert QueueItem.objects.filter(attempts__gt=0).count() == 0
    run()
    mass_email.account.refresh_from_db()
    assert mass_email.account.failures == 1, "an account that backs off is not asked again at once"


def test_one_refusal_leaves_the_neighbours_alone(due: Due, run: Run, server: SmtpServer) -> None:
    server.on("RCPT", Act("550 5.1.1 nobody"), recipient="p3@example.com")
    server.on("DOT", Act("451 4.3.0 later"), recipient="p5@example.com")
    mass_email = due(people=10)
    run()
    mass_email.refresh_from_db()
    assert states(mass_email) == {"SENT": 8, "FAILED": 1, "DEFERRED": 1}
    assert mass_email.status == MassEmailStatus.IN_PROCESS, "a retry is waiting: it is not done"
    assert (mass_email.sent_count, mass_email.failed_count, mass_email.hard_bounced_count) == (8, 1, 1)
    assert LogRecord.objects.get(action=Action.BOUNCED).bounce == "hard"


def test_421_now_and_then_loses_and_repeats_nobody(due: Due, run: Run, server: SmtpServer) -> None:
    for skip in range(5, 40, 6):
        server.on("MAIL", Act("421 4.3.2 enough for now", drops=True), skip=skip, times=1)
    mass_email = due(people=40, account={"connections": 2})
    for _round in range(3):
        run()
    recipients = [message.recipient for message in server.messages]
    assert sorted(recipients) == sorted(set(recipients)) and len(recipients) == 40
    assert states(mass_email) == {"SENT": 40}


def test_the_same_refusal_for_everybody_pauses(due: Due, run: Run, server: SmtpServer) -> None:
    server.on("RCPT", Act("550 5.7.1 you are on our list"))
    mass_email = due(people=400, account={"connections": 1})
    run()
    mass_email.refresh_from_db()
    assert mass_email.is_paused and "550" in mass_email.pause_reason
    assert states(mass_email).get("PENDING", 0) > 0
