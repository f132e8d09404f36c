"""The whole way of a mass email through a real SMTP server."""

from collections.abc import Callable
from email import message_from_bytes, policy

from campaigns.models import Action, LogRecord, MassEmail, MassEmailStatus
from campaigns.sending.queue import start_due
from tests.campaigns.sending.conftest import Run, states
from tests.factories import MassEmailFactory, RecordFactory, TargetListFactory
from tests.smtp_server import SmtpServer

Due = Callable[..., MassEmail]


def test_everybody_gets_one_copy_and_the_mass_email_is_complete(due: Due, run: Run, server: SmtpServer) -> None:
    mass_email = due(people=25)
    run()
    mass_email.refresh_from_db()
    assert sorted(message.recipient for message in server.messages) == sorted(f"p{n}@example.com" for n in range(25))
    assert (mass_email.status, mass_email.sent_count, mass_email.total_count) == (MassEmailStatus.COMPLETE, 25, 25)
    assert states(mass_email) == {"SENT": 25}
    assert LogRecord.objects.filter(mass_email_id=mass_email.pk, action=Action.SENT).count() == 25
    assert server.violations == []


def test_a_message_carries_the_headers_of_bulk_mail(due: Due, run: Run, server: SmtpServer) -> None:
    mass_email = due(people=1)
    run()
    mail = message_from_bytes(server.messages[0].data, policy=policy.default)
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert mail["List-Unsubscribe"].startswith("<http://127.0.0.1:8000/u/")
    assert mail["Precedence"] == "bulk"
    assert mail["Message-ID"].endswith("@acme.example.com>")
    assert mail["List-Id"] and str(mass_email.campaign_id) in mail["Feedback-ID"]
    assert mail["Subject"] == "Hello Ines"
    assert mail.get_body(("html",)).get_content().count("/u/") == 1
    assert "/u/" in mail.get_body(("plain",)).get_content()


def test_one_address_gets_one_copy_however_it_is_spelt(due: Due, run: Run, server: SmtpServer) -> None:
    same = [
        RecordFactory.create(email="Ines@Example.com"),
        RecordFactory.create(kind="Lead", email=" ines@example.COM"),
        RecordFactory.create(kind="Account", email="INES@EXAMPLE.COM"),
    ]
    mass_email = due(lists=[TargetListFactory.create(records=same[:2]), TargetListFactory.create(records=same[1:])])
    run()
    assert len(server.messages) == 1
    assert states(mass_email) == {"SENT": 1, "SKIPPED": 2}


def test_a_second_run_sends_nothing_again(due: Due, run: Run, server: SmtpServer) -> None:
    due(people=3)
    run()
    run()
    assert len(server.messages) == 3


def test_what_does_not_fit_into_the_hour_waits(
    due: Due, run: Run, server: SmtpServer, limit: Callable[..., None]
) -> None:
    limit(max_per_hour=10)
    mass_email = due(people=25)
    run()
    run()
    mass_email.refresh_from_db()
    assert len(server.messages) == 10
    assert mass_email.status == MassEmailStatus.IN_PROCESS
    assert states(mass_email) == {"SENT": 10, "PENDING": 15}


def test_a_limit_per_batch_holds_for_each_mass_email(
    due: Due, run: Run, server: SmtpServer, limit: Callable[..., None]
) -> None:
    limit(max_per_batch=4)
    first = due(people=6)
    MassEmailFactory.create(
        account=first.account, status=MassEmailStatus.PENDING,
        lists=[TargetListFactory.create(records=[RecordFactory.create() for _n in range(6)])],
    )  # fmt: skip
    run()
    assert len(server.messages) == 8


def test_an_opt_out_after_the_queue_was_built_is_respected(due: Due, run: Run, server: SmtpServer) -> None:
    mass_email = due(people=3)
    start_due()
    record = mass_email.target_lists.get().memberships.first().record
    record.email_address.mark_opted_out("test")
    run()
    assert len(server.messages) == 2
    assert states(mass_email) == {"SENT": 2, "SKIPPED": 1}
