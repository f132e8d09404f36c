"""Opt-out by mail: what a mail program sends when it follows the mailto: of our List-Unsubscribe (RFC 2369 §3.2)."""

import re

from campaigns import log
from campaigns.bounces.reading import first_look, header
from campaigns.models import QueueItem
from campaigns.tracking.tokens import BadToken, Purpose, read

SUBJECT = "unsubscribe"
_SUBJECT = re.compile(rf"\s*{SUBJECT}\s+([A-Za-z0-9_-]{{20,120}})\s*", re.IGNORECASE)


def opt_out_by_mail(raw: bytes) -> bool:
    """Opt the person of the token out whom the subject names; False when it names nobody.

    Whoever sends it: people answer from other addresses than those they are mailed at, and the token is signed.
    """
    match = _SUBJECT.fullmatch(header(first_look(raw[:65536]), "Subject"))  # some programs encode whatever they send
    if match is None:
        return False
    try:
        item_id, address_id = read(Purpose.OPT_OUT, match[1])
    except BadToken:
        return False
    log.opt_out(QueueItem.objects.filter(pk=item_id).first(), address_id, "mailto")
    return True
