"""A mass email through a provider's API: the whole way over real HTTP, with the rules of journal and account."""

import json
import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from campaigns.attachments import attach
from campaigns.bounces.webhook_setup import save_webhook
from campaigns.models import Action, BounceReport, EspWebhook, LogRecord, MassEmail, MassEmailStatus, QueueItem
from campaigns.models import QueueStatus as Status
from crm.models import EmailAccount, EmailAddress, Record, User
from tests.campaigns.sending.conftest import Run, states
from tests.factories import EmailAccountFactory, MassEmailFactory, RecordFactory, TargetListFactory
from tests.provider_server import DROP, Answer, ProviderServer

Due = Callable[..., MassEmail]


@pytest.fixture
def provider() -> Iterator[ProviderServer]:
    with ProviderServer("postmark") as running:
        yield running


@pytest.fixture
def due(db: None, provider: ProviderServer) -> Due:
    def make(people: int = 3, records: list[Record] | None = None, **account: object) -> MassEmail:
        sender = EmailAccountFactory.create(
            **{"kind": "api", "provider": "postmark", "api_url": provider.url, "api_key": "key-canary", **account}
        )
        who = records or [RecordFactory.create(email=f"p{number}@example.com") for number in range(people)]
        return MassEmailFactory.create(
            account=sender, status=MassEmailStatus.PENDING, lists=[TargetListFactory.create(records=who)]
        )

    return make


def account_of(mass_email: MassEmail) -> EmailAccount:
    return EmailAccount.objects.get(pk=mass_email.account_id or 0)


def test_everybody_gets_one_copy(due: Due, run: Run, provider: ProviderServer) -> None:
    mass_email = due(people=25)
    run()
    mass_email.refresh_from_db()
    assert sorted(one.recipient for one in provider.messages) == sorted(f"p{n}@example.com" for n in range(25))
    assert (mass_email.status, mass_email.sent_count) == (MassEmailStatus.COMPLETE, 25)
    assert LogRecord.objects.filter(mass_email_id=mass_email.pk, action=Action.SENT).count() == 25
    assert account_of(mass_email).last_ok_at
    run()
    assert len(provider.messages) == 25


def test_the_headers_of_bulk_mail_and_our_proof_go_along(due: Due, run: Run, provider: ProviderServer) -> None:
    mass_email = due(people=1)
    run()
    told = json.loads(provider.messages[0].body)
    headers = {one["Name"]: one["Value"] for one in told["Headers"]}
    item = QueueItem.objects.get(mass_email_id=mass_email.pk)
    assert headers["List-Unsubscribe"].startswith("<http://127.0.0.1:8000/u/")
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert headers["Message-ID"].startswith(f"<{mass_email.pk}.{item.pk}.") and headers["X-PM-KeepID"] == "true"
    assert told["Metadata"]["message_id"] in headers["Message-ID"]
    assert (told["TrackOpens"], told["TrackLinks"]) == (False, "None")


def test_attachments_go_along(due: Due, run: Run, provider: ProviderServer, administrator: User) -> None:
    mass_email = due(people=2)
    assert mass_email.template
    attach(mass_email.template, administrator, "prices.pdf", "application/pdf", b"%PDF-1.4 prices")
    run()
    for asked in provider.messages:
        (attached,) = json.loads(asked.body)["Attachments"]
        assert (attached["Name"], attached["Content"]) == ("prices.pdf", b64encode(b"%PDF-1.4 prices").decode())


def test_a_refused_key_pauses_and_charges_nobody(due: Due, run: Run, provider: ProviderServer) -> None:
    mass_email = due(people=5)
    provider.on(Answer(401, {"ErrorCode": 10, "Message": "Bad token"}))
    run()
    mass_email.refresh_from_db()
    assert mass_email.is_paused and "Bad token" in mass_email.pause_reason
    assert states(mass_email) == {"PENDING": 5}
    assert not QueueItem.objects.filter(attempts__gt=0).exists()
    assert len(provider.messages) < 5


def test_one_refused_message_fails_alone(due: Due, run: Run, provider: ProviderServer) -> None:
    mass_email = due(people=4)
    provider.on(Answer(422, {"ErrorCode": 300, "Message": "Zero recipients specified"}), "p1@example.com")
    run()
    assert states(mass_email) == {"SENT": 3, "FAILED": 1}
    failed = QueueItem.objects.get(status=Status.FAILED)
    assert "Zero recipients" in failed.reply
    assert EmailAddress.objects.get(pk=failed.email_address_id or 0).invalid_at is None


def test_too_many_requests_are_waited_for(due: Due, run: Run, provider: ProviderServer) -> None:
    mass_email = due(people=6, connections=2)
    provider.on(Answer(429, {"Message": "slow down"}, {"Retry-After": "1"}), times=2)
    run()
    assert states(mass_email) == {"SENT": 6}
    refused, later = provider.at[0], provider.at[-1]
    assert later - refused >= 0.9


