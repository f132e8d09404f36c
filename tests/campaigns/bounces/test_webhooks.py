"""Events of providers: authenticated, idempotent, in any order."""

import base64
import json
from collections.abc import Callable

import pytest
from anymail.signals import AnymailTrackingEvent, EventType, RejectReason
from django.test import Client

from campaigns.bounces.webhook_setup import save_webhook
from campaigns.bounces.webhooks import act_on_events
from campaigns.models import Action, BounceReport, EspWebhook, LogRecord
from crm.models import EmailAccount, Provider, User
from tests.campaigns.bounces.conftest import Sent

Post = Callable[..., int]


@pytest.fixture
def mail(sent: Callable[..., Sent]) -> Sent:
    return sent()


@pytest.fixture
def post(mail: Sent, administrator: User) -> Post:
    """`post(event)`: as Postmark does it; the status of the answer."""
    account = mail.mass_email.account
    assert account
    address = save_webhook(EspWebhook(account=account, provider=Provider.POSTMARK), "", administrator)
    credentials = address.partition("://")[2].partition("@")[0]

    def send(event: object, password: str = credentials) -> int:
        code = base64.b64encode(password.encode()).decode()
        body = event if isinstance(event, bytes) else json.dumps(event).encode()
        headers = {"authorization": f"Basic {code}"} if password else {}
        url = f"/hooks/esp/{account.pk}/"
        client = Client(enforce_csrf_checks=True)
        return client.post(url, body, content_type="application/json", headers=headers).status_code

    return send


def _bounce(mail: Sent, **values: object) -> dict[str, object]:
    return {
        "RecordType": "Bounce", "Type": "HardBounce", "ID": 4711, "MessageID": "0f3c", "Email": mail.address.address,
        "Details": "smtp;550 5.1.1 User unknown", "BouncedAt": "2026-11-21T12:00:00Z", **values,
    }  # fmt: skip


def test_a_bounce_counts_once_however_often_it_is_told(mail: Sent, post: Post) -> None:
    assert [post(_bounce(mail)) for _time in range(3)] == [200, 200, 200]
    mail.reload()
    assert mail.address.invalid_at and mail.mass_email.hard_bounced_count == 1
    report = BounceReport.objects.get()
    assert (report.source, report.proof, report.decision) == ("webhook", "provider", "invalidated")


def test_our_message_id_in_the_event_finds_the_mail(sent: Callable[..., Sent], mail: Sent, post: Post) -> None:
    assert post(_bounce(mail, Metadata={"message-id": mail.message_id})) == 200
    assert BounceReport.objects.get().proof == "message_id"


def test_a_soft_bounce_is_logged(mail: Sent, post: Post) -> None:
    post(_bounce(mail, Type="SoftBounce", Details="452 4.2.2 Mailbox full"))
    assert mail.reload().address.invalid_at is None and mail.mass_email.soft_bounced_count == 1


def test_a_complaint_opts_out(mail: Sent, post: Post) -> None:
    post({"RecordType": "SpamComplaint", "Type": "SpamComplaint", "ID": 1, "Email": mail.address.address})
    assert mail.reload().address.opted_out_at and mail.mass_email.complaint_count == 1


def test_a_subscription_that_ended_opts_out_once(mail: Sent, post: Post) -> None:
    event = {"RecordType": "SubscriptionChange", "Recipient": mail.address.address, "SuppressSending": True,
             "SuppressionReason": "ManualSuppression"}  # fmt: skip
    assert post(event) == post(event) == 200
    assert mail.reload().address.opted_out_at
    assert LogRecord.objects.filter(action=Action.OPTED_OUT).count() == 1


@pytest.mark.parametrize("password", ["", "herald:wrong", "admin:admin"])
def test_strangers_change_nothing(mail: Sent, post: Post, password: str) -> None:
    assert post(_bounce(mail), password) == 403
    assert mail.reload().address.invalid_at is None and not BounceReport.objects.exists()


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b"\xff\xfe"])
def test_what_is_no_event_is_refused(post: Post, body: bytes) -> None:
    assert post(body) in (200, 400)
    assert not BounceReport.objects.exists()


def test_events_that_do_not_matter_are_taken(mail: Sent, post: Post) -> None:
    assert (
        post({"RecordType": "Delivery", "Recipient": mail.address.address, "DeliveredAt": "2026-11-21T12:00:00Z"})
        == 200
    )
    assert not BounceReport.objects.exists()


def test_an_event_about_somebody_we_never_mailed_changes_nothing(mail: Sent, post: Post) -> None:
    assert post(_bounce(mail, Email="nobody@example.net")) == 200
    assert BounceReport.objects.get().decision == "unproven"


def test_an_account_without_webhook_takes_none(client: Client, db: None) -> None:
    assert client.post("/hooks/esp/1/", b"{}", content_type="application/json").status_code == 404


