"""Bounces in plain text: each family of mail servers has a form of its own."""

import pytest

from campaigns.bounces.classify import classify
from campaigns.bounces.verdicts import Kind, Reason
from tests.campaigns.bounces.messages import mail, told

QMAIL = """Hi. This is the qmail-send program at mx.example.net.
I'm afraid I wasn't able to deliver your message to the following addresses.
This is a permanent error; I've given up. Sorry it didn't work out.

<ann@shop.example>:
{}

--- Below this line is a copy of the message.

Return-Path: <bounce@crm.example>
"""
EXIM = """This message was created automatically by mail delivery software.

A message that you sent could not be delivered to one or more of its
recipients. This is a permanent error. The following address(es) failed:

  ann@shop.example
    {}

------ This is a copy of the message, including all the headers. ------

Return-path: <bounce@crm.example>
"""
SENDMAIL = """   ----- The following addresses had permanent fatal errors -----
<ann@shop.example>

   ----- Transcript of session follows -----
... while talking to mx.shop.example.:
>>> RCPT To:<ann@shop.example>
<<< {}
550 <ann@shop.example>... Service unavailable
"""
GMAIL = """Delivery to the following recipient failed permanently:

     ann@shop.example

Technical details of permanent failure:
{}

----- Original message -----
"""
YAHOO = """Sorry, we were unable to deliver your message to the following address.

<ann@shop.example>:
{}

--- Below this line is a copy of the message.
"""
UNKNOWN, FULL = "550 5.1.1 User unknown", "552 5.2.2 Mailbox full"
FORMS = {
    "qmail": ("failure notice", QMAIL),
    "Exim": ("Mail delivery failed: returning message to sender", EXIM),
    "Sendmail": ("Returned mail: see transcript for details", SENDMAIL),
    "Gmail": ("Delivery Status Notification (Failure)", GMAIL),
    "Yahoo": ("Failure Notice", YAHOO),
    "Exchange 2003": (
        "Undeliverable: Spring",
        "Your message did not reach the following recipient(s):\n\nann@shop.example on Mon, 1 Mar\n    {}\n",
    ),
    "Domino": ("DELIVERY FAILURE", "Your message was not delivered to:\n\n  ann@shop.example\n\nbecause:\n\n  {}\n"),
    "GroupWise": (
        "Message status - undeliverable",
        "The message that you sent was undeliverable to the following:\n    ann@shop.example ({})\n",
    ),
    "MailEnable": (
        "Message Delivery Failure",
        "MailEnable: Message could not be delivered to some recipients.\n"
        "Recipient: [SMTP:ann@shop.example]\nReason: {}\n",
    ),
    "hMailServer": (
        "Message undeliverable",
        "Your message did not reach some or all of the intended recipients.\n\n"
        "   ann@shop.example\n   Remote server replied: {}\n",
    ),
    "Courier": (
        "NOTICE: mail delivery status.",
        "UNDELIVERABLE MAIL\n\n<ann@shop.example>:\n >>> RCPT TO:<ann@shop.example>\n <<< {}\n",
    ),
    "CommuniGate": (
        "Undeliverable mail",
        "Failed to deliver to 'ann@shop.example'\nSMTP module reports:\n host mx says:\n {}\n",
    ),
    "IMail": ("Undeliverable Mail", "Unknown user: ann@shop.example\n\nRCPT TO generated following response:\n{}\n"),
    "OpenSMTPD": (
        "Delivery status notification: error",
        "An error has occurred while attempting to deliver a message for the following list of recipients:\n\n"
        "ann@shop.example: {}\n\n"
        "Below is a copy of the original message:\n",
    ),
    "DragonFly": (
        "Mail delivery failed",
        "There was an error delivering your mail to <ann@shop.example>.\n\n{}\n\nMessage headers follow.\n",
    ),
    "Zoho": (
        "Undelivered Mail Returned to Sender",
        "This is a permanent error. \n\nann@shop.example {}\n\nReceived:from mx by mx\n",
    ),
    "Mail.ru": (
        "Ваше сообщение не доставлено",
        "К сожалению, Ваше письмо не может быть доставлено:\n\n  ann@shop.example\n    {}\n",
    ),
    "QQ": ("系统退信", "您的邮件被退回\n\n收件人: ann@shop.example\n{}\n"),
    "m-FILTER": (
        "failure notice",
        "以下のメールアドレスへの送信に失敗しました。\n\n"
        "ann@shop.example\n-------server message\n{}\n-------original message\n",
    ),
    "Kerio": (
        "Undeliverable mail",
        "Your message could not be delivered to the following recipients:\n\n<ann@shop.example>: {}\n",
    ),
    "SurgeMail": (
        "Delivery failure",
        "Your message could not be delivered to one or more recipients\n\nann@shop.example\n\nReason: {}\n",
    ),
}


