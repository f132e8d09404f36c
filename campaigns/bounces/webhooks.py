"""Events of a mail provider: bounced, rejected, complained, unsubscribed, by django-anymail's parsers.

Its views check who calls (basic authentication in constant time, and the provider's signature where it signs) and
turn every provider's form into one. What an event is about is proven like a bounce message; an authenticated provider
is also believed about the recipient of a mail that went out through its account.
"""

import hashlib
import json
import re
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from anymail.exceptions import AnymailWebhookValidationFailure
from anymail.signals import AnymailTrackingEvent, EventType, RejectReason
from anymail.webhooks.base import AnymailBaseWebhookView
from anymail.webhooks.brevo import BrevoTrackingWebhookView
from anymail.webhooks.mailersend import MailerSendTrackingWebhookView
from anymail.webhooks.mailgun import MailgunTrackingWebhookView
from anymail.webhooks.mailjet import MailjetTrackingWebhookView
from anymail.webhooks.mailtrap import MailtrapTrackingWebhookView
from anymail.webhooks.mandrill import MandrillCombinedWebhookView
from anymail.webhooks.postal import PostalTrackingWebhookView
from anymail.webhooks.postmark import PostmarkTrackingWebhookView
from anymail.webhooks.resend import ResendTrackingWebhookView
from anymail.webhooks.sendgrid import SendGridTrackingWebhookView
from anymail.webhooks.sparkpost import SparkPostTrackingWebhookView
from anymail.webhooks.unisender_go import UnisenderGoTrackingWebhookView
from django.http import HttpRequest
from django.utils import timezone

from campaigns import log
from campaigns.bounces.act import Origin, act
from campaigns.bounces.identify import Evidence, OurMessageId
from campaigns.bounces.judging import Testimony, judge
from campaigns.bounces.proving import Proven, prove
from campaigns.bounces.verdicts import Kind, Reason, Refusal
from campaigns.models import BounceSource, EspWebhook, FrozenMassEmail, Proof, QueueItem
from crm.models import EmailAddress, Provider

USER = "herald"  # of the basic authentication
VIEWS: dict[str, tuple[type[AnymailBaseWebhookView], str]] = {  # and what the signing key is called, "" if none
    Provider.BREVO: (BrevoTrackingWebhookView, ""),
    Provider.MAILERSEND: (MailerSendTrackingWebhookView, "signing_secret"),
    Provider.MAILGUN: (MailgunTrackingWebhookView, "webhook_signing_key"),
    Provider.MAILJET: (MailjetTrackingWebhookView, ""),
    Provider.MAILTRAP: (MailtrapTrackingWebhookView, ""),
    Provider.MANDRILL: (MandrillCombinedWebhookView, "webhook_key"),
    Provider.POSTAL: (PostalTrackingWebhookView, "webhook_key"),
    Provider.POSTMARK: (PostmarkTrackingWebhookView, ""),
    Provider.RESEND: (ResendTrackingWebhookView, ""),
    Provider.SENDGRID: (SendGridTrackingWebhookView, ""),
    Provider.SPARKPOST: (SparkPostTrackingWebhookView, ""),
    Provider.UNISENDER_GO: (UnisenderGoTrackingWebhookView, "api_key"),
}
SIGNING = frozenset(provider for provider, (_view, key) in VIEWS.items() if key)
RECENT = timedelta(days=30)
_TOKEN = re.compile(r"\+([0-9a-f]{34,120})@", re.IGNORECASE)
_MESSAGE_ID = re.compile(r"\b(\d{1,18})\.(\d{1,18})\.([0-9a-f]{12})@([a-z0-9.-]+)", re.IGNORECASE)


class BadEvents(ValueError):
    """What was posted is not in the provider's form."""


def events_of(hook: EspWebhook, request: HttpRequest) -> list[AnymailTrackingEvent]:
    """Raises AnymailWebhookValidationFailure for a caller who is not the provider, and BadEvents."""
    view_class, key = VIEWS[hook.provider]
    signing = {key: hook.signing_key} if key else {}
    if key and not hook.signing_key:
        raise AnymailWebhookValidationFailure("The signing key of this provider is not set.")
    view = view_class(webhook_secret=f"{USER}:{hook.password}", **signing)
    view.run_validators(request)
    try:
        return list(view.parse_events(request))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadEvents(str(error)) from error


