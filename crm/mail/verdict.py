"""What an attempt means for the queue item, the account and the address: one table, read from the top.

The phase, the reply code and the enhanced code decide; the server's text never does ("permanent" in a 451 stays a 451).
There is one recipient in every transaction, so a refusal of the content speaks of the same person as a refusal of RCPT.

    before a message was offered    a no is about the account: nobody is charged, nobody fails
    421                             about the account too, unless the sender saw that it is about one person: later
    a definite no                   4yz: later again; 5yz: this item failed, the address only where the code says so
    after the final dot, no reply   uncertain: never sent again unasked (RFC 1047)
    accepted                        sent, whatever happens to the connection afterwards
"""

import re
from dataclasses import dataclass
from enum import StrEnum

from crm.mail.smtp_protocol import Attempt, Phase, Reply, Trouble


class ItemOutcome(StrEnum):
    SENT = "sent"
    PENDING = "pending"  # as if it had never been tried
    DEFERRED = "deferred"  # tried, to be tried again later
    FAILED = "failed"
    UNCERTAIN = "uncertain"  # accepted or not, nobody knows


class AccountOutcome(StrEnum):
    NONE = "none"
    BACK_OFF = "back_off"  # try the account again after a while
    PAUSE = "pause"  # somebody has to look at it


class AddressOutcome(StrEnum):
    NONE = "none"
    HARD = "hard"  # there is nobody there: suppress
    SOFT = "soft"  # counts, suppresses only when it goes on


@dataclass(frozen=True, slots=True)
class Verdict:
    """`reason` is one word for lists and filters; `charged`: whether the attempt counts against the item's limit."""

    item: ItemOutcome
    account: AccountOutcome
    address: AddressOutcome
    reason: str
    charged: bool


@dataclass(frozen=True, slots=True)
class _Rule:
    """Matches phases and the signature of the reply: "550 5.1.1", "421", or the trouble where there was no reply."""

    phases: frozenset[Phase]
    signature: re.Pattern[str]
    verdict: Verdict


def _rule(
    phases: frozenset[Phase],
    signature: str,
    item: ItemOutcome,
    reason: str,
    account: AccountOutcome = AccountOutcome.NONE,
    address: AddressOutcome = AddressOutcome.NONE,
) -> _Rule:
    verdict = Verdict(item, account, address, reason, charged=item is not ItemOutcome.PENDING)
    return _Rule(phases, re.compile(signature), verdict)


_ANY = frozenset(Phase)
_DONE = frozenset({Phase.ACCEPTED, Phase.QUIT})
_DOT = frozenset({Phase.DOT})
_GREETING = frozenset({Phase.CONNECT, Phase.GREETING, Phase.EHLO})
_TLS = frozenset({Phase.STARTTLS})
_AUTH = frozenset({Phase.AUTH})
_SESSION = _GREETING | _TLS | _AUTH
_MAIL = frozenset({Phase.MAIL})
_RCPT = frozenset({Phase.RCPT})
_CONTENT = frozenset({Phase.DATA, Phase.BODY, Phase.DOT})
_PERSON = _RCPT | _CONTENT

_SENT, _PENDING, _DEFERRED, _FAILED, _UNCERTAIN = ItemOutcome
_BACK_OFF, _PAUSE = AccountOutcome.BACK_OFF, AccountOutcome.PAUSE
_HARD, _SOFT = AddressOutcome.HARD, AddressOutcome.SOFT

