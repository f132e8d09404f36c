"""One mass email as a skeleton of octets: built once, a person costs only what differs (RFC 5322, 2045, 2369, 8058).

What a person's data may do to a message:

- Names, addresses, Message-IDs and opt-out URLs go into header fields. A control character or line separator inside
  one raises MessageError: this person fails alone, nobody else. Blanks at the ends are trimmed.
- Values merged into the subject are made harmless as the preview shows them: line breaks become blanks, other control
  characters vanish. A description of two lines is no reason to fail.
- Values merged into the body are escaped for their place by ``campaigns.content``, then encoded. They cannot leave
  their place.

No Django in here: a skeleton can be built and tried anywhere.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import lru_cache
from typing import NamedTuple

from campaigns.content.content import Content, Part, Slot
from campaigns.sending.addresses import ascii_address, ascii_domain
from campaigns.sending.errors import MessageError
from campaigns.sending.headers import header_text, literal, mailbox, unstructured
from campaigns.sending.mime import Attachment, entity
from campaigns.sending.places import MOST_KNOWN, Template, Values, text
from crm.mail.header_fields import forbidden_header

__all__ = ["Attachment", "MessageError", "Recipient", "Sender", "Skeleton"]

MAX_LIST_ID = 255  # octets, RFC 2919 §3

_MESSAGE_ID_LEFT = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,200}").fullmatch
_PLAIN_ADDRESS = re.compile(r"[A-Za-z0-9._+-]{1,64}@[A-Za-z0-9.-]{1,253}").fullmatch
_LIST_ID = re.compile(r"[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)+")
_FEEDBACK_ID = re.compile(r"[A-Za-z0-9._-]*(?::[A-Za-z0-9._-]*){0,3}")
_WEB_URL = re.compile(
    r"https?://[!-;=?-~]{1,900}"
).fullmatch  # printable ASCII without the angle brackets it is put into


@dataclass(frozen=True, slots=True)
class Sender:
    """Who a mass email comes from, and what its header says about it. Empty fields leave their header out."""

    from_address: str
    from_name: str = ""
    reply_to_address: str = ""
    reply_to_name: str = ""
    message_id_domain: str = ""  # empty: the domain of from_address
    envelope_domain: str = ""  # for the return path; nothing in the header
    list_id: str = ""  # "news.example.com", stable per list
    feedback_id: str = ""  # "campaign:list:account:sender"
    extra_headers: tuple[tuple[str, str], ...] = ()
    opt_out_mailto: str = ""  # address that opt-outs may be mailed to, beside the web address
    marketing: bool = True  # then nobody gets it without a List-Unsubscribe


class Recipient(NamedTuple):
    """One person. ``now`` is the time of this attempt, the other fields stay the same over all attempts."""

    address: str
    name: str
    values: Values
    message_id: str  # "<left@domain>", or only the left part, which Sender.message_id_domain completes
    opt_out_url: str | None
    now: datetime


class Skeleton:
    """Everything about a mass email that is the same for everybody, encoded."""

    __slots__ = ("_entity", "_id_domain", "_mailto", "_marketing", "_same_for_all", "_subject", "_subjects")

    def __init__(self, content: Content, sender: Sender, attachments: Sequence[Attachment] = ()) -> None:
        """Raises MessageError when the sender or an attachment cannot be written."""
        self._marketing = sender.marketing
        self._mailto = _mailto(sender.opt_out_mailto)
        self._id_domain = ascii_domain(sender.message_id_domain or sender.from_address.rpartition("@")[2])
        self._same_for_all = "".join(_sender_fields(sender)) + "MIME-Version: 1.0\r\n"
        self._subject = _subject(content.subject)
        # By the values in it: most subjects name a person by the first name, and these come again and again.
        self._subjects: dict[tuple[str, ...], str] = {}
        self._entity = entity(content, attachments)

    def knowing(self, same: Mapping[str, str]) -> "Skeleton":
        """The same skeleton with what these names mean for everybody filled in: then it is not done for each person."""
        known = copy(self)
        known._entity = self._entity.knowing(same)
        if isinstance(self._subject, Template):
            known._subject, known._subjects = self._subject.knowing(same), {}
        return known

    def build(self, person: Recipient) -> bytes:
        """The message to ``person``, raises MessageError when this person's data cannot be written.

        What holds for every message, so that an SMTP client need not look through it again: 7-bit, every line end is
        CRLF and the last octets are one, no line is longer than 998 octets, none begins with a dot (nothing to stuff,
        so DATA and BDAT carry the same octets). A DKIM signature put before it keeps all of that.
        """
        try:
            written = "".join(
                (
                    _date(person.now),
                    self._message_id(person.message_id),
                    mailbox("To", person.name, ascii_address(person.address)),
                    self._subject_of(person),
                    self._opt_out(person.opt_out_url),
                    self._same_for_all,
                    self._entity.fill(person.values),
                )
            )
        except LookupError as error:
            raise MessageError(f"No value for {error}") from error
        return written.encode("ascii") + self._entity.tail

    def _subject_of(self, person: Recipient) -> str:
        if isinstance(self._subject, str):
            return self._subject
        told = tuple(map(person.values, self._subject.names))
        if (known := self._subjects.get(told)) is None:
            known = unstructured("Subject", self._subject.fill(person.values))
            if len(self._subjects) < MOST_KNOWN:
                self._subjects[told] = known
        return known

    def _message_id(self, told: str) -> str:
        left, at, domain = told.strip("<>").partition("@")
        if not _MESSAGE_ID_LEFT(left):
            raise MessageError(f"Message-ID: not allowed: {told[:80]!a}")
        return f"Message-ID: <{left}@{ascii_domain(domain) if at else self._id_domain}>\r\n"

    def _opt_out(self, url: str | None) -> str:
        """RFC 8058. Never encoded; the mailto of RFC 2369 §3.2 stands on a line of its own, behind the web address.

        Its subject carries the token, which is the last part of the web address.
        """
        if not url:
            if self._marketing:
                raise MessageError("List-Unsubscribe: a marketing message needs an opt-out URL")
            return ""
        if not _WEB_URL(url):
            raise MessageError(f"List-Unsubscribe: not a web address: {url[:80]!a}")
        mailto = f",\r\n <{self._mailto}{url.rpartition('/')[2]}>" if self._mailto else ""
        return f"List-Unsubscribe: <{url}>{mailto}\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"


@lru_cache(maxsize=16)
def _date(moment: datetime) -> str:
    """In UTC. Cached: it would be a third of the work, and thousands of messages are made in the same moment."""
    return f"Date: {format_datetime(moment.astimezone(UTC))}\r\n"


def _subject(part: Part) -> str | Template:
    """The finished field when no place is in it. Raises MessageError for control characters in the author's text."""
    written = header_text("Subject", "".join([piece for piece in part if isinstance(piece, str)]))
    return text(part) if any(isinstance(piece, Slot) for piece in part) else unstructured("Subject", written)


