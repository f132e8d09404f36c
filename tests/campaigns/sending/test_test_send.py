"""*Send Test*: the real path, outside statistics, limits and consequences."""

from collections.abc import Callable
from email import message_from_bytes, policy

import pytest
from django.core.exceptions import ValidationError

from campaigns.log import opt_out
from campaigns.models import LogRecord, MassEmail, MassEmailStatus, Portion, QueueItem
from campaigns.sending.test_send import send_test
from crm.models import EmailAddress, User
from tests.campaigns.sending.conftest import Run, states
from tests.smtp_server import Act, SmtpServer

Due = Callable[..., MassEmail]


def test_the_reply_of_the_server_is_told(due: Due, server: SmtpServer, marketer: User) -> None:
    mass_email = due(people=2)
    server.on("RCPT", Act("550 5.1.1 nobody here"), recipient="gone@example.com")
    record = mass_email.target_lists.get().memberships.first().record
    results = send_test(mass_email, marketer, [record], ["gone@example.com"])
    assert [(result.ok, result.reply[:3]) for result in results] == [(True, "250"), (False, "550")]
    mail = message_from_bytes(server.messages[0].data, policy=policy.default)
    assert mail["Subject"] == "[Test] Hello Ines"


def test_a_test_changes_no_numbers_and_takes_nothing_from_the_hour(
    due: Due, server: SmtpServer, marketer: User, run: Run
) -> None:
    mass_email = due(people=1)
    record = mass_email.target_lists.get().memberships.get().record
    send_test(mass_email, marketer, [record], [])
    mass_email.refresh_from_db()
    assert (mass_email.sent_count, mass_email.status) == (0, MassEmailStatus.PENDING)
    assert not Portion.objects.exists() and not LogRecord.objects.exists()
    run()
    assert states(mass_email) == {"SENT": 1}, "a test is not a copy"


def test_the_opt_out_link_of_a_test_changes_nobody(due: Due, server: SmtpServer, marketer: User) -> None:
    mass_email = due(people=1)
    record = mass_email.target_lists.get().memberships.get().record
    send_test(mass_email, marketer, [record], [])
    item = QueueItem.objects.get(is_test=True)
    assert opt_out(item, record.email_address_id, "link").is_test
    assert EmailAddress.objects.get(pk=record.email_address_id).opted_out_at is None


def test_a_server_that_is_away_is_told(due: Due, marketer: User) -> None:
    mass_email = due(people=1, account={"smtp_port": 9})
    (result,) = send_test(mass_email, marketer, [], ["me@example.com"])
    assert not result.ok and result.reply


def test_nobody_chosen_is_an_error(due: Due, marketer: User) -> None:
    with pytest.raises(ValidationError):
        send_test(due(people=1), marketer, [], [])
