"""Email addresses as a table for spreadsheets."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Count
from django.urls import reverse
from django.utils.translation import gettext as _

from crm.addresses.listing import address_list
from crm.addresses.why_words import why_in_words
from crm.exports import Column, Table, Value, register
from crm.lists.posted import request_again
from crm.models import Record, User

ADDRESSES = "email_addresses"


def address_columns() -> list[Column]:
    return [
        Column("address", _("Email Address"), ("address",)),
        Column("opted_out_at", _("Opted Out"), ("opted_out_at",)),
        Column("opted_out_why", _("Why opted out"), ("opted_out_why",), _whys),
        Column("invalid_at", _("Invalid"), ("invalid_at",)),
        Column("invalid_why", _("Why invalid"), ("invalid_why",)),
        Column("records", _("Records"), ("pk",), _numbers),
    ]


def _whys(values: Sequence[str]) -> Iterable[Value]:
    return [why_in_words(value) for value in values]


def _numbers(pks: Sequence[int]) -> Iterable[Value]:
    """How many records have each address."""
    rows = Record.objects.filter(email_address__in=pks).order_by().values_list("email_address")
    known = dict(rows.annotate(number=Count("pk")))
    return [known.get(pk, 0) for pk in pks]


def open_addresses(user: User, given: dict[str, Any]) -> Table:
    """{"selection": what the bulk bar posted}"""
    if not user.is_administrator:
        raise PermissionDenied
    rows = address_list(request_again(given["selection"], user)).chosen()
    back = reverse("crm:address_list")
    trail = [(_("Administration"), reverse("crm:administration"))]
    return Table(_("Email Addresses"), rows, address_columns(), "email_address.exported", back, trail=trail)


register(ADDRESSES, open_addresses)
