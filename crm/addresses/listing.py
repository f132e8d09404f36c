"""The list of all email addresses."""

from collections.abc import Callable
from typing import Any

from django.db.models import Count, Exists, OuterRef, Prefetch, Q, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext as _

from crm.access import Request
from crm.entities.email_state import Flag
from crm.lists import BulkAction, Chip, Column, Filter, ListPage, Nothing
from crm.models import EmailAddress, Record

NAMED = 3  # records of an address that the list names
NONE, ONE, SEVERAL = "none", "one", "several"
LABELS: dict[Flag, tuple[str, Callable[[], str]]] = {
    Flag.OPT_OUT: ("user-off", lambda: _("Opt Out…")),
    Flag.CANCEL_OPT_OUT: ("user-check", lambda: _("Cancel Opt-Out…")),
    Flag.MARK_INVALID: ("mail-x", lambda: _("Mark as invalid…")),
    Flag.MARK_VALID: ("mail-check", lambda: _("Mark as valid…")),
}


def address_list(request: Request) -> ListPage[EmailAddress]:
    return ListPage(
        request,
        _rows(),
        label=_("Email Addresses"),
        columns=_columns(),
        search=lambda rows, text: rows.filter(normalized__icontains=text.lower()),
        search_hint=_("Part of an address"),
        chips=[
            Chip("all", _("All")),
            Chip("opted-out", _("Opted Out"), Q(opted_out_at__isnull=False)),
            Chip("invalid", _("Invalid"), Q(invalid_at__isnull=False)),
        ],
        filters=[
            Filter("records", _("Records"), _with_records, _record_choices),
            Filter("why", _("Why"), _with_reason),
        ],
        bulk=_bulk(),
        row_menu="administration/address_row_menu.html",
        export=reverse("crm:address_export"),
        kept_as="email-addresses",
        order="address",
        nothing=Nothing(
            _("No email addresses yet"),
            _("Every address that a record has or had stands here once, with its flags Opted Out and Invalid."),
            "at",
        ),
    )


def _rows() -> Any:
    records = Record.objects.filter(email_address=OuterRef("pk")).order_by().values("email_address")
    some = Record.objects.select_related("entity_type").order_by("pk")[:NAMED]
    return EmailAddress.objects.annotate(
        record_count=Coalesce(Subquery(records.annotate(number=Count("pk")).values("number")), 0)
    ).prefetch_related(Prefetch("records", some, to_attr="some_records"))


def _columns() -> list[Column]:
    since = Coalesce("opted_out_at", "invalid_at")
    return [
        Column("address", _("Email Address"), sort=("normalized",), is_link=True),
        Column("state", _("Status"), str, "administration/cell_address_state.html"),
        Column("since", _("Since"), lambda row: row.opted_out_at or row.invalid_at, "includes/cell_when.html", (since,),
               "nowrap muted"),
        Column("why", _("Why"), str, "administration/cell_address_why.html"),
        Column("records", _("Records"), str, "administration/cell_address_records.html", look="wide"),
    ]  # fmt: skip


def _record_choices() -> list[tuple[str, str]]:
    return [
        (NONE, _("None: no record has the address")),
        (ONE, _("One")),
        (SEVERAL, _("Several share the address")),
    ]


def _with_records(rows: Any, wanted: str) -> Any:
    has_one = Exists(Record.objects.filter(email_address=OuterRef("pk")))
    shared = Record.objects.exclude(email_address=None).order_by().values("email_address")
    several = Q(pk__in=shared.annotate(number=Count("pk")).filter(number__gt=1).values("email_address"))
    if wanted == NONE:
        return rows.filter(~has_one)
    return rows.filter(several) if wanted == SEVERAL else rows.filter(has_one).exclude(several)


def _with_reason(rows: Any, text: str) -> Any:
    return rows.filter(Q(opted_out_why__icontains=text) | Q(invalid_why__icontains=text))


def _bulk() -> list[BulkAction]:
    marks = [
        BulkAction(label(), reverse("crm:address_mark", args=[flag]), icon) for flag, (icon, label) in LABELS.items()
    ]
    export = BulkAction(_("Export…"), reverse("crm:address_export"), "download")
    remove = BulkAction(_("Remove…"), reverse("crm:address_remove"), "trash", is_dangerous=True)
    return [*marks, export, remove]
