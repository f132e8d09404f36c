"""What a mail says about itself over retries, lists and accounts: DUTIES M7, M22 to M25."""

import re
from collections.abc import Callable
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from django.core.exceptions import ValidationError
from django.db.models import F

from campaigns.models import MassEmail, QueueItem
from campaigns.tracking.tokens import BadToken, Purpose, read
from crm.mail.header_fields import parse_headers
from crm.models import Settings
from tests.campaigns.sending.conftest import Run
from tests.factories import MassEmailFactory
from tests.smtp_server import Act, SmtpServer

Due = Callable[..., MassEmail]


def mails(server: SmtpServer) -> list[EmailMessage]:
    return [message_from_bytes(received.data, policy=policy.default) for received in server.messages]


def test_message_id_is_the_same_over_all_retries(due: Due, run: Run, server: SmtpServer) -> None:
    server.on("DOT", Act("451 4.3.0 later", accepts=True), times=3)
    due(people=1)
    for _attempt in range(4):
        run()
        QueueItem.objects.update(next_try_at=F("next_try_at") - timedelta(days=1))
    ids = [mail["Message-ID"] for mail in mails(server)]
    assert len(ids) == 4 and len(set(ids)) == 1


def test_list_id_is_that_of_the_lists_and_not_of_the_campaign(due: Due, run: Run, server: SmtpServer) -> None:
    first = due(people=1)
    MassEmailFactory.create(account=first.account, status="pending", lists=list(first.target_lists.all()))
    run()
    one, other = mails(server)
    assert one["List-Id"] == other["List-Id"]
    assert one["Feedback-ID"] != other["Feedback-ID"]


def test_feedback_id_tells_nothing_of_a_person(due: Due, run: Run, server: SmtpServer) -> None:
    due(people=5)
    run()
    (feedback_id,) = {mail["Feedback-ID"] for mail in mails(server)}
    assert re.fullmatch(r"\d+:\d+:\d+:[a-z]{5,15}", feedback_id)


def test_headers_of_the_account_are_added(due: Due, run: Run, server: SmtpServer) -> None:
    due(people=1, account={"extra_headers": "X-CSA-Complaints: abuse@example.com\nX-Mailer: Herald"})
    run()
    assert mails(server)[0]["X-CSA-Complaints"] == "abuse@example.com"


@pytest.mark.parametrize("name", ["From", "bcc", "Return-Path", "DKIM-Signature", "List-Unsubscribe", "Content-Type"])
def test_a_header_of_the_message_itself_cannot_be_set(name: str) -> None:
    with pytest.raises(ValidationError, match="cannot be set"):
        parse_headers(f"{name}: x")


@pytest.mark.parametrize("text", ["no colon", "X-A:", "X-A: b\x07", "X-A: é", "X-A: 1\nX-a: 2", "X-A: " + "b" * 1000])
def test_what_is_no_header_line_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        parse_headers(text)


def test_verp_return_path_is_signed_per_item(due: Due, run: Run, server: SmtpServer) -> None:
    Settings.load()
    Settings.objects.update(use_verp=True)
    due(people=2, account={"envelope_address": "bounce@mail.acme.example.com"})
    run()
    items = set(QueueItem.objects.values_list("pk", flat=True))
    found = set()
    for received in server.messages:
        local, _at, domain = received.sender.partition("@")
        assert domain == "mail.acme.example.com" and len(local) <= 64
        token = local.removeprefix("bounce+")
        found |= set(read(Purpose.BOUNCE, token.upper()))
        with pytest.raises(BadToken):
            read(Purpose.BOUNCE, token[:-1] + ("0" if token[-1] != "0" else "1"))
    assert found == items


def test_without_verp_the_return_path_is_the_accounts(due: Due, run: Run, server: SmtpServer) -> None:
    due(people=1)
    run()
    assert server.messages[0].sender == "news@acme.example.com"
