"""Is this message about one that failed? Asked before anybody looks at what it says, and answered by its structure, its
sender, its subject and the first sentences of its text.

A person who forwards a bounce, an out-of-office note that calls an address "permanently closed" and a newsletter about
delivery failures are none. Text alone is believed only from a mail server, or where subject and text agree.
"""

import re
from email.message import Message

from campaigns.bounces.codes import codes_in
from campaigns.bounces.gate_phrases import ABSENT, ARRIVED, CHALLENGE, DELAY, LIST, OF_PEOPLE, SERVER, STORY, SUBJECT
from campaigns.bounces.phrasing import folded, speaks
from campaigns.bounces.reading import Reading, header

OPENING = 3000  # characters of the story in which a mail server says what it is writing about
GREETING = 600  # characters in which a person says that they are away

_REPORTS = re.compile(
    rb"message/(?:global-)?delivery-status|final-recipient|feedback-report|x-hmxmroriginalrecipient"
    rb"|\"(?:notification|event)type\"",
    re.I,
)
_DOMAIN = re.compile(r"@[\w.\-\[\]]*")
_QUOTED = re.compile(r"^[ \t]*>(?!>>).*$", re.M)


def may_concern(raw: bytes, seen: "Message[str, str]") -> bool:
    """A cheap look at the header, and for words without which a body is no report. False: ordinary mail, not to be
    read. `raw` and `seen` are the octets and what `first_look` found in them."""
    if "X-Failed-Recipients" in seen or "Auto-Submitted" in seen:
        return True
    sender = header(seen, "From")
    if _is_null(sender or "<>") or _is_null(header(seen, "Return-Path")) or speaks(SERVER, folded(sender)):
        return True
    return speaks(SUBJECT, folded(header(seen, "Subject"))) or bool(_REPORTS.search(raw))


def is_bounce(reading: Reading) -> bool:
    """For messages whose structure does not tell: no delivery status, no feedback report."""
    title = folded(reading.header("Subject"))
    from_server = _is_from_server(reading)
    if _is_answer(reading, title, from_server=from_server):
        return False
    subject, story = speaks(SUBJECT, title), speaks(STORY, _opening(reading))
    if from_server:
        return subject or story or _is_report(reading)
    if _is_null(reading.header("Return-Path")):  # vacation programs have no return path either (RFC 3834 §3.3)
        return story and (subject or _shows_a_mail(reading))
    return subject and story and _shows_a_mail(reading) and not _is_from_person(reading, title)


def is_delayed(reading: Reading) -> bool:
    """Whether the server goes on trying: then nobody is refused yet."""
    return speaks(DELAY, folded(reading.header("Subject"))) or speaks(DELAY, _opening(reading))


def _opening(reading: Reading) -> str:
    return folded(_QUOTED.sub("", reading.text[:OPENING]))


def _is_from_server(reading: Reading) -> bool:
    sender = reading.header("From")
    # The name and the local part: a person may well write from mailserver.example.
    named = speaks(SERVER, folded(_DOMAIN.sub(" ", sender)))
    return named or _is_null(sender) or "X-Failed-Recipients" in reading.message


def _is_null(sender: str) -> bool:
    return sender.rstrip().endswith("<>")


def _is_answer(reading: Reading, title: str, *, from_server: bool) -> bool:
    """Automatic replies, challenges, receipts: written for somebody whose message did arrive."""
    if "message/disposition-notification" in reading.types:
        # RFC 5429 §2.1.1: a receipt, unless a filter of the recipient rejected the message by it.
        return "reject" not in f"{title} {reading.header('Auto-Submitted')}".lower()
    if speaks(ABSENT, title) or speaks(CHALLENGE, title) or speaks(ARRIVED, title):
        return True
    if not from_server and speaks(ABSENT, folded(reading.text[:GREETING])):
        return True
    return "X-Autoreply" in reading.message or "X-Autorespond" in reading.message


def _shows_a_mail(reading: Reading) -> bool:
    """Whether it is a mail that failed, with the reply of a server or a copy of it: parcels are undeliverable, too."""
    codes = codes_in(reading.text[:OPENING])
    if codes.enhanced or codes.basic or reading.returned or reading.quoted.strip():
        return True
    return _is_report(reading) or speaks(LIST, _opening(reading))


def _is_report(reading: Reading) -> bool:
    return "multipart/report" in reading.header("Content-Type").lower()


def _is_from_person(reading: Reading, title: str) -> bool:
    if speaks(OF_PEOPLE, title[:12]):
        return True
    return any(name in reading.message for name in ("List-Id", "List-Post", "List-Unsubscribe"))
