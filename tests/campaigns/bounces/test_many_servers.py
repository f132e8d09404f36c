"""How many families of mail servers say no, in many languages, and how mail looks that is no bounce.

The folder `many_servers` holds the words, written for these tests after the forms that the servers use: replies in a
delivery status, notices in plain text, ordinary mail. A rule that judges one of them wrongly is wrong about a server.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from campaigns.bounces.classify import classify
from campaigns.bounces.verdicts import Kind
from tests.campaigns.bounces.messages import block, feedback, mail, report, status, told

FOLDER = Path(__file__).parent / "many_servers"
ANN = "ann@shop.example"


def _replies() -> Iterator[tuple[str, str, str, str]]:
    for line in (FOLDER / "replies.txt").read_text().splitlines()[1:]:
        kind, name, code, words = line.split(" | ", 3)
        yield kind, name, code, words


def _mails(name: str) -> Iterator[tuple[str, str, bytes]]:
    for written in re.split(r"^=== ", (FOLDER / name).read_text(), flags=re.M)[1:]:
        title, _line, rest = written.partition("\n")
        head, _empty, text = rest.partition("\n\n")
        fields = dict(line.split(": ", 1) for line in head.splitlines())
        kind, _bar, who = title.partition(" | ")
        sender, subject = fields.pop("From"), fields.pop("Subject")
        yield kind, who, mail(sender, subject, text, **{key.replace("-", "_"): value for key, value in fields.items()})


REPLIES, NOTICES, ORDINARY = list(_replies()), list(_mails("notices.txt")), list(_mails("ordinary.txt"))


@pytest.mark.parametrize(("kind", "who", "code", "words"), REPLIES, ids=[row[1] for row in REPLIES])
def test_what_a_server_replied_is_judged(kind: str, who: str, code: str, words: str) -> None:
    found = classify(status(block(ANN, code, words)))
    assert (found.kind, [one.address for one in found.recipients]) == (kind, [ANN]), found.rule


@pytest.mark.parametrize(("kind", "who", "raw"), NOTICES, ids=[row[1] for row in NOTICES])
def test_a_notice_is_understood_in_its_language(kind: str, who: str, raw: bytes) -> None:
    found = classify(raw)
    assert (found.kind, [one.address for one in found.recipients]) == (kind, [ANN]), found.rule


@pytest.mark.parametrize(("kind", "who", "raw"), ORDINARY, ids=[row[1] for row in ORDINARY])
def test_ordinary_mail_costs_nobody_the_address(kind: str, who: str, raw: bytes) -> None:
    assert classify(raw).kind == Kind.NONE, classify(raw).rule


def test_a_read_receipt_is_none() -> None:
    parts = [
        "Content-Type: text/plain\n\nYour message was read on Saturday.\n",
        "Content-Type: message/disposition-notification\n\nFinal-Recipient: rfc822; ann@shop.example\n"
        "Disposition: manual-action/MDN-sent-manually; displayed\n",
    ]
    read = report("disposition-notification", "Ann Lee <ann@shop.example>", "Read: Spring", parts)
    assert classify(read).kind == Kind.NONE


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("abuse", "Original-Rcpt-To: ann@shop.example\nReported-Domain: crm.example\nSource-IP: 192.0.2.7"),  # Yahoo
        ("abuse", "Arrival-Date: Sat, 21 Nov 2026 10:00:00 +0000\nOriginal-Rcpt-To: <ann@shop.example>"),  # Fastmail
        ("fraud", "Original-Rcpt-To: ann@shop.example"),
        ("opt-out", "Original-Rcpt-To: ann@shop.example"),
    ],
)
def test_a_feedback_loop_is_a_complaint(kind: str, fields: str) -> None:
    found = classify(feedback(kind, fields=fields))
    assert (found.kind, [one.address for one in found.recipients]) == (Kind.COMPLAINT, [ANN])


def test_a_redacted_complaint_is_one_too() -> None:
    """AOL and others black out the recipient: our own token in the returned mail has to tell."""
    raw = feedback("abuse", fields="Redacted-Address: redacted", to="redacted@example.net")
    assert classify(raw).kind == Kind.COMPLAINT


def test_who_says_not_spam_does_not_complain() -> None:
    assert classify(feedback("not-spam", fields="Original-Rcpt-To: ann@shop.example")).kind == Kind.NONE


def test_outlooks_reports_come_without_a_report() -> None:
    """JMRP sends the mail as it was, with one field more."""
    lines = [
        "Return-Path: <>", "From: staff@hotmail.com", "To: fbl@crm.example",
        "Subject: complaint about message from 192.0.2.7", "X-HmXmrOriginalRecipient: ann@shop.example",
        "MIME-Version: 1.0", 'Content-Type: multipart/mixed; boundary="b"', "",
        "--b", "Content-Type: message/rfc822", "", "X-HmXmrOriginalRecipient: ann@shop.example",
        "From: News <news@crm.example>", "To: ann@shop.example", "Subject: Spring", "", "Hello", "--b--", "",
    ]  # fmt: skip
    found = classify("\n".join(lines).encode())
    assert (found.kind, [one.address for one in found.recipients]) == (Kind.COMPLAINT, [ANN])


@pytest.mark.parametrize(("action", "kind"), [("delayed", Kind.SOFT), ("delivered", Kind.NONE), ("relayed", Kind.NONE)])
def test_what_is_not_failed_is_never_hard(action: str, kind: Kind) -> None:
    words = "connection timed out" if action == "delayed" else "250 ok"
    assert classify(status(block(ANN, "4.4.1" if action == "delayed" else "2.0.0", words, action))).kind == kind


def test_a_warning_of_exim_is_no_failure() -> None:
    text = (
        "A message that you sent has not yet been delivered to one or more of its recipients after more than 24 hours\n"
        "on the queue.\n\nThe address to which the message has not yet been delivered is:\n\n  ann@shop.example\n\nNo "
        "action is required on your part. Delivery attempts will continue for some time.\n"
    )
    assert classify(told("Warning: message 1abc delayed 24 hours", text)).kind == Kind.SOFT
