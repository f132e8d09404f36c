"""Octets of a message → what it says about whom. Pure: no database, no clock, no network.

    read       the parts that matter, of the first 256 KiB
    feedback   a report of a complaint
    status     a delivery status, by its fields
    gate       otherwise: is this a bounce at all?
    recipients whom it is about, and which lines speak of whom
    judge      words and codes → hard or soft, with the reason
"""

from campaigns.bounces.dsn import Action, Report, reports_in
from campaigns.bounces.feedback import complaint_of
from campaigns.bounces.gate import is_bounce
from campaigns.bounces.judging import Testimony, judge
from campaigns.bounces.notifications import notification_of
from campaigns.bounces.reading import Reading, read
from campaigns.bounces.recipients import recipients_of, segments
from campaigns.bounces.summing import summed
from campaigns.bounces.verdicts import Classification, Kind, Reason, Refusal

__all__ = ["classify"]

NOTHING = Classification(Kind.NONE, rule="no sign of a bounce")


def classify(raw: bytes) -> Classification:
    """Never raises, whatever the octets are; looks at a bounded part of them."""
    reading = read(raw)
    return complaint_of(reading) or notification_of(reading) or _by_status(reading) or _by_story(reading)


def _by_status(reading: Reading) -> Classification | None:
    """None where no delivery status tells who was refused."""
    reports = reports_in(reading.status, reading.text)
    if not reports:
        return None
    if not reading.status and not is_bounce(reading):
        return None
    refused = [report for report in reports if report.action is not Action.DONE]
    if not refused:
        return Classification(Kind.NONE, rule="delivered, relayed or expanded")
    return summed([_judged(report, reading, alone=len(refused) == 1) for report in refused])


def _judged(report: Report, reading: Reading, *, alone: bool) -> Refusal:
    address = report.address
    if not address and alone:
        address = next(iter(recipients_of(reading)), "")
    story = reading.text if alone else "".join(segments(reading.text, [address]))
    return judge(address, Testimony(report.diagnostic, report.status, story, delayed=report.action is Action.DELAYED))


def _by_story(reading: Reading) -> Classification:
    if not is_bounce(reading):
        return NOTHING
    addresses = recipients_of(reading) or [""]
    whole = Testimony(story=reading.text, subject=reading.header("Subject"))
    if len(addresses) == 1:
        return summed([judge(addresses[0], whole)])
    own = [judge(address, Testimony(story=words)) for address, words in _stories(reading, addresses)]
    return summed([judge(each.address, whole) if each.reason is Reason.UNSPECIFIED else each for each in own])


def _stories(reading: Reading, addresses: list[str]) -> list[tuple[str, str]]:
    return list(zip(addresses, segments(reading.text, addresses), strict=True))
