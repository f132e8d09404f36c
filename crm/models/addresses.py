"""Email addresses: rows of their own, unique after normalisation, with the two flags Opted Out and Invalid."""

import hmac
import unicodedata
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from email_validator import EmailNotValidError, validate_email

if TYPE_CHECKING:
    from crm.models.entities import Record

MAX_ADDRESS = 254  # octets, RFC 5321 §4.5.3.1.3: a path of 256 less its angle brackets


def parse_address(text: str) -> tuple[str, str]:
    """The address as it is sent (domain as A-label) and its normalised form (lower case).

    Raises ValidationError for anything that is not one single mailbox that every server accepts: two addresses, a
    non-ASCII local part (RFC 6531 would be needed from end to end), over-long parts, control characters.
    """
    try:
        parsed = validate_email(text.strip(), check_deliverability=False, allow_smtputf8=False, test_environment=True)
    except EmailNotValidError as error:
        if unseen := next((sign for sign in text.strip() if unicodedata.category(sign) == "Cf"), ""):
            raise ValidationError(
                _("The address has an invisible character (%(code)s). Write it again without."),
                code="invisible",
                params={"code": f"U+{ord(unseen):04X}"},
            ) from error
        if not text.isascii() and not text.rpartition("@")[0].isascii():
            raise ValidationError(
                _("Addresses with non-ASCII characters before the @ are not supported."), code="local_part"
            ) from error
        raise ValidationError(
            _("“%(text)s” is not an email address: %(reason)s"),
            code="address",
            params={"text": text[:80], "reason": str(error)},
        ) from error
    address = parsed.ascii_email
    if address is None or len(address) > MAX_ADDRESS:
        raise ValidationError(_("This email address is too long."), code="length")
    return address, address.lower()


def address_digest(normalized: str) -> str:
    """Keyed hash (HMAC-SHA-256, hex) of a normalised address: it outlives the address without revealing it."""
    key = settings.HERALD_TOKEN_KEYS[
        -1
    ].encode()  # the oldest key: digests must stay equal when keys are added in front
    return hmac.digest(key, b"suppression:" + normalized.encode(), "sha256").hex()


class EmailAddressQuerySet(models.QuerySet["EmailAddress"]):
    def for_text(self, text: str) -> "EmailAddress":
        """The one row of an address however it is spelt. Raises ValidationError."""
        address, normalized = parse_address(text)
        row, created = self.get_or_create(normalized=normalized, defaults={"address": address})
        if created and Suppression.objects.filter(digest=address_digest(normalized)).exists():
            row.mark_opted_out(str(_("Suppressed before the address was removed")))
        return row

    def mailable(self) -> "EmailAddressQuerySet":
        return self.filter(opted_out_at=None, invalid_at=None)


class EmailAddress(models.Model):
    """One mailbox. Two records may share it; the flags then apply to both."""

    address = models.CharField(_("Email Address"), max_length=MAX_ADDRESS)
    normalized = models.CharField(max_length=MAX_ADDRESS, unique=True)
    opted_out_at = models.DateTimeField(_("Opted Out"), null=True, blank=True)
    opted_out_why = models.CharField(max_length=255, blank=True)
    invalid_at = models.DateTimeField(_("Invalid"), null=True, blank=True)
    invalid_why = models.CharField(max_length=255, blank=True)

    objects = EmailAddressQuerySet.as_manager()

    class Meta:
        verbose_name = _("Email Address")
        verbose_name_plural = _("Email Addresses")
        indexes = [  # few of many: what the chips Opted Out and Invalid count
            models.Index(
                fields=["opted_out_at"], name="address_opted_out", condition=models.Q(opted_out_at__isnull=False)
            ),
            models.Index(fields=["invalid_at"], name="address_invalid", condition=models.Q(invalid_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.address

    def get_absolute_url(self) -> str:
        """Its page in Administration."""
        return reverse("crm:address_detail", args=[self.pk])

    def mark_opted_out(self, why: str) -> bool:
        """Set Opted Out; False when it was set already, whose time and reason then stay."""
        return self._mark("opted_out", why)

    def mark_invalid(self, why: str) -> bool:
        return self._mark("invalid", why)

    def clear_opted_out(self) -> bool:
        """A suppression goes too: else the opt-out would come back with the address when that is removed and added."""
        cleared = self._clear("opted_out")
        if cleared:
            Suppression.objects.filter(digest=address_digest(self.normalized)).delete()
        return cleared

    def clear_invalid(self) -> bool:
        return self._clear("invalid")

    def _mark(self, flag: str, why: str) -> bool:
        now = timezone.now()
        rows = EmailAddress.objects.filter(pk=self.pk, **{f"{flag}_at": None})
        changed = rows.update(**{f"{flag}_at": now, f"{flag}_why": str(why)[:255]})
        self.refresh_from_db()
        return bool(changed)

    def _clear(self, flag: str) -> bool:
        rows = EmailAddress.objects.filter(pk=self.pk).exclude(**{f"{flag}_at": None})
        changed = rows.update(**{f"{flag}_at": None, f"{flag}_why": ""})
        self.refresh_from_db()
        return bool(changed)

    @property
    def masked(self) -> str:
        """`ines@r•••.example`-like form for pages that a forwarded mail may show to a stranger."""
        local, _at, domain = self.address.rpartition("@")
        host, _dot, top = domain.rpartition(".")
        return f"{local[:1]}•••@{host[:1]}•••.{top}" if host else f"{local[:1]}•••@•••"

    def shared_by(self) -> "models.QuerySet[Record]":
        return self.records.all()


class Suppression(models.Model):
    """An address that must never get marketing mail again, kept as a keyed hash that survives erasure."""

    digest = models.CharField(max_length=64, unique=True)
    reason = models.CharField(max_length=255)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("Suppression")
        verbose_name_plural = _("Suppressions")

    def __str__(self) -> str:
        return self.digest[:12]
