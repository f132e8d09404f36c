"""Bounces, complaints and other mail, written for the tests in the forms that mail servers use."""

from email.message import EmailMessage

WRITTEN = """\
Return-Path: <bounce@crm.example>
Message-ID: <1.2.aabbccddeeff@crm.example>
From: News <news@crm.example>
To: {to}
Subject: Spring

Hello
"""


def mail(sender: str, subject: str, text: str, **headers: str) -> bytes:
    """Plain text, as old servers and people write it; `headers` with "_" for "-"."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, "bounce@crm.example", subject
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content(text)
    return message.as_bytes()


def told(subject: str, text: str, sender: str = "MAILER-DAEMON@mx.example.net") -> bytes:
    return mail(sender, subject, text, Return_Path="<>")


def status(*blocks: str, text: str = "Your message could not be delivered.", to: str = "ann@shop.example") -> bytes:
    """A delivery status notification (RFC 3464) with one block of fields per recipient."""
    fields = "\n\n".join(["Reporting-MTA: dns; mx.example.net", *blocks])
    parts = [
        f"Content-Type: text/plain; charset=utf-8\n\n{text}\n",
        f"Content-Type: message/delivery-status\n\n{fields}\n",
        f"Content-Type: message/rfc822\n\n{WRITTEN.format(to=to)}",
    ]
    return report("delivery-status", "Mail Delivery System <MAILER-DAEMON@mx.example.net>", "Undelivered Mail", parts)


def report(kind: str, sender: str, subject: str, parts: list[str]) -> bytes:
    lines = [
        "Return-Path: <>",
        f"From: {sender}",
        "To: bounce@crm.example",
        f"Subject: {subject}",
        "MIME-Version: 1.0",
        f'Content-Type: multipart/report; report-type={kind}; boundary="=_parts"',
        "",
        *(f"--=_parts\n{part}" for part in parts),
        "--=_parts--",
        "",
    ]
    return "\n".join(lines).encode()


def block(address: str, code: str = "5.0.0", diagnostic: str = "", action: str = "failed") -> str:
    words = f"\nDiagnostic-Code: smtp; {diagnostic}" if diagnostic else ""
    return f"Final-Recipient: rfc822; {address}\nAction: {action}\nStatus: {code}{words}"


def feedback(kind: str, *, fields: str = "", to: str = "ann@shop.example") -> bytes:
    parts = [
        "Content-Type: text/plain\n\nThis is an email abuse report.\n",
        f"Content-Type: message/feedback-report\n\nFeedback-Type: {kind}\nUser-Agent: Loop/1\nVersion: 1\n{fields}\n",
        f"Content-Type: message/rfc822\n\n{WRITTEN.format(to=to)}",
    ]
    return report("feedback-report", "fbl@provider.example", "Abuse report", parts)
