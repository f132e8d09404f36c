"""The email state of a record: may mail go to its address, and if not, why and since when."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from crm.addresses.why_words import why_in_words
from crm.audit import audit
from crm.models import EmailAddress, User

HAS_ADDRESS = Q(email_address__isnull=False)
OPTED_OUT = Q(email_address__opted_out_at__isnull=False)
INVALID = Q(email_address__invalid_at__isnull=False)
LISTED = HAS_ADDRESS & Q(email_address__opted_out_at=None, email_address__invalid_at=None)
NO_ADDRESS = Q(email_address=None)


@dataclass(frozen=True, slots=True)
class EmailState:
    """One state with its colour. `why` and `since` are empty when mail may go."""

    word: str
    tone: str
    why: str = ""
    since: datetime | None = None


def states_of(address: EmailAddress | None) -> list[EmailState]:
    """Listed or No email alone; else Opted Out, Invalid or both."""
    if address is None:
        return [EmailState(_("No email"), "muted")]
    found = []
    if address.opted_out_at:
        found.append(EmailState(_("Opted Out"), "warning", why_in_words(address.opted_out_why), address.opted_out_at))
    if address.invalid_at:
        found.append(EmailState(_("Invalid"), "danger", address.invalid_why, address.invalid_at))
    return found or [EmailState(_("Listed"), "success")]


class Flag(StrEnum):
    """What a marketer may do to an address."""

    OPT_OUT = "opt_out"
    CANCEL_OPT_OUT = "cancel_opt_out"
    MARK_INVALID = "mark_invalid"
    MARK_VALID = "mark_valid"


ACTIONS = {
    Flag.OPT_OUT: "email_address.opted_out",
    Flag.CANCEL_OPT_OUT: "email_address.opt_out_canceled",
    Flag.MARK_INVALID: "email_address.marked_invalid",
    Flag.MARK_VALID: "email_address.marked_valid",
}


def change_flag(address: EmailAddress, flag: Flag, user: User, why: str = "") -> bool:
    """Do it to the address, which all records that share it feel. False when it was so already."""
    reason = why or _("By hand, by %(name)s") % {"name": user.get_full_name() or user.get_username()}
    with transaction.atomic():
        changed = _change(address, flag, reason)
        if changed:
            audit(user, ACTIONS[flag], address, why=why)
    return changed


def _change(address: EmailAddress, flag: Flag, reason: str) -> bool:
    if flag is Flag.OPT_OUT:
        return address.mark_opted_out(reason)
    if flag is Flag.CANCEL_OPT_OUT:
        return address.clear_opted_out()
    if flag is Flag.MARK_INVALID:
        return address.mark_invalid(reason)
    return address.clear_invalid()
