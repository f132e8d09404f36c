"""What status codes say: RFC 3463, the IANA registry of enhanced status codes (RFC 5248) and some of Microsoft's own.

Only a code that is about the address itself says that nobody is there: 5.1.1, 5.1.2, 5.1.3, 5.1.6 and 5.1.10.
Everything else says that this message, today, from us, was not taken.
"""

import re
from dataclasses import dataclass

from campaigns.bounces.verdicts import Reason

# Subject.detail → reason. Detail "*" stands for every other one of that subject.
ENHANCED: dict[str, Reason] = {
    "1.1": Reason.USER_UNKNOWN,
    "1.2": Reason.DOMAIN_UNKNOWN,
    "1.3": Reason.ADDRESS_INVALID,
    "1.4": Reason.RESTRICTED,  # ambiguous: there are several of that name
    "1.6": Reason.MOVED,
    "1.7": Reason.SENDER,
    "1.8": Reason.SENDER,
    "1.10": Reason.NO_MAIL_ACCEPTED,
    "1.20": Reason.SENDER,
    "1.90": Reason.RATE_LIMITED,
    "2.1": Reason.DISABLED,
    "2.2": Reason.MAILBOX_FULL,
    "2.3": Reason.TOO_LARGE,
    "2.121": Reason.RATE_LIMITED,
    "2.122": Reason.RATE_LIMITED,
    "3.1": Reason.SYSTEM,
    "3.3": Reason.SYSTEM,
    "3.4": Reason.TOO_LARGE,
    "3.*": Reason.SYSTEM,
    "4.6": Reason.LOOP,
    "4.14": Reason.LOOP,
    "4.7": Reason.EXPIRED,
    "4.*": Reason.NETWORK,
    "5.3": Reason.RATE_LIMITED,
    "5.*": Reason.SYSTEM,
    "6.*": Reason.CONTENT,
    "7.4": Reason.SYSTEM,
    "7.5": Reason.AUTHENTICATION,
    "7.8": Reason.AUTHENTICATION,
    "7.9": Reason.AUTHENTICATION,
    "7.17": Reason.RESTRICTED,  # RFC 7293: the mailbox has another owner now
    "7.18": Reason.RESTRICTED,
    "7.20": Reason.AUTHENTICATION,
    "7.21": Reason.AUTHENTICATION,
    "7.22": Reason.AUTHENTICATION,
    "7.23": Reason.AUTHENTICATION,
    "7.24": Reason.AUTHENTICATION,
    "7.25": Reason.BLOCKED,
    "7.26": Reason.AUTHENTICATION,
    "7.27": Reason.SENDER,
    "7.28": Reason.RATE_LIMITED,
    "7.29": Reason.AUTHENTICATION,
    "7.30": Reason.AUTHENTICATION,
    "7.509": Reason.AUTHENTICATION,
    "7.606": Reason.BLOCKED,
    "7.*": Reason.POLICY,
}
# RFC 5321 §4.2.3. 550, 551, 553 and 554 are used for everything: alone they say nothing.
BASIC: dict[str, Reason] = {
    "552": Reason.MAILBOX_FULL,
    "452": Reason.SYSTEM,
    "421": Reason.SYSTEM,
    "450": Reason.GREYLISTED,
    "451": Reason.GREYLISTED,
    "530": Reason.RELAYING,
    "535": Reason.RELAYING,
    "556": Reason.NO_MAIL_ACCEPTED,  # RFC 7504
}

_ENHANCED = re.compile(r"(?<![\d.])([45])\.(\d{1,3})\.(\d{1,3})(?!\.?\d)")
_BASIC = re.compile(r"(?:^|(?<=[\s:;<>(\[\"'#]))([45][0-5]\d)(?=[\s\-#:,;]|$)", re.M)


@dataclass(frozen=True, slots=True)
class Codes:
    """The first codes in a text, "" where there is none."""

    basic: str
    enhanced: str

    @property
    def temporary(self) -> bool | None:
        """None where there is no code to tell."""
        if not self.basic and not self.enhanced:
            return None
        return self.basic.startswith("4") and not self.enhanced.startswith("5") or self.enhanced.startswith("4")


def codes_in(text: str) -> Codes:
    enhanced, basic = _ENHANCED.search(text), _BASIC.search(text)
    return Codes(basic[1] if basic else "", enhanced.group() if enhanced else "")


def reason_of(enhanced: str) -> Reason | None:
    """What an enhanced code says, None for one that leaves it open (X.0.0, 5.1.0, 5.2.0, and every "other")."""
    _digit, _dot, rest = enhanced.partition(".")
    subject, _dot, detail = rest.partition(".")
    return None if detail in ("", "0") else ENHANCED.get(rest) or ENHANCED.get(f"{subject}.*")


def vague_reason_of(enhanced: str) -> Reason | None:
    """What is left to say of "other" (X.3.0, X.5.0…): whose business it was."""
    subject = enhanced[2:].partition(".")[0]
    return ENHANCED.get(f"{subject}.*")