def _sender_fields(sender: Sender) -> Iterable[str]:
    yield mailbox("From", sender.from_name, ascii_address(sender.from_address))
    if sender.reply_to_address:
        yield mailbox("Reply-To", sender.reply_to_name, ascii_address(sender.reply_to_address))
    if sender.list_id:
        yield literal("List-Id", _list_id(sender.list_id))
    if sender.feedback_id:
        yield literal("Feedback-ID", _feedback_id(sender.feedback_id))
    # Every mass email says so, marketing or not: no holiday notes come back (RFC 3834). Not "All": bounces must come.
    yield literal("Precedence", "bulk")
    yield literal("X-Auto-Response-Suppress", "OOF, AutoReply")
    yield from _extra_fields(sender.extra_headers)


def _mailto(address: str) -> str:
    """Up to where the token goes (RFC 6068). Raises MessageError."""
    if not address:
        return ""
    ascii_only = ascii_address(address)
    if not _PLAIN_ADDRESS(ascii_only):
        raise MessageError(f"List-Unsubscribe: not a plain address: {address[:80]!a}")
    return f"mailto:{ascii_only}?subject=unsubscribe%20"


def _list_id(text: str) -> str:
    name = text.strip("<>")
    name = name if name.isascii() else ascii_domain(name)
    if not _LIST_ID.fullmatch(name) or len(name) > MAX_LIST_ID:
        raise MessageError(f"List-Id: not allowed: {text[:80]!a}")
    return f"<{name}>"


def _feedback_id(text: str) -> str:
    if not _FEEDBACK_ID.fullmatch(text):
        raise MessageError(f"Feedback-ID: not allowed: {text[:80]!a}")
    return text


def _extra_fields(headers: Iterable[tuple[str, str]]) -> Iterable[str]:
    seen: set[str] = set()
    for name, value in headers:
        if forbidden_header(name):
            raise MessageError(f"This header cannot be set: {name[:80]!a}")
        if name.lower() in seen:
            raise MessageError(f"This header is set twice: {name}")
        seen.add(name.lower())
        yield unstructured(name, value)