# A signature is "CODE", "CODE X.Y.Z", "421 busy" or a Trouble; it has to match from end to end. The first match wins.
TABLE: tuple[_Rule, ...] = (
    # Accepted: nothing that comes later takes it back.
    _rule(_DONE, ".*", _SENT, "accepted"),
    # 421 is about the connection, at whatever phase it comes, and after the dot it is still a no. Unless the sender saw
    # that it is said of one person only.
    _rule(_PERSON, f"421 {Trouble.BUSY}", _DEFERRED, "deferred"),
    _rule(_ANY, "421.*", _PENDING, "service_unavailable", _BACK_OFF),
    # Before any message was offered.
    _rule(_AUTH, "4.*", _PENDING, "sign_in_unavailable", _BACK_OFF),
    _rule(_AUTH, "5.*", _PENDING, "sign_in_refused", _PAUSE),
    _rule(_SESSION, "4.*", _PENDING, "service_unavailable", _BACK_OFF),
    _rule(_TLS, "5.*", _PENDING, "tls_refused", _PAUSE),
    _rule(_SESSION, "5.*", _PENDING, "service_refused", _PAUSE),
    # The sender: a temporary no is this message's, a final one would hit everybody.
    _rule(_MAIL, "4.*", _DEFERRED, "sender_deferred"),
    _rule(_MAIL, "5.*", _PENDING, "sender_refused", _PAUSE),
    # Not now. RFC 5321 section 4.5.3.1.10: 552 to RCPT means 452.
    _rule(_PERSON, r"4.. 4\.2\.2", _DEFERRED, "mailbox_full", address=_SOFT),
    _rule(_RCPT, r"552 5\.2\.2", _DEFERRED, "mailbox_full", address=_SOFT),
    _rule(_RCPT, "552.*", _DEFERRED, "too_many_recipients"),
    _rule(_RCPT, r"452(?: 4\.5\.3)?", _DEFERRED, "too_many_recipients"),
    _rule(_RCPT, r"4.. 4\.2\..*", _DEFERRED, "mailbox_unavailable", address=_SOFT),
    _rule(_PERSON, r"45[01] 4\.7\.1", _DEFERRED, "greylisted"),
    _rule(_PERSON, r"4.. 4\.7\..*", _DEFERRED, "policy_deferred"),
    _rule(_PERSON, "4.*", _DEFERRED, "deferred"),
    # No, because there is nobody there. Only these codes say so; a bare 550 may as well be a policy.
    _rule(_PERSON, r"5.. 5\.1\.(?:1|6)", _FAILED, "user_unknown", address=_HARD),
    _rule(_PERSON, r"5.. 5\.1\.(?:2|10)", _FAILED, "domain_unknown", address=_HARD),
    _rule(_PERSON, r"5.. 5\.1\.3", _FAILED, "address_invalid", address=_HARD),
    # No, for a reason that another day or another message may not have.
    _rule(_PERSON, r"5.. 5\.2\.2", _FAILED, "mailbox_full", address=_SOFT),
    _rule(_PERSON, r"5.. 5\.2\.3|552 5\.3\.4", _FAILED, "too_large"),
    _rule(_PERSON, r"5.. 5\.2\..*", _FAILED, "mailbox_unavailable"),
    _rule(_PERSON, r"5.. 5\.6\..*", _FAILED, "content_refused"),
    _rule(_PERSON, r"5.. 5\.[34]\..*", _FAILED, "system_refused"),
    _rule(_PERSON, "5.*", _FAILED, "policy"),
    # Our own no, before a single octet of this message: a definite one.
    _rule(_MAIL, Trouble.TOO_LARGE, _FAILED, "too_large"),
    _rule(_MAIL, f"{Trouble.UNSUPPORTED}|{Trouble.BAD_ADDRESS}", _PENDING, "sender_unsupported", _PAUSE),
    _rule(_RCPT, f"{Trouble.UNSUPPORTED}|{Trouble.BAD_ADDRESS}", _FAILED, "address_unsupported"),
    _rule(_SESSION, Trouble.CONFIGURATION, _PENDING, "configuration", _PAUSE),
    # No usable reply: what decides is whether the final dot was written.
    _rule(_DOT, ".*", _UNCERTAIN, "no_reply"),
    _rule(_ANY, Trouble.TLS, _PENDING, "tls_failed", _BACK_OFF),
    _rule(_ANY, Trouble.TIMEOUT, _PENDING, "timeout", _BACK_OFF),
    _rule(_ANY, Trouble.GARBLED, _PENDING, "garbled", _BACK_OFF),
    _rule(_ANY, ".*", _PENDING, "connection", _BACK_OFF),
)


def verdict(attempt: Attempt) -> Verdict:
    """The verdict on an attempt. Every attempt has one."""
    if attempt.phase in _DONE:  # the first rule, for nearly everybody, without a look at the reply
        return TABLE[0].verdict
    signature = _signature(attempt)
    return next(rule.verdict for rule in TABLE if attempt.phase in rule.phases and rule.signature.fullmatch(signature))


def _signature(attempt: Attempt) -> str:
    reply: Reply | None = attempt.reply
    if reply is None:
        return str(attempt.trouble)
    if attempt.trouble is Trouble.BUSY:
        return f"{reply.code} {attempt.trouble}"
    enhanced = reply.enhanced
    # The code decides (RFC 5321 section 4.2.1): an enhanced code of another class than its own is not to be believed.
    return f"{reply.code} {enhanced}" if enhanced.startswith(str(reply.digit)) else str(reply.code)
