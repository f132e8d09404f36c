"""The reasons of bounces in words. Those of refusals while sending are the queue's own."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from campaigns.bounces.verdicts import Reason
from campaigns.models import Reason as QueueReason

REASONS: dict[str, str | Promise] = {
    Reason.USER_UNKNOWN: _("The mailbox does not exist"),
    Reason.DOMAIN_UNKNOWN: _("The domain does not exist"),
    Reason.NO_MAIL_ACCEPTED: _("The domain takes no mail"),
    Reason.MOVED: _("The person has moved to another address"),
    Reason.ADDRESS_INVALID: _("The server calls the address invalid"),
    Reason.DISABLED: _("The mailbox was closed"),
    Reason.MAILBOX_FULL: _("The mailbox is full"),
    Reason.RESTRICTED: _("The recipient takes mail from some senders only"),
    Reason.TOO_LARGE: _("The message is too large"),
    Reason.CONTENT: _("The content was refused"),
    Reason.SPAM: _("The server took it for spam"),
    Reason.VIRUS: _("The server found a virus"),
    Reason.BLOCKED: _("Our server or domain is blocked"),
    Reason.AUTHENTICATION: _("SPF, DKIM, DMARC or TLS was not accepted"),
    Reason.POLICY: _("Refused by a policy of the receiving server"),
    Reason.RELAYING: _("The server does not relay for us"),
    Reason.SENDER: _("The return path was refused"),
    Reason.RATE_LIMITED: _("Too many messages in a short time"),
    Reason.GREYLISTED: _("The server asked to try again later"),
    Reason.EXPIRED: _("It could not be delivered in time"),
    Reason.NETWORK: _("The server could not be reached"),
    Reason.LOOP: _("The mail went round in circles"),
    Reason.SYSTEM: _("A fault of the receiving server"),
    Reason.FORWARDING: _("Refused where it is forwarded to"),
    Reason.DELAYED: _("Delayed, the server goes on trying"),
    Reason.UNSPECIFIED: _("No reason was given"),
    Reason.ABUSE: _("Reported as spam"),
    Reason.OPT_OUT: _("Asked to be taken off"),
    Reason.FRAUD: _("Reported as phishing or forged"),
    Reason.OTHER_COMPLAINT: _("Another complaint"),
    Reason.NOT_A_BOUNCE: _("No bounce"),
}


def reason_in_words(reason: str) -> str:
    """The word itself where nobody knows it."""
    return str(REASONS.get(reason) or dict(QueueReason.choices).get(reason, reason))
