"""What a provider's answer means, in the words of SMTP: one table, read from the top, first match.

Every answer becomes an Attempt, so that `crm.mail.verdict` judges it like any other:

    the key, the plan, the sender's domain    trouble of the account: paused, charged to nobody
    too fast, or away for the moment          the account waits: charged to nobody
    no answer, or none that can be read       uncertain: never sent again unasked
    anything else that is no yes              this one message's: failed, or later again
"""

import html
import json
import re
import ssl
import time
from collections.abc import Iterable
from dataclasses import dataclass
from email.utils import parseaddr, parsedate_to_datetime

import requests
from urllib3.exceptions import NewConnectionError

from crm.mail.outward import causes, is_refused
from crm.mail.smtp_protocol import TEXT_LIMIT, Attempt, Phase, Reply, Trouble

ACCEPTED = frozenset({"sent", "queued", "unknown"})  # anymail's words
FILLERS = frozenset({None, "unknown", "failed"})  # too, where a recipient is missing in the answer: without an ID
LONGEST_WAIT = 24 * 3600.0  # seconds that a Retry-After is believed: the longest limit of providers is that of a day
# No route, no name, or nobody whom we may trust: the request was not written.
_NOT_BEGUN = (NewConnectionError, ssl.SSLCertVerificationError)
SHORTEST_WORD = 3  # characters of a name that could not be one of these phrases

