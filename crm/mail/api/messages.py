"""From the octets of a finished mail to the message that django-anymail's backends take.

A provider builds the mail anew: structure, date and signature are its own. Kept are sender, recipient, subject, texts,
attachments and every field that says something, such as List-Unsubscribe.
"""

from email import message_from_bytes, policy
from email.message import EmailMessage

from django.core.mail import EmailMultiAlternatives

from crm.mail.api.providers import ApiProvider
from crm.mail.smtp_protocol import Envelope

# Said elsewhere, or written by the provider.
_NOT_PASSED_ON = frozenset(
    {"from", "to", "reply-to", "subject", "date", "mime-version", "dkim-signature", "message-id", "return-path"}
)
LONGEST_METADATA = 80  # characters, Postmark's limit


def message_for(provider: ApiProvider, envelope: Envelope) -> EmailMultiAlternatives:
    """The links stay ours: providers are asked not to count opens and clicks."""
    mail = message_from_bytes(envelope.data, policy=policy.default)
    message = EmailMultiAlternatives(
        subject=str(mail["Subject"] or ""),
        body=_text(mail, "plain"),
        from_email=str(mail["From"]),
        to=[_recipient(mail, envelope)],
        reply_to=[str(mail["Reply-To"])] if mail["Reply-To"] else None,
        headers=_headers(provider, mail),
    )
    if html := _text(mail, "html"):
        message.attach_alternative(html, "text/html")
    for part in mail.iter_attachments():
        content = part.get_payload(decode=True)
        assert isinstance(content, bytes)
        message.attach(part.get_filename() or "attachment", content, part.get_content_type())
    message.metadata = _metadata(mail, envelope)  # type: ignore[attr-defined]  # anymail's
    message.track_opens = message.track_clicks = False  # type: ignore[attr-defined]
    return message


def message_id_of(envelope: Envelope) -> str:
    """Without its angle brackets."""
    return _message_id(message_from_bytes(envelope.data, policy=policy.default))


def _message_id(mail: EmailMessage) -> str:
    return str(mail["Message-ID"] or "").strip().strip("<>")


def _text(mail: EmailMessage, subtype: str) -> str:
    part = mail.get_body((subtype,))
    return str(part.get_content()) if part is not None else ""


def _recipient(mail: EmailMessage, envelope: Envelope) -> str:
    """The name of the field To, the address of the envelope, which decides."""
    told = mail["To"]
    names = [address.display_name for address in told.addresses] if told is not None else []
    name = names[0].replace("\\", "\\\\").replace('"', '\\"') if names else ""
    return f'"{name}" <{envelope.recipient}>' if name else envelope.recipient


def _headers(provider: ApiProvider, mail: EmailMessage) -> dict[str, str]:
    told = {
        name: str(value)
        for name, value in mail.items()
        if name.lower() not in _NOT_PASSED_ON and not name.lower().startswith("content-")
    }
    if provider.keeps_message_id and mail["Message-ID"]:
        told["Message-ID"] = str(mail["Message-ID"]).strip()
    return told | provider.headers


def _metadata(mail: EmailMessage, envelope: Envelope) -> dict[str, str]:
    """What the provider's events carry back, and what proves there which mail they are about.

    Cut from the right: the tokens stand on the left, of the domain nothing depends.
    """
    told = {"message_id": _message_id(mail), "return_path": envelope.sender}
    return {name: value[:LONGEST_METADATA] for name, value in told.items() if value}