def test_the_secrets_are_not_readable_in_the_database(post: Post, mail: Sent) -> None:
    hook = EspWebhook.objects.get()
    assert hook.password not in hook.secret and len(hook.password) >= 24


def test_a_signing_provider_needs_its_key(as_administrator: Client, mail: Sent) -> None:
    account = mail.mass_email.account
    assert account
    page = f"/admin/email-accounts/{account.pk}/webhook/"
    assert as_administrator.post(page, {"provider": "mailgun"}).status_code == 422
    answer = as_administrator.post(page, {"provider": "mailgun", "signing_key": "key-secret"})
    assert "/hooks/esp/" in answer.content.decode() and "key-secret" not in answer.content.decode()
    again = as_administrator.get(page).content.decode()
    assert EspWebhook.objects.get().password not in again and "key-secret" not in again


def _sendgrid(account: EmailAccount, administrator: User) -> Post:
    """`post(*events)` to an account of SendGrid's; the status of the answer."""
    address = save_webhook(EspWebhook(account=account, provider=Provider.SENDGRID), "", administrator)
    code = base64.b64encode(address.partition("://")[2].partition("@")[0].encode()).decode()

    def send(*events: object) -> int:
        return (
            Client()
            .post(
                f"/hooks/esp/{account.pk}/", json.dumps(events), content_type="application/json",
                headers={"authorization": f"Basic {code}"},
            )
            .status_code
        )  # fmt: skip

    return send


@pytest.mark.parametrize(("why", "kind"), [("Invalid", "hard"), ("Blocked", "soft"), ("Spam Content", "soft")])
def test_what_the_provider_rejected_is_hard_only_for_an_address_that_cannot_be(
    mail: Sent, administrator: User, why: str, kind: str
) -> None:
    assert mail.mass_email.account
    dropped = {"event": "dropped", "sg_event_id": "9", "email": mail.address.address, "timestamp": 1, "reason": why}
    post = _sendgrid(mail.mass_email.account, administrator)
    assert [post(dropped), post(dropped)] == [200, 200]
    report = BounceReport.objects.get()
    decision = "invalidated" if kind == "hard" else "logged"
    assert (report.source, report.kind, report.decision) == ("webhook", kind, decision)
    mail.reload()
    assert bool(mail.address.invalid_at) is (kind == "hard")
    counted = (mail.mass_email.hard_bounced_count, mail.mass_email.soft_bounced_count)
    assert counted == ((1, 0) if kind == "hard" else (0, 1))


@pytest.mark.parametrize(
    ("why", "kind"),
    [
        (RejectReason.INVALID, "hard"),
        *((why, "soft") for why in ("spam", "blocked", "timed_out", "bounced", "unsubscribed", "other")),
    ],
)
def test_every_reason_of_a_rejection(mail: Sent, post: Post, why: str, kind: str) -> None:
    event = AnymailTrackingEvent(
        event_type=EventType.REJECTED, event_id="1", recipient=mail.address.address, reject_reason=why
    )
    assert act_on_events(EspWebhook.objects.get(), [event]) == 1
    assert BounceReport.objects.get().kind == kind


def test_batches_in_any_order_any_number_of_times(sent: Callable[..., Sent], mail: Sent, administrator: User) -> None:
    """DUTIES S22: shuffled, doubled and repeated, the end is the same."""
    account = mail.mass_email.account
    assert account
    post = _sendgrid(account, administrator)
    events = [
        {"event": "delivered", "sg_event_id": "1", "email": mail.address.address, "timestamp": 1},
        {"event": "bounce", "type": "bounce", "sg_event_id": "2", "email": mail.address.address, "timestamp": 2,
         "reason": "550 5.1.1 User unknown", "message_id": mail.message_id.strip("<>")},
        {"event": "spamreport", "sg_event_id": "3", "email": mail.address.address, "timestamp": 3},
        {"event": "unsubscribe", "sg_event_id": "4", "email": mail.address.address, "timestamp": 4},
    ]  # fmt: skip
    for batch in (events[::-1], events, events[1:3] * 2, events[2:] + events[:2]):
        assert post(*batch) == 200
    mail.reload()
    assert mail.address.invalid_at and mail.address.opted_out_at
    assert (mail.mass_email.hard_bounced_count, mail.mass_email.complaint_count) == (1, 1)
    assert BounceReport.objects.count() == 2


def test_only_providers_whose_events_can_be_read_are_offered(as_administrator: Client, mail: Sent) -> None:
    account = mail.mass_email.account
    assert account
    page = f"/admin/email-accounts/{account.pk}/webhook/"
    assert as_administrator.post(page, {"provider": "scaleway"}).status_code == 422
    assert "Unisender Go" in as_administrator.get(page).content.decode()