# A provider's words for what no other message of the account would escape either.
_ABOUT_THE_ACCOUNT = re.compile(
    r"invalid[ _-]?(?:server[ _-]?)?(?:api[ _-]?)?(?:key|token|credential)|unauthori[sz]ed|UnauthenticatedFrom"
    r"|must be (?:verified|confirmed|authenticated)"
    r"|(?:domain|sender|signature|from|identity)\b.{0,80}\b(?:not|isn't|un)[ -]?"
    r"(?:been |yet )?(?:valid|verified|confirmed|found|registered|authori[sz]ed|validated|allowed|configured)"
    r"|sender signature|(?:out of|not enough|insufficient|no) (?:email )?(?:credits?|funds|balance)|payment ?required"
    r"|(?:account|server|sender|user|domain)\b.{0,30}\b(?:suspended|disabled|blocked|deactivated|not active|banned)"
    r"|ServerSuspended|(?:daily|hourly|monthly|sending|plan|email|messages?) (?:sending )?(?:limit|quota)"
    r"|free accounts? (?:are|is) (?:for|only)|PaymentRequired",
    re.IGNORECASE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class _Rule:
    statuses: re.Pattern[str]
    words: re.Pattern[str] | None
    phase: Phase
    code: int  # 0: nothing is known of the message's fate
    enhanced: str = ""


def _rule(statuses: str, phase: Phase, code: int, enhanced: str = "", words: re.Pattern[str] | None = None) -> _Rule:
    return _Rule(re.compile(statuses), words, phase, code, enhanced)


TABLE = (
    _rule("429", Phase.RCPT, 421, "4.7.0"),
    _rule("401|402|403", Phase.AUTH, 535, "5.7.8"),
    _rule("3..|404|405|410", Phase.AUTH, 554, "5.3.0"),  # the address of the API, or the domain in it, is wrong
    _rule("...", Phase.MAIL, 550, "5.7.1", _ABOUT_THE_ACCOUNT),
    _rule("408|499|504|52[0-9]", Phase.DOT, 0),  # something between us and the provider did not wait for it
    _rule("50[23]", Phase.RCPT, 421, "4.3.2"),
    _rule("5..", Phase.RCPT, 451, "4.3.0"),
    _rule("413", Phase.DOT, 552, "5.3.4"),
    _rule("...", Phase.DOT, 554, "5.7.0"),
)


def accepted(status: str, message_id: str | None) -> Attempt:
    return Attempt(Phase.ACCEPTED, Reply(250, (f"2.0.0 {status} {message_id or ''}".rstrip(),)))


def refused(response: requests.Response, statuses: Iterable[str | None] = (), recipient: str = "") -> Attempt:
    """An answer that is not a yes. `statuses`: what the provider said about the recipient, in anymail's words.

    `recipient` ("name <address>") is what a stranger may have chosen: where the answer repeats it, it does not count.
    """
    text = said(response)
    if "invalid" in statuses:
        return Attempt(Phase.RCPT, Reply(550, (f"5.1.3 {text}",)))
    words = _without(response.text, recipient)
    rule = next(rule for rule in TABLE if _fits(rule, response.status_code, words))
    if not rule.code:
        return Attempt(rule.phase, None, text, Trouble.TIMEOUT)
    return Attempt(rule.phase, Reply(rule.code, (f"{rule.enhanced} {text}",)), retry_after=wait_of(response))


def unreadable(response: requests.Response) -> Attempt:
    """Not what the provider is known to answer: who knows what became of the message."""
    return Attempt(Phase.DOT, None, said(response), Trouble.GARBLED)


def no_answer(error: requests.RequestException) -> Attempt:
    """Whether the request had left is what counts: without a connection it had not."""
    begun = not any(isinstance(cause, _NOT_BEGUN) or is_refused(cause) for cause in causes(error))
    if isinstance(error, requests.ConnectTimeout) or not begun:
        return unreachable(error)
    trouble = Trouble.TIMEOUT if isinstance(error, requests.Timeout) else Trouble.DROPPED
    return Attempt(Phase.DOT, None, _told(error), trouble)


def unreachable(error: requests.RequestException) -> Attempt:
    if any(map(is_refused, causes(error))):  # by us: somebody has to write another address
        return Attempt(Phase.CONNECT, None, _told(error), Trouble.CONFIGURATION)
    is_tls = isinstance(error, requests.exceptions.SSLError)
    return Attempt(Phase.CONNECT, None, _told(error), Trouble.TLS if is_tls else Trouble.CONNECT)


def unusable(error: ValueError) -> Attempt:
    """A key or an address that no request can carry: nothing left. The error's own text may show the key."""
    told = f"{type(error).__name__}: the key or the address of the API cannot be used"
    return Attempt(Phase.AUTH, None, told, Trouble.CONFIGURATION)


def said(response: requests.Response) -> str:
    """The provider's own words in one line, with the status."""
    text = " ".join(response.text.split())[:TEXT_LIMIT]
    return f"HTTP {response.status_code} {text or response.reason or ''}".rstrip()


def wait_of(response: requests.Response) -> float:
    """Retry-After (RFC 9110 section 10.2.3) in seconds; 0 when there is none that can be read."""
    told = response.headers.get("Retry-After", "").strip()
    if re.fullmatch(r"\d{1,6}", told):
        return min(float(told), LONGEST_WAIT)
    try:
        seconds = parsedate_to_datetime(told).timestamp() - time.time()
    except ValueError:
        return 0.0
    return min(max(0.0, seconds), LONGEST_WAIT)


def _without(text: str, recipient: str) -> str:
    name, address = parseaddr(recipient)
    told = [one for one in (recipient, name, address, address.rpartition("@")[2]) if len(one) > SHORTEST_WORD]
    for word in (escaped for one in told for escaped in (one, json.dumps(one)[1:-1], html.escape(one))):
        text = re.sub(re.escape(word), " ", text, flags=re.IGNORECASE)
    return " ".join(text.split())[:TEXT_LIMIT]


def _fits(rule: _Rule, status: int, text: str) -> bool:
    return bool(rule.statuses.fullmatch(str(status))) and (rule.words is None or bool(rule.words.search(text)))


def _told(error: requests.RequestException) -> str:
    """The innermost cause: the outer ones are the library's names for it."""
    *_outer, cause = causes(error)
    return f"{type(cause).__name__}: {cause}"[:TEXT_LIMIT]
