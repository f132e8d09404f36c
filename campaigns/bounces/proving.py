"""Evidence → the queue item that it proves, or why it proves none.

Only what is signed by us counts: the VERP token, the opt-out token of the returned mail, and our Message-ID, whose
last part is keyed; that one only for 30 days and for the recipient whom we mailed (DUTIES B3). What the report says
about its recipient never identifies anybody.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

import idna
from django.utils import timezone

from campaigns.bounces.identify import Evidence, OurMessageId
from campaigns.models import Decision, Proof, QueueItem
from campaigns.tracking.message_ids import is_ours
from campaigns.tracking.tokens import BadToken, Purpose, read
from crm.models import EmailAddress

MESSAGE_ID_IS_GOOD_FOR = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Proven:
    """`item` is None when nothing is proven; `why_not` then says what was wrong, and `proof` which evidence it was."""

    item: QueueItem | None
    proof: Proof = Proof.NONE
    why_not: Decision | None = None


def prove(evidence: Evidence, named: Iterable[str]) -> Proven:
    """`named`: the addresses that the report is about, as far as it says."""
    tried: list[Proven] = []
    recipients = {_as_known(address) for address in named}
    for token in (*evidence.bounce_tokens, *evidence.returned_tokens):
        tried.append(_by_token(Purpose.BOUNCE, token, Proof.VERP, recipients))
        if tried[-1].item:
            return tried[-1]
    for token in evidence.opt_out_tokens:
        tried.append(_by_token(Purpose.OPT_OUT, token, Proof.HEADER, recipients))
        if tried[-1].item:
            return tried[-1]
    for message_id in evidence.message_ids:
        tried.append(_by_message_id(message_id, recipients))
        if tried[-1].item:
            return tried[-1]
    return tried[0] if tried else Proven(None, why_not=Decision.UNPROVEN)


def _as_known(address: str) -> str:
    """As we know addresses: lower case, the domain as A-label, whichever way a server writes it (RFC 6533).

    By IDNA 2008, as they are stored: Python's own codec makes another domain of one with an ß.
    """
    local, at, domain = address.lower().rpartition("@")
    try:
        return address.lower() if domain.isascii() else f"{local}{at}{idna.encode(domain, uts46=True).decode()}"
    except UnicodeError:
        return address.lower()


def _by_token(purpose: Purpose, token: str, proof: Proof, recipients: set[str]) -> Proven:
    try:
        item_id = read(purpose, token)[0]
    except BadToken:
        return Proven(None, proof, Decision.FORGED)
    return _checked(item_id, proof, recipients)


def _by_message_id(told: OurMessageId, recipients: set[str]) -> Proven:
    if not is_ours(told.mass_email, told.item, told.proof):
        return Proven(None, Proof.MESSAGE_ID, Decision.FORGED)
    if not recipients:  # a Message-ID is seen by many: without its recipient it proves nothing
        return Proven(None, Proof.MESSAGE_ID, Decision.STRANGER)
    found = _checked(told.item, Proof.MESSAGE_ID, recipients)
    if found.item and (at := found.item.attempted_at) and at < timezone.now() - MESSAGE_ID_IS_GOOD_FOR:
        return Proven(None, Proof.MESSAGE_ID, Decision.TOO_OLD)
    return found


def _checked(item_id: int, proof: Proof, recipients: set[str]) -> Proven:
    """Where the report names recipients, ours must be among them: the mail may have been forwarded to another."""
    item = QueueItem.objects.filter(pk=item_id).first()
    if item is None:
        return Proven(None, proof, Decision.UNPROVEN)
    address = EmailAddress.objects.filter(pk=item.email_address_id or 0).first()
    if recipients and address is not None and address.normalized not in recipients:
        return Proven(None, proof, Decision.STRANGER)
    return Proven(item, proof)
