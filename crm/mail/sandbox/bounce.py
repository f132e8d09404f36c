"""A bounce message as a real mail server writes it: multipart/report with a delivery status (RFC 3462, RFC 3464)."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime

MTA = "sandbox.localhost"
RETURNED_WHOLE = 50_000  # octets; of longer messages only the headers come back, as Postfix does it


@dataclass(frozen=True, slots=True)
class Undelivered:
    """A message that was accepted and could not be delivered to `recipient` after all."""

    sender: str  # the envelope sender: whom the bounce is for, with everything that is encoded in it
    recipient: str
    status: str  # RFC 3463
    diagnostic: str
    original: bytes
    at: datetime


def bounce_message(undelivered: Undelivered) -> bytes:
    """The report as it lands in the mailbox of the envelope sender, with LF line ends."""
    boundary = f"{secrets.token_hex(12)}/{MTA}"
    parts = (_explanation(undelivered), _status(undelivered), _returned(undelivered.original))
    body = b"".join(b"--%b\n%b\n" % (boundary.encode(), part) for part in parts)
    return _headers(undelivered, boundary).encode() + body + b"--%b--\n" % boundary.encode()


def _headers(undelivered: Undelivered, boundary: str) -> str:
    return (
        "Return-Path: <>\n"
        f"Delivered-To: {undelivered.sender}\n"
        f"From: Mail Delivery System <MAILER-DAEMON@{MTA}>\n"
        f"To: {undelivered.sender}\n"
        "Subject: Undelivered Mail Returned to Sender\n"
        f"Date: {format_datetime(undelivered.at)}\n"
        f"Message-ID: <{secrets.token_hex(10)}@{MTA}>\n"
        "Auto-Submitted: auto-replied\n"
        "MIME-Version: 1.0\n"
        f'Content-Type: multipart/report; report-type=delivery-status;\n boundary="{boundary}"\n'
        "\n"
        "This is a MIME-encapsulated message.\n\n"
    )


def _explanation(undelivered: Undelivered) -> bytes:
    return (
        "Content-Description: Notification\n"
        "Content-Type: text/plain; charset=utf-8\n"
        "Content-Transfer-Encoding: 8bit\n"
        "\n"
        f"This is the mail system at host {MTA}.\n\n"
        "I'm sorry to have to inform you that your message could not\n"
        "be delivered to one or more recipients. It's attached below.\n\n"
        f"<{undelivered.recipient}>: host {MTA} said: {undelivered.diagnostic}\n"
    ).encode()


def _status(undelivered: Undelivered) -> bytes:
    kind = "rfc822" if undelivered.recipient.isascii() else "utf-8"  # RFC 6533
    return (
        "Content-Description: Delivery report\n"
        "Content-Type: message/delivery-status\n"
        "\n"
        f"Reporting-MTA: dns; {MTA}\n"
        f"Arrival-Date: {format_datetime(undelivered.at)}\n"
        "\n"
        f"Final-Recipient: {kind}; {undelivered.recipient}\n"
        f"Original-Recipient: {kind};{undelivered.recipient}\n"
        "Action: failed\n"
        f"Status: {undelivered.status}\n"
        f"Remote-MTA: dns; {MTA}\n"
        f"Diagnostic-Code: smtp; {undelivered.diagnostic}\n"
    ).encode()


def _returned(original: bytes) -> bytes:
    whole = len(original) <= RETURNED_WHOLE
    original = original.replace(b"\r\n", b"\n")
    content = original if whole else original.partition(b"\n\n")[0] + b"\n"
    return b"Content-Description: Undelivered Message%b\nContent-Type: %b\nContent-Transfer-Encoding: %b\n\n%b" % (
        b"" if whole else b" Headers",
        b"message/rfc822" if whole else b"text/rfc822-headers",
        b"7bit" if content.isascii() else b"8bit",
        content if content.endswith(b"\n") else content + b"\n",
    )
