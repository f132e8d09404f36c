"""Delivery status notifications (RFC 3464): the fields for each recipient, also where they stand in plain text."""

import re
from dataclasses import dataclass
from enum import Enum

_FIELD = re.compile(r"[ \t]{0,3}([A-Za-z][A-Za-z0-9-]{2,40})[ \t]*:[ \t]*(.*)")
WIDE = "：；，。（）【】《》「」“”、！？"  # what stands around addresses in Chinese and Japanese
_ADDRESS = re.compile(rf"[^\s<>;,:\"'()\[\]{WIDE}]{{1,128}}@[^\s<>;,:\"'()\[\]@{WIDE}]{{1,255}}")
_QUOTED_ADDRESS = re.compile(r"\"[^\"\n@]{1,64}\"@[^\s<>;,:\"'()\[\]@]{1,255}")
_IN_TEXT = re.compile(r"^[ \t]{0,3}(?:final|original)-recipient[ \t]*:", re.I | re.M)
_STATUS = re.compile(r"\d\.\d{1,3}\.\d{1,3}")
MAX_RECIPIENTS = 100


class Action(Enum):
    """RFC 3464 §2.3.3; DONE are delivered, relayed and expanded."""

    FAILED = "failed"
    DELAYED = "delayed"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Report:
    """What a notification says about one recipient; `diagnostic` is everything it says in words."""

    address: str
    action: Action
    status: str
    diagnostic: str


def reports_in(status: str, text: str) -> list[Report]:
    """From the status part; from the text where there is no such part and yet its fields."""
    reports = _reports(status)
    return reports if reports or not _IN_TEXT.search(text) else _reports(text)


def address_in(text: str) -> str:
    """The first address in a text, without what surrounds it; "" where there is none."""
    found = _QUOTED_ADDRESS.search(text) or _ADDRESS.search(text)
    return cleaned(found.group()) if found else ""


def cleaned(address: str) -> str:
    return address.strip("<>\"'`*=").rstrip(".!?…").removeprefix("mailto:")


def addresses_in(text: str) -> list[str]:
    return [cleaned(found.group()) for found in _ADDRESS.finditer(text)]


def _reports(text: str) -> list[Report]:
    reports: dict[str, Report] = {}
    for fields in _blocks(text):
        report = _report(fields)
        if report is not None:
            reports.setdefault(report.address, report)
        if len(reports) == MAX_RECIPIENTS:
            break
    return list(reports.values())


def _blocks(text: str) -> list[dict[str, str]]:
    """Fields by lower-case name, folded lines put together. A block ends at a blank line."""
    blocks: list[dict[str, str]] = [{}]
    name = ""
    for line in text.split("\n"):
        if not line.strip():
            name = ""
            if blocks[-1]:
                blocks.append({})
        elif name and line[0] in " \t":
            blocks[-1][name] = f"{blocks[-1][name]} {line.strip()}"[:4000]
        elif found := _FIELD.fullmatch(line.rstrip()):
            name = found[1].lower()
            if name == "final-recipient" and name in blocks[-1]:
                blocks.append({})  # somebody forgot the blank line
            blocks[-1].setdefault(name, found[2])
    return blocks


def _report(fields: dict[str, str]) -> Report | None:
    if not {"final-recipient", "original-recipient", "x-actual-recipient"} & fields.keys() and not (
        {"action", "status"} <= fields.keys()
    ):
        return None
    status = fields.get("status", "").strip()
    code = _STATUS.search(status)
    return Report(
        address=_recipient(fields),
        action=_action(fields.get("action", ""), status),
        status=code.group() if code else "",
        diagnostic=_diagnostic(fields, status[code.end() :] if code else status),
    )


def _recipient(fields: dict[str, str]) -> str:
    """The address that we wrote to, where it is told; the one it was forwarded to otherwise."""
    for name in ("original-recipient", "final-recipient", "x-actual-recipient"):
        if address := address_in(_after_type(fields.get(name, ""))):
            return address
    return ""


def _after_type(value: str) -> str:
    """RFC 3464 §2.1.2: ``type; value``."""
    kind, semicolon, rest = value.partition(";")
    return rest if semicolon and "@" not in kind else value


def _diagnostic(fields: dict[str, str], comment: str) -> str:
    words = [
        _after_type(fields.get("diagnostic-code", "")),
        comment,
        fields.get("x-supplementary-info", ""),
        fields.get("x-powermta-bouncecategory", ""),
    ]
    return " ".join(filter(None, (word.strip(" <>'") if word else "" for word in words)))


def _action(action: str, status: str) -> Action:
    word = action.strip().lower()
    if word.startswith("delay"):
        return Action.DELAYED
    if word.startswith(("deliver", "relay", "expand")) or (not word and status.startswith("2")):
        return Action.DONE
    return Action.FAILED
