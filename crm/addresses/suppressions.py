"""Suppressions: addresses that must never get marketing mail, kept as keyed hashes, so that they outlive the address.

An address that comes back (typed, imported, subscribed) is marked Opted Out at once. Nobody can read an address out
of the hash; whoever knows the address can ask whether it is suppressed.
"""

from collections.abc import Iterable

from django.db import transaction
from django.utils.translation import gettext as _

from crm.audit import audit
from crm.models import EmailAddress, Suppression, User, address_digest, parse_address

LONGEST_REASON = 255


def find(text: str) -> Suppression | None:
    """The suppression of an address. Raises ValidationError when it is none."""
    return Suppression.objects.filter(digest=address_digest(parse_address(text)[1])).first()


def suppress(text: str, user: User, why: str) -> bool:
    """Suppress an address, and opt it out if it is here; False when it was so already. Raises ValidationError."""
    normalized = parse_address(text)[1]
    with transaction.atomic():
        found, created = Suppression.objects.get_or_create(
            digest=address_digest(normalized), defaults={"reason": why[:LONGEST_REASON]}
        )
        if created:
            audit(user, "suppression.added", found, why=why)
        address = EmailAddress.objects.filter(normalized=normalized).first()
        if address is not None and address.mark_opted_out(why):
            audit(user, "email_address.opted_out", address, why=why)
    return created


def lift(suppression: Suppression, user: User, why: str) -> None:
    """Forget a suppression. An address that is here keeps its own flag, which is canceled by itself."""
    with transaction.atomic():
        audit(user, "suppression.lifted", suppression, why=why)
        suppression.delete()


def lift_all(addresses: Iterable[EmailAddress]) -> int:
    """Without it an opt-out that was canceled would come back with the address."""
    digests = [address_digest(address.normalized) for address in addresses]
    return Suppression.objects.filter(digest__in=digests).delete()[0]


def suppress_all(addresses: Iterable[EmailAddress]) -> None:
    """Before their rows are removed; what was suppressed already keeps its reason."""
    Suppression.objects.bulk_create(
        [
            Suppression(digest=address_digest(one.normalized), reason=_why(one)[:LONGEST_REASON])
            for one in addresses
        ],
        ignore_conflicts=True,
    )  # fmt: skip


def _why(address: EmailAddress) -> str:
    return address.opted_out_why if address.opted_out_at else _("Invalid: %(why)s") % {"why": address.invalid_why}
