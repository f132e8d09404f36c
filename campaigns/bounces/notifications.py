"""What Amazon SES writes about a message through SNS to a mailbox: one line of JSON in a text."""

import json
from typing import Any

from campaigns.bounces.dsn import address_in
from campaigns.bounces.judging import Testimony, judge
from campaigns.bounces.reading import Reading
from campaigns.bounces.summing import summed
from campaigns.bounces.verdicts import Classification, Kind, Reason, Refusal


def notification_of(reading: Reading) -> Classification | None:
    """None for everything else."""
    told = _json_in(reading.text)
    what = told.get("notificationType") or told.get("eventType")
    if what == "Bounce":
        return summed([_bounced(told["bounce"], row) for row in _rows(told, "bounce", "bouncedRecipients")])
    if what == "Complaint":
        rows = _rows(told, "complaint", "complainedRecipients")
        people = [_complained(_address(row)) for row in rows]
        return Classification(
            Kind.COMPLAINT, tuple(people), Reason.ABUSE, "", "Complaint", "SES notification: Complaint"
        )
    return Classification(Kind.NONE, rule=f"SES notification: {what}"[:80]) if isinstance(what, str) else None


def _json_in(text: str) -> dict[str, Any]:
    start = text.find("{")
    if start < 0 or '"notificationType"' not in text and '"eventType"' not in text:
        return {}
    try:
        told, _end = json.JSONDecoder(strict=False).raw_decode(text, start)
    except (ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}


def _rows(told: dict[str, Any], subject: str, name: str) -> list[dict[str, Any]]:
    block = told.get(subject)
    rows = block.get(name) if isinstance(block, dict) else None
    return [row for row in rows[:100] if isinstance(row, dict)] if isinstance(rows, list) else []


def _address(row: dict[str, Any]) -> str:
    return address_in(str(row.get("emailAddress", "")))


def _bounced(bounce: dict[str, Any], row: dict[str, Any]) -> Refusal:
    transient = bounce.get("bounceType") == "Transient"
    diagnostic = str(row.get("diagnosticCode", ""))[:4000]
    return judge(_address(row), Testimony(diagnostic, str(row.get("status", ""))[:20], delayed=transient))


def _complained(address: str) -> Refusal:
    return Refusal(address, Kind.COMPLAINT, Reason.ABUSE, "", "Complaint", "SES notification: Complaint")
