"""The list of the records of a type."""

from collections.abc import Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from crm.access import Request
from crm.entities.columns import columns_of
from crm.entities.criteria import fields_of
from crm.entities.email_state import INVALID, LISTED, NO_ADDRESS, OPTED_OUT
from crm.entities.filters import filters_of
from crm.entities.finding import search_records
from crm.lists import BulkAction, Chip, ListPage, Nothing
from crm.models import EntityType, Record
from crm.navigation import record_bulk_actions


def record_list(
    request: Request, entity_type: EntityType, *, rows: Any = None, bulk: Sequence[BulkAction] | None = None
) -> ListPage[Record]:
    """The ListPage of a type, for its page and its bulk actions. `rows` narrows it, `bulk` gives it other actions."""
    return ListPage(
        request,
        (Record.objects.all() if rows is None else rows).of_type(entity_type).for_list(),
        columns=columns_of(entity_type),
        label=entity_type.plural,
        search=search_records,
        search_hint=_("Search %(things)s") % {"things": entity_type.plural.lower()},
        filters=filters_of(entity_type),
        criteria=lambda: fields_of(entity_type, request.user),
        kept_as=entity_type.slug,
        chips=[
            Chip("all", _("All")),
            Chip("listed", _("Listed"), LISTED),
            Chip("opted-out", _("Opted Out"), OPTED_OUT),
            Chip("invalid", _("Invalid"), INVALID),
            Chip("no-email", _("No email"), NO_ADDRESS),
        ],
        bulk=_bulk(request, entity_type) if bulk is None else bulk,
        row_menu="crm/record_row_menu.html",
        export=reverse("crm:records_export", args=[entity_type.slug]) if request.user.can_edit and bulk is None else "",
        order="name",
        nothing=_nothing(request, entity_type),
    )


def _bulk(request: Request, entity_type: EntityType) -> list[BulkAction]:
    if not request.user.can_edit:
        return []
    registered = [
        BulkAction(action.label, reverse(action.url_name, args=[entity_type.slug]), action.icon, action.is_dangerous)
        for action in record_bulk_actions()
    ]
    edit = BulkAction(_("Edit field…"), reverse("crm:records_edit", args=[entity_type.slug]), "edit")
    export = BulkAction(_("Export…"), reverse("crm:records_export", args=[entity_type.slug]), "download")
    if entity_type.key == "User":
        return [*registered, edit, export]
    remove = BulkAction(_("Remove"), reverse("crm:records_remove", args=[entity_type.slug]), "trash", is_dangerous=True)
    return [*registered, edit, export, remove]


def _nothing(request: Request, entity_type: EntityType) -> Nothing:
    may_add = request.user.can_edit and entity_type.key != "User"
    return Nothing(
        _("No %(things)s yet") % {"things": entity_type.plural.lower()},
        _("Everybody who is to get email is a record. Put records on target lists, and send to the lists."),
        entity_type.icon,
        reverse("crm:record_new", args=[entity_type.slug]) if may_add else "",
        _("Create %(thing)s") % {"thing": entity_type.singular},
    )
