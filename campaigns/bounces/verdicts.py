"""The words of a classification: what a message in the group mailbox says about whom, and why."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    HARD = "hard"  # there is nobody at this address
    SOFT = "soft"  # this message did not arrive, the address may be good
    COMPLAINT = "complaint"  # a person reported the message as spam, or asked to be left alone through a feedback loop
    NONE = "none"  # not about a message that failed: replies, auto-replies, receipts, ordinary mail


class Reason(StrEnum):
    """Why, in one word for lists and filters. Only those of DEAD are about the address itself."""

    USER_UNKNOWN = "user_unknown"
    DOMAIN_UNKNOWN = "domain_unknown"
    NO_MAIL_ACCEPTED = "no_mail_accepted"  # the domain says that it takes no mail (RFC 7505)
    MOVED = "moved"
    ADDRESS_INVALID = "address_invalid"
    DISABLED = "disabled"  # locked, suspended: the owner may come back
    MAILBOX_FULL = "mailbox_full"
    RESTRICTED = "restricted"  # the recipient takes mail from some senders only
    TOO_LARGE = "too_large"
    CONTENT = "content"
    SPAM = "spam"
    VIRUS = "virus"
    BLOCKED = "blocked"  # our address, network or domain is refused
    AUTHENTICATION = "authentication"  # SPF, DKIM, DMARC, TLS
    POLICY = "policy"
    RELAYING = "relaying"
    SENDER = "sender"  # the envelope sender is refused
    RATE_LIMITED = "rate_limited"
    GREYLISTED = "greylisted"
    EXPIRED = "expired"
    NETWORK = "network"
    LOOP = "loop"
    SYSTEM = "system"  # the fault of a server
    FORWARDING = "forwarding"  # accepted for this address, refused where it is forwarded to
    DELAYED = "delayed"  # not yet; the server goes on trying
    UNSPECIFIED = "unspecified"
    ABUSE = "abuse"  # complaint: reported as spam
    OPT_OUT = "opt_out"  # complaint: asked to be taken off
    FRAUD = "fraud"  # complaint: reported as phishing or forged
    OTHER_COMPLAINT = "other_complaint"
    AUTHENTICATION_REPORT = "auth_report"  # a machine's report on SPF, DKIM or DMARC: no person complained
    NOT_A_BOUNCE = "not_a_bounce"


DEAD = frozenset(
    {
        Reason.USER_UNKNOWN,
        Reason.DOMAIN_UNKNOWN,
        Reason.NO_MAIL_ACCEPTED,
        Reason.MOVED,
        Reason.ADDRESS_INVALID,
    }
)

# About the message, about us, or about a server: another mail on another day may arrive. Never blamed on the person.
MESSAGE_FAULTS = frozenset(
    {
        Reason.TOO_LARGE,
        Reason.CONTENT,
        Reason.SPAM,
        Reason.VIRUS,
        Reason.BLOCKED,
        Reason.AUTHENTICATION,
        Reason.POLICY,
        Reason.RELAYING,
        Reason.SENDER,
        Reason.RATE_LIMITED,
        Reason.GREYLISTED,
        Reason.NETWORK,
        Reason.LOOP,
        Reason.SYSTEM,
    }
)


@dataclass(frozen=True, slots=True)
class Refusal:
    """What was said about one recipient.

    `code` is the enhanced status code ("5.1.1") or "", `evidence` the words that decided, in one line of at most
    500 characters, and `rule` the row of the table that decided.
    """

    address: str
    kind: Kind
    reason: Reason
    code: str = ""
    evidence: str = ""
    rule: str = ""


@dataclass(frozen=True, slots=True)
class Classification:
    """The verdict on one message.

    `recipients` is empty where the message names nobody: `reason`, `code`, `evidence` and `rule` then speak of the one
    person that the message is about, whoever that is. Otherwise they are those of the recipient it is worst for.
    """

    kind: Kind
    recipients: tuple[Refusal, ...] = ()
    reason: Reason = Reason.NOT_A_BOUNCE
    code: str = ""
    evidence: str = ""
    rule: str = ""
