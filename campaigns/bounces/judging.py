"""Words and codes about one recipient → kind and reason.

In this order: what the receiving server wrote, its codes, the status that the reporting server made of it, what the
reporting server tells people; this last one second, where it is all that there is of the receiving server's words.
Where all of them leave it open the answer is soft: an address is only given up for a sentence or a code that says
nobody is there, and never while the servers speak of a temporary failure.
"""

from collections.abc import Callable
from dataclasses import dataclass

from campaigns.bounces.codes import BASIC, Codes, codes_in, reason_of, vague_reason_of
from campaigns.bounces.phrases import row_of
from campaigns.bounces.phrasing import plain
from campaigns.bounces.verdicts import DEAD, Kind, Reason, Refusal

MAX_EVIDENCE = 500  # characters
MAX_JUDGED = 6000  # characters


@dataclass(frozen=True, slots=True)
class Testimony:
    """What there is to judge by: the receiving server's words, a status code, the story told to people."""

    diagnostic: str = ""
    status: str = ""
    story: str = ""
    subject: str = ""
    delayed: bool = False


@dataclass(frozen=True, slots=True)
class _Found:
    reason: Reason
    rule: str
    words: str
    code: str = ""


def judge(address: str, told: Testimony) -> Refusal:
    found = _reason(told)
    codes = codes_in(told.diagnostic or told.story)
    hard = found.reason in DEAD and not told.delayed and not _temporary(told, codes)
    return Refusal(
        address=address,
        kind=Kind.HARD if hard else Kind.SOFT,
        reason=Reason.DELAYED if told.delayed and found.reason is Reason.UNSPECIFIED else found.reason,
        code=found.code or codes.enhanced or told.status,
        evidence=" ".join(found.words.split())[:MAX_EVIDENCE],
        rule=found.rule,
    )


def _reason(told: Testimony) -> _Found:
    return (
        _by_phrase(told.diagnostic)
        or _by_code(codes_in(told.diagnostic).enhanced, told.diagnostic)
        or (None if told.diagnostic else _by_phrase(told.story))
        or _by_code(told.status, told.diagnostic or told.story)
        or _by_phrase(told.story)
        or _by_phrase(told.subject)
        or _by_code(codes_in(told.story).enhanced, told.story)
        or _by_basic(codes_in(told.diagnostic or told.story), told.diagnostic or told.story)
        or _by_code(told.status, told.diagnostic or told.story, vague_reason_of)
        or _Found(Reason.UNSPECIFIED, "unspecified", told.diagnostic or told.story)
    )


def _by_phrase(text: str) -> _Found | None:
    found = row_of(plain(text[:MAX_JUDGED])) if text else None
    return _Found(found.reason, f"phrase: {found.name}", text) if found else None


def _by_code(enhanced: str, words: str, says: Callable[[str], Reason | None] = reason_of) -> _Found | None:
    reason = says(enhanced)
    return _Found(reason, f"code {enhanced}", words, enhanced) if reason else None


def _by_basic(codes: Codes, words: str) -> _Found | None:
    reason = BASIC.get(codes.basic)
    return _Found(reason, f"code {codes.basic}", words) if reason else None


def _temporary(told: Testimony, codes: Codes) -> bool:
    """The receiving server's own code tells; the status of the reporting one where it gave none."""
    temporary = codes.temporary
    return told.status.startswith("4") if temporary is None else temporary