def test_a_long_wait_backs_the_account_off_for_as_long(due: Due, run: Run, provider: ProviderServer) -> None:
    mass_email = due(people=3)
    provider.on(Answer(429, {"Message": "come back later"}, {"Retry-After": "900"}))
    run()
    account = account_of(mass_email)
    assert states(mass_email) == {"PENDING": 3}
    assert account.retry_at and account.retry_at > timezone.now() + timedelta(seconds=600)
    assert not QueueItem.objects.filter(attempts__gt=0).exists()


@pytest.mark.parametrize("status", [DROP, 504])
def test_an_answer_that_is_lost_is_uncertain(due: Due, run: Run, provider: ProviderServer, status: int) -> None:
    mass_email = due(people=4)
    provider.on(Answer(status), "p2@example.com")
    run()
    run()
    assert states(mass_email) == {"SENT": 3, "UNCERTAIN": 1}
    assert len([one for one in provider.messages if one.recipient == "p2@example.com"]) == 1


def test_a_provider_that_is_away_charges_nobody(due: Due, run: Run) -> None:
    mass_email = due(people=3, api_url="http://127.0.0.1:1/")
    run()
    account = account_of(mass_email)
    assert states(mass_email) == {"PENDING": 3} and account.is_backing_off
    assert "CONNECT" in account.last_error


def test_the_limits_of_the_account_hold(due: Due, run: Run, provider: ProviderServer) -> None:
    provider.delay = 0.02
    due(people=16, connections=3, max_per_second=20)
    begin = time.monotonic()
    run()
    assert len(provider.messages) == 16
    assert provider.busiest <= 3
    assert time.monotonic() - begin >= 15 / 20


def test_a_test_goes_the_same_way(due: Due, provider: ProviderServer, as_marketer: Client) -> None:
    mass_email = due(people=1)
    page = f"/mass-emails/{mass_email.pk}/send-test/"
    answer = as_marketer.post(page, {"addresses": "ada@staff.example.com"}, follow=True)
    assert "were accepted" in answer.content.decode() or "was accepted" in answer.content.decode()
    assert provider.messages[0].recipient == "ada@staff.example.com"
    assert "[Test]" in provider.messages[0].text


def test_send_bounce_invalid_and_not_mailed_again(
    due: Due, run: Run, provider: ProviderServer, administrator: User
) -> None:
    """The whole loop: the event carries our metadata back, the address is Invalid, and the next mail leaves it out."""
    records = [RecordFactory.create(email=f"p{number}@example.com") for number in range(2)]
    first = due(records=records)
    run()
    (asked,) = [one for one in provider.messages if one.recipient == "p1@example.com"]
    account = account_of(first)
    address = save_webhook(EspWebhook(account=account, provider="postmark"), "", administrator)
    event = {
        "RecordType": "Bounce", "Type": "HardBounce", "ID": 1, "MessageID": "0a12", "Email": "p1@example.com",
        "Details": "smtp;550 5.1.1 User unknown", "BouncedAt": "2026-11-21T12:00:00Z",
        "Metadata": json.loads(asked.body)["Metadata"],
    }  # fmt: skip
    headers = {"authorization": "Basic " + b64encode(address.split("://")[1].split("@")[0].encode()).decode()}
    for _time in range(2):
        told = Client().post(f"/hooks/esp/{account.pk}/", event, content_type="application/json", headers=headers)
        assert told.status_code == 200
    report = BounceReport.objects.get()
    assert report.proof in ("verp", "message_id") and report.decision == "invalidated"
    second = MassEmailFactory.create(
        account=account, status=MassEmailStatus.PENDING, lists=[TargetListFactory.create(records=records)]
    )
    run()
    assert states(second) == {"SENT": 1, "SKIPPED": 1}
    assert [one.recipient for one in provider.messages].count("p1@example.com") == 1


def test_too_many_requests_after_many_messages_are_a_first_failure(
    due: Due, run: Run, provider: ProviderServer
) -> None:
    mass_email = due(people=4, connections=1)
    EmailAccount.objects.update(failures=6)
    provider.on(Answer(429, {"Message": "come back later"}, {"Retry-After": "40"}), "p3@example.com")
    run()
    account = account_of(mass_email)
    assert states(mass_email) == {"SENT": 3, "PENDING": 1}
    assert account.failures == 1 and account.last_ok_at
    assert account.retry_at and account.retry_at < timezone.now() + timedelta(seconds=70)


def test_an_address_inside_our_network_pauses_with_the_reason_and_asks_nobody(
    due: Due, run: Run, provider: ProviderServer, settings: Settings
) -> None:
    settings.HERALD_ALLOW_PRIVATE_ADDRESSES = False
    mass_email = due(people=2)
    run()
    mass_email.refresh_from_db()
    assert states(mass_email) == {"PENDING": 2} and mass_email.is_paused and not provider.asked
    assert "127.0.0.1" in account_of(mass_email).last_error
