"""The job *Check Group Email Accounts*: what is new in each mailbox is classified, proven and acted upon."""

import logging
from collections import Counter
from collections.abc import Iterable

from campaigns.bounces.act import Origin, act, keep_message, refusals_of
from campaigns.bounces.classify import classify
from campaigns.bounces.identify import Evidence, evidence_of
from campaigns.bounces.opt_out_mail import opt_out_by_mail
from campaigns.bounces.proving import Proven, prove
from campaigns.bounces.verdicts import Kind, Refusal
from campaigns.models import BounceSource, Decision
from crm.jobs import told
from crm.mail.mailbox import Letter, MailboxError
from crm.mailbox_reading import Treat, read_mailbox
from crm.models import Mailbox

logger = logging.getLogger(__name__)

UNKNOWN, IGNORED, OPT_OUT = "unknown", "ignored", "opt_out"
_PROVES_NOTHING = (Decision.UNPROVEN, Decision.FORGED, Decision.STRANGER, Decision.TOO_OLD)


class MailboxesFailed(Exception):
    """Some mailboxes could not be read; the others were."""


def check_mailboxes() -> Counter[str]:
    """Read every active mailbox; what came of it, by outcome. Raises MailboxesFailed after all of them were tried."""
    counts: Counter[str] = Counter()
    failed = []
    for mailbox in Mailbox.objects.active():
        try:
            counts += read_mailbox(mailbox, handle)
        except MailboxError as error:
            logger.warning("The mailbox of %s cannot be read: %s", mailbox, error)
            failed.append(f"{mailbox}: {error}")
    if failed:
        came = ", ".join(f"{name}: {number}" for name, number in told(counts))
        raise MailboxesFailed("; ".join(failed) + (f" ({came})" if came else ""))
    return counts


def handle(mailbox: Mailbox, letter: Letter) -> tuple[str, Treat]:
    """One message: hard, soft, complaint, opt_out, ignored (nothing proves it is ours) or unknown (anything else)."""
    refusals = list(refusals_of(classify(letter.raw)))
    if not refusals:
        if opt_out_by_mail(letter.raw):
            return OPT_OUT, Treat.TIDY
        return UNKNOWN, Treat.LEAVE
    evidence = evidence_of(letter.raw)
    message_key = keep_message(letter.digest, letter.raw, letter.size)
    decided = []
    for number, refusal in enumerate(refusals):
        named = [refusal.address] if refusal.address else evidence.recipients if len(refusals) == 1 else ()
        origin = Origin(BounceSource.MAILBOX, f"mail:{letter.digest}:{number}", mailbox.account_id, message_key)
        decided.append(act(origin, refusal, _proven(evidence, refusal, named)))
    applied = [report for report in decided if report.decision not in _PROVES_NOTHING]
    if not applied:
        return IGNORED, Treat.LEAVE
    return applied[0].kind, Treat.TIDY


def _proven(evidence: Evidence, refusal: Refusal, named: Iterable[str]) -> Proven:
    """Feedback loops black out whom a complaint is from (RFC 6590): there our signed token alone has to tell."""
    found = prove(evidence, named)
    if refusal.kind is Kind.COMPLAINT and found.why_not == Decision.STRANGER:
        return prove(evidence, ())
    return found
