"""Octets of a message → what it says about whom. Pure: no database, no clock, no network.

read       the parts that matter, of the first 128 KiB
feedback   a report of a complaint
status     a delivery status, by its fields
gate       otherwise: is this a bounce at all?
recipients whom it is about, and which lines speak of whom
judge      words and codes → hard or soft, with the reason
"""

import logging
from dataclasses import replace

from campaigns.bounces.dsn import Action, Report, reports_in
from campaigns.bounces.feedback import complaint_of
from campaigns.bounces.gate import is_bounce, is_delayed, may_concern
from campaigns.bounces.judging import Testimony, judge
from campaigns.bounces.notifications import notification_of
from campaigns.bounces.reading import HEAD, Reading, first_look, read
from campaigns.bounces.recipients import recipients_of, segments
from campaigns.bounces.summing import summed
from campaigns.bounces.verdicts import Classification, Kind, Reason, Refusal

__all__ = ["classify"]

_log = logging.getLogger(__name__)
# What a closer look at the rest of the text may still explain.
OPEN = (Reason.UNSPECIFIED, Reason.DELAYED)
UNREADABLE = Classification(Kind.NONE, rule="unreadable")
NOTHING = Classification(Kind.NONE, rule="no sign of a bounce")


def classify(raw: bytes) -> Classification:
    """Never raises, whatever the octets are; looks at a bounded part of them."""
    try:
        return _classified(raw)
    except Exception:  # noqa: BLE001 - one message that nobody foresaw must not stop a mailbox
        _log.exception("A message could not be classified.")
        return UNREADABLE


def _classified(raw: bytes) -> Classification:
    head = raw[:HEAD]
    if not may_concern(head, first_look(head)):
        return NOTHING
    reading = read(head)
    return complaint_of(reading) or notification_of(reading) or _by_status(reading) or _by_story(reading)


def _by_status(reading: Reading) -> Classification | None:
    """None where no delivery status tells who was refused."""
    reports = reports_in(reading.status, reading.text)
    if not reports or not (reading.status or is_bounce(reading)):
        return None
    refused = [report for report in reports if report.action is not Action.DONE]
    if not refused:
        return Classification(Kind.NONE, rule="delivered, relayed or expanded")
    return summed([_judged(report, reading, alone=len(refused) == 1) for report in refused])


def _judged(report: Report, reading: Reading, *, alone: bool) -> Refusal:
    address = report.address
    if not address and alone:
        address = next(iter(recipients_of(reading)), "")
    (words,) = segments(reading.text, [address])
    told = Testimony(report.diagnostic, report.status, words, delayed=report.action is Action.DELAYED)
    return _judged_again(judge(address, told), replace(told, story=reading.text)) if alone else judge(address, told)


def _by_story(reading: Reading) -> Classification:
    if not is_bounce(reading):
        return NOTHING
    addresses = recipients_of(reading) or [""]
    whole = Testimony(story=reading.text, subject=reading.header("Subject"), delayed=is_delayed(reading))
    own = zip(addresses, segments(reading.text, addresses), strict=True)
    each = [judge(address, Testimony(story=words, delayed=whole.delayed)) for address, words in own]
    return summed([_judged_again(refusal, whole) for refusal in each])


def _judged_again(refusal: Refusal, told: Testimony) -> Refusal:
    """By everything, where what was said beside the address says nothing."""
    return judge(refusal.address, told) if refusal.reason in OPEN else refusal
