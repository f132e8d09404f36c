"""Lists about imports: those that there were, and the rows that one of them refused."""

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from crm.access import Request
from crm.criteria import Fields, keyed
from crm.lists import Chip, Column, ListPage, Nothing, asking
from crm.models import EntityType, Import, ImportStatus, RefusedRow


def import_list(request: Request) -> ListPage[Import]:
    number, moment = "includes/cell_number.html", "includes/cell_when.html"
    contacts, own = EntityType.objects.get(key="Contact"), Q(owner=request.user)
    return ListPage(
        request,
        Import.objects.exclude(~own, status=ImportStatus.DRAFT).select_related("entity_type", "owner"),
        label=_("Imports"),
        columns=[
            Column("file_name", _("File"), is_link=True, sort=("file_name",)),
            Column("type", _("Type"), value=lambda row: row.entity_type.plural, sort=("entity_type__position",)),
            Column("status", _("Status"), template="includes/cell_status.html", sort=("status",)),
            Column("created", _("Created"), template=number, sort=("created",), look="num"),
            Column("updated", _("Updated"), template=number, sort=("updated",), look="num"),
            Column("unchanged", _("Unchanged"), template=number, sort=("unchanged",), look="num", is_optional=True),
            Column("refused", _("Refused"), template=number, sort=("refused",), look="num"),
            Column("owner", _("User"), sort=("owner__username",), look="muted"),
            Column("created_at", _("Created At"), template=moment, sort=("pk",), look="muted"),
        ],
        search=lambda rows, text: rows.filter(file_name__icontains=text),
        search_hint=_("Search imports"),
        chips=[
            Chip("all", _("All")),
            Chip("mine", _("Only My"), own),
            Chip("refused", _("With refused rows"), Q(refused__gt=0)),
        ],
        criteria=_import_fields,
        kept_as="imports",
        order="-created_at",
        nothing=Nothing(
            _("No imports yet"),
            _("Bring your list along as CSV or Excel: Herald finds out which column is what, and shows it before."),
            "upload",
            reverse("crm:import_new", args=[contacts.slug]),
            _("Import %(things)s") % {"things": contacts.plural},
        ),
    )


def _import_fields() -> Fields:
    return keyed([
        asking.text("file_name", _("File")),
        asking.related("entity_type", _("Type"), "entity_type_id", _types),
        asking.choice("status", _("Status"), ImportStatus.choices),
        *(asking.number(name, label) for name, label in (
            ("created", _("Created")), ("updated", _("Updated")), ("unchanged", _("Unchanged")),
            ("refused", _("Refused")),
        )),
        asking.user("owner", _("User"), "owner_id"),
        asking.moment("created_at", _("Created At")),
    ])  # fmt: skip


def _types() -> list[tuple[str, str]]:
    return [(str(one.pk), str(one.plural)) for one in EntityType.objects.all()]


def refused_rows(request: Request, batch: Import) -> ListPage[RefusedRow]:
    return ListPage(
        request,
        RefusedRow.objects.filter(batch=batch),
        label=_("Refused rows"),
        name="refused",
        columns=[
            Column("number", _("Row"), sort=("number",), look="num"),
            Column("column", _("Column"), sort=("column",)),
            Column("reason", _("Reason"), sort=("reason",), look="wide"),
            Column("cells", _("Cells"), value=lambda row: " · ".join(filter(None, row.cells))[:160], look="muted wide"),
        ],
        search=lambda rows, text: rows.filter(Q(reason__icontains=text) | Q(column__icontains=text)),
        search_hint=_("Reason or column"),
        kept_as="refused-rows",
        order="number",
    )
