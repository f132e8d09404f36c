"""Mail that is no bounce: it stays untouched, and never costs anybody an address. And complaints."""

import json

import pytest

from campaigns.bounces.classify import classify
from campaigns.bounces.verdicts import Kind, Reason
from tests.campaigns.bounces.messages import feedback, mail, report, status, told

ANN = "Ann <ann@shop.example>"
ORDINARY = {
    "a reply": mail(ANN, "Re: Spring", "Please send me the price list. My permanent address is unknown to you."),
    "out of office": mail(
        ANN, "Automatic reply: Spring", "I am permanently away, the mailbox is not read.", Auto_Submitted="auto-replied"
    ),
    "vacation without a return path": mail(
        ANN,
        "On vacation",
        "Your mail could not be read, I am out of the office.",
        Return_Path="<>",
        Auto_Submitted="auto-replied",
    ),
    "a vacation note that answers the subject": mail(
        ANN, "Re: Spring", "I will not be reached until Monday.", Return_Path="<>", Auto_Submitted="auto-replied"
    ),
    "German": mail(ANN, "Abwesenheitsnotiz", "Ich bin nicht erreichbar. Ihre Nachricht konnte nicht gelesen werden."),
    "a forwarded bounce": mail(
        ANN, "Fwd: Undelivered Mail Returned to Sender", "> could not be delivered\n> 550 5.1.1 User unknown"
    ),
    "a newsletter": mail(
        "News <news@other.example>",
        "Delivery failures and how to avoid them",
        "550 5.1.1 User unknown means…",
        List_Unsubscribe="<x>",
    ),
    "a challenge": mail(
        ANN, "Your email requires verification verify#1", "Your message could not be delivered until you confirm."
    ),
    "a change of address": mail(ANN, "My new address", "My old address no longer exists. Please update your records."),
    "a success": told("Successful Mail Delivery Report", "Your message was successfully delivered to ann@shop.example"),
    "a receipt": report(
        "disposition-notification",
        ANN,
        "Read: Spring",
        ["Content-Type: message/disposition-notification\n\nDisposition: manual-action; displayed\n"],
    ),
    "a statement of an account": mail(
        "Bank <noreply@bank.example>", "Your account has been closed", "Mailbox unavailable is our slogan."
    ),
    "a parcel": mail(
        "Parcels <info@parcels.example>", "Delivery failed", "We were unable to deliver your parcel: address not found."
    ),
    "a cold": mail(ANN, "Ill", "I am ill and cannot be reached.", Return_Path="<>"),
    "nothing": b"",
    "blank": b"\r\n\r\n",
}


@pytest.mark.parametrize("what", ORDINARY)
def test_ordinary_mail_is_no_bounce(what: str) -> None:
    assert classify(ORDINARY[what]).kind is Kind.NONE


def test_a_rejection_in_the_form_of_a_receipt_is_a_bounce() -> None:
    parts = [
        "Content-Type: text/plain\n\nYour message to <ann@shop.example> was automatically rejected:\nQuota exceeded\n",
        "Content-Type: message/disposition-notification\n\n"
        "Disposition: automatic-action/MDN-sent-automatically; deleted\n",
    ]
    found = classify(
        report(
            "disposition-notification", "Mail Delivery Subsystem <a@b.example>", "Automatically rejected mail", parts
        )
    )
    assert (found.kind, found.reason) == (Kind.SOFT, Reason.MAILBOX_FULL)


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("abuse", Reason.ABUSE),
        ("fraud", Reason.FRAUD),
        ("opt-out", Reason.OPT_OUT),
        ("some-new-type", Reason.OTHER_COMPLAINT),
    ],
)
def test_feedback_reports_are_complaints(kind: str, reason: Reason) -> None:
    found = classify(feedback(kind, fields="Original-Rcpt-To: <ann@shop.example>"))
    assert (found.kind, found.reason) == (Kind.COMPLAINT, reason)
    assert [each.address for each in found.recipients] == ["ann@shop.example"]


def test_a_report_without_a_recipient_names_the_one_of_the_returned_message() -> None:
    assert classify(feedback("abuse")).recipients[0].address == "ann@shop.example"


@pytest.mark.parametrize("kind", ["auth-failure", "not-spam"])
def test_reports_of_machines_and_praise_are_no_complaints(kind: str) -> None:
    found = classify(feedback(kind))
    assert (found.kind, found.recipients) == (Kind.NONE, ())


def test_the_form_of_hotmail() -> None:
    parts = [
        "Content-Type: message/rfc822\n\n"
        "X-HmXmrOriginalRecipient: ann@hotmail.example\nFrom: a@b.example\nSubject: x\n\nx\n"
    ]
    found = classify(report("none", "staff@hotmail.example", "complaint about message from 192.0.2.1", parts))
    assert (found.kind, found.recipients[0].address) == (Kind.COMPLAINT, "ann@hotmail.example")


def test_notifications_of_amazon() -> None:
    row = {"emailAddress": "ann@shop.example", "status": "5.1.1", "diagnosticCode": "smtp; 550 5.1.1 user unknown"}
    told_by = {
        "Bounce": {"notificationType": "Bounce", "bounce": {"bounceType": "Permanent", "bouncedRecipients": [row]}},
        "Complaint": {"notificationType": "Complaint", "complaint": {"complainedRecipients": [row]}},
        "Delivery": {"notificationType": "Delivery", "delivery": {"recipients": ["ann@shop.example"]}},
    }
    kinds = {
        what: classify(mail("no-reply@sns.amazonaws.com", "AWS Notification Message", json.dumps(notice))).kind
        for what, notice in told_by.items()
    }
    assert kinds == {"Bounce": Kind.HARD, "Complaint": Kind.COMPLAINT, "Delivery": Kind.NONE}


def test_a_status_part_in_a_forged_or_empty_shape_says_nothing() -> None:
    assert classify(status()).kind in (Kind.NONE, Kind.SOFT)