def act_on_events(hook: EspWebhook, events: Iterable[AnymailTrackingEvent]) -> int:
    """In any order, any number of times; how many were about something that matters here."""
    done = sum(_act_on(hook, event) for event in events)
    EspWebhook.objects.filter(pk=hook.pk).update(last_event_at=timezone.now())
    return done


def _act_on(hook: EspWebhook, event: AnymailTrackingEvent) -> bool:
    if event.event_type == EventType.UNSUBSCRIBED:
        return _unsubscribe(hook, event)
    told = _refusal(event)
    if told is None:
        return False
    origin = Origin(BounceSource.WEBHOOK, _key(hook, event), hook.account_id)
    act(origin, told, _proven(hook, event))
    return True


def _refusal(event: AnymailTrackingEvent) -> Refusal | None:
    """What the event says about its recipient; None for events that are no refusal."""
    address = (event.recipient or "").strip()
    said = str(event.mta_response or event.description or "")
    if event.event_type == EventType.COMPLAINED:
        return Refusal(address, Kind.COMPLAINT, Reason.ABUSE, evidence=said, rule="event complained")
    if event.event_type == EventType.BOUNCED:
        return judge(address, Testimony(diagnostic=said))
    if event.event_type != EventType.REJECTED:
        return None
    if event.reject_reason == RejectReason.INVALID:
        return Refusal(address, Kind.HARD, Reason.ADDRESS_INVALID, evidence=said, rule="event rejected: invalid")
    return Refusal(address, Kind.SOFT, Reason.POLICY, evidence=said, rule=f"event rejected: {event.reject_reason}")


def _unsubscribe(hook: EspWebhook, event: AnymailTrackingEvent) -> bool:
    """The person used the provider's own link, which is about everything from this sender."""
    proven = _proven(hook, event)
    if proven.item is None or proven.item.email_address_id is None:
        return False
    log.opt_out(proven.item, proven.item.email_address_id, "provider", entirely=True)
    return True


def _proven(hook: EspWebhook, event: AnymailTrackingEvent) -> Proven:
    recipient = (event.recipient or "").strip().lower()
    text = f"{_text(event)} {event.message_id or ''}"
    evidence = Evidence(
        bounce_tokens=tuple(dict.fromkeys(token.lower() for token in _TOKEN.findall(text))),
        message_ids=tuple(
            OurMessageId(match[0], int(match[1]), int(match[2]), match[3].lower(), match[4])
            for match in _MESSAGE_ID.finditer(text)
        ),
    )
    found = prove(evidence, [recipient] if recipient else [])
    return found if found.item else _newest_to(hook, recipient) or found


def _newest_to(hook: EspWebhook, recipient: str) -> Proven | None:
    """The newest mail that went to the recipient through the account whose provider says so."""
    address = EmailAddress.objects.filter(normalized=recipient).first()
    if address is None:
        return None
    since = timezone.now() - RECENT
    mine = FrozenMassEmail.objects.filter(account_id=hook.account_id).values("pk")
    items = QueueItem.objects.filter(email_address_id=address.pk, attempted_at__gte=since, is_test=False)
    item = items.filter(mass_email_id__in=mine).order_by("-attempted_at").first()
    return Proven(item, Proof.PROVIDER) if item else None


def _key(hook: EspWebhook, event: AnymailTrackingEvent) -> str:
    told = event.event_id or hashlib.sha256(_text(event).encode()).hexdigest()
    return f"esp:{hook.pk}:{hashlib.sha256(f'{event.event_type}:{told}'.encode()).hexdigest()}"


def _text(event: AnymailTrackingEvent) -> str:
    raw: Any = event.esp_event
    return json.dumps(raw.dict() if hasattr(raw, "dict") else raw, sort_keys=True, default=str)