@pytest.mark.parametrize("family", FORMS)
@pytest.mark.parametrize(
    ("words", "kind", "reason"), [(UNKNOWN, Kind.HARD, Reason.USER_UNKNOWN), (FULL, Kind.SOFT, Reason.MAILBOX_FULL)]
)
def test_each_family(family: str, words: str, kind: Kind, reason: Reason) -> None:
    subject, form = FORMS[family]
    words = words if family != "IMail" or kind is Kind.HARD else "552 Mailbox full"
    found = classify(told(subject, form.format(words)))
    assert [each.address for each in found.recipients] == ["ann@shop.example"]
    assert (found.kind, found.reason) == (kind, reason), found


def test_the_field_of_exim_and_gmail_names_the_recipient() -> None:
    raw = mail(
        "MAILER-DAEMON@mx",
        "Mail delivery failed",
        "It failed.",
        X_Failed_Recipients="ann@shop.example, bob@shop.example",
    )
    assert [each.address for each in classify(raw).recipients] == ["ann@shop.example", "bob@shop.example"]


def test_each_recipient_is_judged_by_the_lines_beside_them() -> None:
    text = (
        "Unable to deliver to:\n\n<ann@shop.example>:\nThis user doesn't have a yahoo.com account\n\n"
        "<bob@shop.example>:\nThis account is over quota\n"
    )
    found = classify(told("Delivery failure", text))
    assert [(each.address, each.kind) for each in found.recipients] == [
        ("ann@shop.example", Kind.HARD),
        ("bob@shop.example", Kind.SOFT),
    ]


def test_a_footer_about_viruses_is_no_reason() -> None:
    footer = "This mail was scanned for viruses.\n--- Below"
    raw = told("failure notice", QMAIL.format(UNKNOWN).replace("--- Below", footer))
    assert classify(raw).reason is Reason.USER_UNKNOWN


def test_a_warning_of_a_delay_is_soft() -> None:
    text = (
        "A message that you sent has not yet been delivered to one or more of its recipients.\n\n"
        "  ann@shop.example\n    user unknown\n"
    )
    found = classify(told("Warning: message 1abc delayed 24 hours", text))
    assert (found.kind, found.recipients[0].address) == (Kind.SOFT, "ann@shop.example")


def test_a_bounce_without_a_reason_is_soft() -> None:
    found = classify(told("failure notice", QMAIL.format("")))
    assert (found.kind, found.reason) == (Kind.SOFT, Reason.UNSPECIFIED)


def test_html_is_read_as_well() -> None:
    html = (
        b"<html><body><p>Your message to <b>ann@shop.example</b> couldn&#39;t be delivered.</p>"
        b"<p>The mailbox is full.</p>"
    )
    raw = told("Undeliverable: Spring", "x").replace(b"text/plain", b"text/html").replace(b"\n\nx\n", b"\n\n" + html)
    found = classify(raw)
    assert (found.kind, found.reason, found.recipients[0].address) == (
        Kind.SOFT,
        Reason.MAILBOX_FULL,
        "ann@shop.example",
    )
