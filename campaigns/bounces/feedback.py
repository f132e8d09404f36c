"""Feedback reports (ARF, RFC 5965), and the form of Hotmail, which has no report part: a person's opinion of a mail."""

import re

from campaigns.bounces.dsn import address_in, addresses_in
from campaigns.bounces.reading import Reading, header
from campaigns.bounces.verdicts import Classification, Kind, Reason, Refusal

# RFC 5965 §7.3, RFC 6430 and what the large providers send. Reports of machines are no complaints of persons.
TYPES: dict[str, Reason] = {
    "abuse": Reason.ABUSE,
    "complaint": Reason.ABUSE,
    "spam": Reason.ABUSE,
    "miscategorized": Reason.OTHER_COMPLAINT,
    "opt-out": Reason.OPT_OUT,
    "opt-out-list": Reason.OPT_OUT,
    "unsubscribe": Reason.OPT_OUT,
    "fraud": Reason.FRAUD,
    "phishing": Reason.FRAUD,
    "virus": Reason.OTHER_COMPLAINT,
    "other": Reason.OTHER_COMPLAINT,
    "auth-failure": Reason.AUTHENTICATION_REPORT,
    "dmarc": Reason.AUTHENTICATION_REPORT,
    "not-spam": Reason.NOT_A_BOUNCE,
}
_TYPE = re.compile(r"^feedback-type[ \t]*:[ \t]*([\w-]{1,40})", re.I | re.M)
_RECIPIENT = re.compile(
    r"^(?:original-rcpt-to|redacted-address|removal-recipient|x-hmxmroriginalrecipient)[ \t]*:[ \t]*(.{3,320})$",
    re.I | re.M,
)
_HOTMAIL = "X-HmXmrOriginalRecipient"


def complaint_of(reading: Reading) -> Classification | None:
    """None for messages that are no feedback report."""
    kind = _TYPE.search(reading.feedback) or _bare_report(reading)
    if kind is None:
        return _hotmail(reading)
    return _complaint(reading, TYPES.get(kind[1].lower(), Reason.OTHER_COMPLAINT), kind.group().strip())


def _bare_report(reading: Reading) -> "re.Match[str] | None":
    """A report whose parts do not hold together: the fields stand in the text."""
    declared = "feedback-report" in reading.header("Content-Type").lower()
    return _TYPE.search(f"{reading.text}\n{reading.quoted}") if declared else None


def _hotmail(reading: Reading) -> Classification | None:
    if not any(_HOTMAIL in returned for returned in reading.returned):
        return None
    return _complaint(reading, Reason.ABUSE, reading.header("Subject"))


def _complaint(reading: Reading, reason: Reason, evidence: str) -> Classification:
    from_person = reason not in (Reason.AUTHENTICATION_REPORT, Reason.NOT_A_BOUNCE)
    kind = Kind.COMPLAINT if from_person else Kind.NONE
    rule = f"feedback report: {reason}"
    people = tuple(Refusal(address, kind, reason, "", evidence, rule) for address in _people(reading))
    return Classification(kind, people if from_person else (), reason, "", evidence, rule)


def _people(reading: Reading) -> list[str]:
    named = [address_in(found[1]) for found in _RECIPIENT.finditer(reading.feedback)]
    for returned in reading.returned:
        named.append(address_in(header(returned, _HOTMAIL)))
    known = list(dict.fromkeys(filter(None, named)))
    return known or [
        address for returned in reading.returned[:1] for address in addresses_in(header(returned, "To"))[:1]
    ]
